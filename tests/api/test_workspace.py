"""The workspace over HTTP: counts, categories, and which folder the runs come from."""

from pathlib import Path
from typing import Any

import pytest

from corrigenda import __version__
from tests.api.desk import Desk, record, refused


def test_the_counts_of_nothing(any_desk: Desk) -> None:
    assert any_desk.get("stats").json() == {
        "total": 0,
        "by_status": {"needs_review": 0, "approved": 0, "discarded": 0, "model_rejected": 0},
        "by_model": {},
        "by_task_type": {},
        "by_failure_category": {},
        "export_ready": 0,
    }


def test_counts(any_desk: Desk) -> None:
    wrong = {"failure_category": "wrong_answer"}
    any_desk.fill(
        record("a", status="approved", corrected_response="4", **wrong),
        record("b", status="approved", model_name=None),
        record("c", status="discarded", task_type="code"),
        record("d", status="model_rejected", model_name=None, model_id=None, task_type=""),
        record("e", **wrong),
    )
    any_desk.correct("e", failure_category="hallucination")
    assert any_desk.get("stats").json() == {
        "total": 5,
        "by_status": {"needs_review": 0, "approved": 3, "discarded": 1, "model_rejected": 1},
        "by_model": {"org/small": 1, "small": 3},
        "by_task_type": {"code": 1, "math": 3},
        "by_failure_category": {"hallucination": 1, "wrong_answer": 1},
        "export_ready": 2,
    }
    any_desk.undo("e")
    found = any_desk.get("stats").json()
    assert found["by_failure_category"] == {"wrong_answer": 1}
    assert found["export_ready"] == 1


def test_the_categories(desk: Desk) -> None:
    found = desk.get("taxonomy").json()["categories"]
    assert [category["name"] for category in found][:2] == ["scoring_artifact", "style_violation"]
    assert len(found) == 6
    for category in found:
        known = {"name", "label", "definition", "example", "color", "key", "built_in"}
        assert category.keys() == known
        assert category["built_in"] is True


def test_the_server_is_up(desk: Desk) -> None:
    response = desk.client.get("/healthz")
    assert response.json() == {"status": "ok", "version": __version__}


def test_which_workspace_this_is(any_desk: Desk) -> None:
    found = any_desk.get("workspace").json()
    assert found == any_desk.get("workspace").json(), "it keeps its id"
    assert len(found.pop("id")) == 32
    mirrored = any_desk.workspace.mirror is not None
    name = "workspace" if mirrored else any_desk.workspace.database.url.database
    assert found == {
        "name": name,
        "version": __version__,
        "database": "sqlite" if mirrored else "postgresql",
        "guidelines_version": 0,
        "passes": 0,
        "mirrored": mirrored,
        "problems": [],
    }


def test_what_is_wrong_in_the_files_is_told(desk: Desk) -> None:
    desk.fill(record("a"))
    desk.workspace.sync(force=True)
    with (desk.workspace.directory / "sft_candidates.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    (problem,) = desk.get("workspace").json()["problems"]
    assert (problem["file"], problem["line"]) == ("sft_candidates.jsonl", 2)
    assert desk.get("stats").json()["total"] == 1


# ---- configuration


def test_nothing_configured(desk: Desk) -> None:
    home = str(desk.workspace.directory)
    assert desk.get("config").json() == {
        "bench_results_dir": None,
        "roots": [home, str(desk.runs.parent)],
    }


def test_choosing_a_folder(any_desk: Desk) -> None:
    path = any_desk.workspace.config_dir / "label_tool.yaml"
    path.write_text("# mine\nmodel: qwen  # ours\nsft:\n  other: 1  # kept\n", encoding="utf-8")
    any_desk.run("r", [record("a")])
    response = any_desk.post("config", {"bench_results_dir": "../runs"})
    assert response.json() == any_desk.get("config").json()
    assert response.json()["bench_results_dir"] == str(any_desk.runs)
    assert [run["run_id"] for run in any_desk.get("runs").json()] == ["r"]
    kept = "# mine\nmodel: qwen  # ours\nsft:\n  other: 1  # kept\n  bench_results_dir: ../runs\n"
    assert path.read_text("utf-8") == kept


def places(desk: Desk) -> dict[str, str]:
    root = desk.runs.parent
    outside = root.parent / f"{root.name}-outside"
    outside.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file").touch()
    return {
        "outside": str(outside),
        "a link out": str(root / "link"),
        "up": "../..",
        "the root directory": "/",
        "etc": "/etc",
        "missing": "missing",
        "a file": "../file",
        "U+0000": "runs\x00",
        "a lone surrogate": "\ud800",
        "too long a name": "x" * 300,
        "nobody's home": "~no-such-user",
    }


CASES = ["outside", "a link out", "up", "the root directory", "etc", "missing", "a file"]
CASES += ["U+0000", "a lone surrogate", "too long a name", "nobody's home"]


@pytest.mark.parametrize("case", CASES)
def test_what_may_not_be_chosen(desk: Desk, case: str) -> None:
    desk.configure()
    before = (desk.workspace.config_dir / "label_tool.yaml").read_bytes()
    chosen = places(desk)[case]
    refused(desk.post("config", {"bench_results_dir": chosen}), 422, "invalid_request")
    assert (desk.workspace.config_dir / "label_tool.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "body",
    [{}, {"bench_results_dir": ""}, {"bench_results_dir": None}, {"bench_results_dir": "x" * 4097}],
    ids=lambda body: str(body)[:30],
)
def test_a_bad_request_to_choose(desk: Desk, body: dict[str, Any]) -> None:
    problem = refused(desk.post("config", body), 422, "invalid_request")
    assert [item["field"] for item in problem["errors"]] == ["bench_results_dir"]


def test_a_broken_configuration_is_said_and_kept(desk: Desk) -> None:
    path: Path = desk.workspace.config_dir / "label_tool.yaml"
    path.write_text("sft: [", encoding="utf-8")
    refused(desk.get("config"), 422, "config_error")
    refused(desk.post("config", {"bench_results_dir": "../runs"}), 422, "config_error")
    assert path.read_text("utf-8") == "sft: ["
