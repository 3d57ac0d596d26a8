"""Finding through a workspace: queue, browsing, facets, siblings, passes, batches, dashboard."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.demo import runs_dir
from corrigenda.errors import InvalidInput, NotFound, UnknownCandidate, UnknownCategory
from corrigenda.store import facets
from corrigenda.workbench import Workspace

RUN = "2026-11-20"


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": name,
        "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}],
        "model_response": "5",
        "model_name": "small",
        "task_type": "math",
        "task_name": "Sums",
        "quality_score": 0.0,
        "timestamp": "2026-11-20T10:00:00Z",
        **fields,
    }


def write(folder: Path, name: str, *records: dict[str, Any] | str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line if isinstance(line, str) else json.dumps(line) for line in records]
    (folder / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    run = tmp_path / "runs" / RUN
    write(
        run,
        "sft_candidates.jsonl",
        record("a"),
        record("b", model_name="large", model_response="<think>hm</think> 6", quality_score=0.3),
        record("c", model_name="other"),
        record("d", prompt_messages=[{"role": "user", "content": "Hi"}], task_type="chat"),
        record("e", prompt_messages=None, quality_score=None, failure_reason="x" * 500),
    )
    write(
        run,
        "sft_passes.jsonl",
        record("p", model_name="best", model_response="4", status="approved", quality_score=1),
        record("q", prompt_messages=[{"role": "user", "content": "No candidate"}]),
    )
    with Workspace.open(tmp_path / "w", database_url=database_url) as opened:
        opened.import_path(tmp_path / "runs")
        yield opened


def test_passes_come_with_their_run_and_are_never_counted(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert workspace.stats()["total"] == 5
    again = workspace.import_path(tmp_path / "runs")
    assert again.as_dict() == {"imported": 0, "skipped": 5}
    write(
        tmp_path / "runs" / "next",
        "sft_passes.jsonl",
        record("p", model_response="four"),
        record("new"),
        record("new"),
        "{",
        {"id": ""},
    )
    write(tmp_path / "runs" / "next", "sft_candidates.jsonl", record("f"))
    report = workspace.import_path(tmp_path / "runs" / "next")
    said = report.as_dict()
    assert (said["imported"], said["passes"], said["malformed"]) == (1, 2, 2)
    assert {Path(problem["file"]).name for problem in said["problems"]} == {"sft_passes.jsonl"}
    found = {item["id"] for item in workspace.siblings("a")["items"] if item["kind"] == "pass"}
    assert found == {"p", "next:p", "new"}
    assert all(finding.ok for finding in workspace.check())


def test_siblings(workspace: Workspace) -> None:
    workspace.submit("b", "correct", corrected_response="4", reviewer="kim")
    found = workspace.siblings("a")
    by_id = {item["id"]: item for item in found["items"]}
    assert list(by_id) == ["b", "c", "p"]
    assert by_id["b"]["status"] == "approved"
    assert by_id["b"]["corrected_response"] == "4"
    assert by_id["b"]["decided_by"] == "kim"
    assert by_id["b"]["reasoning"] == "hm"
    assert [by_id[name]["identical"] for name in "bcp"] == [False, True, False]
    assert by_id["p"]["kind"] == "pass"
    assert by_id["p"]["status"] is None
    assert by_id["p"]["model_response"] == "4"
    assert workspace.siblings("e") == {"prompt_key": None, "items": [], "ancestors": []}
    assert workspace.siblings("d")["items"] == []
    assert found["prompt_key"] == workspace.siblings("b")["prompt_key"]
    for unknown in ("p", "nobody", "\ud800"):
        with pytest.raises(UnknownCandidate):
            workspace.siblings(unknown)


def test_browsing(workspace: Workspace) -> None:
    workspace.submit("a", "discard", failure_category="scoring_artifact", tags=["z", "a"])
    first = workspace.browse(limit=2)
    assert (first.total, first.total_is_lower_bound) == (5, False)
    assert [row["id"] for row in first.items] == ["a", "b"]
    rest = workspace.browse(limit=5, cursor=first.cursor)
    assert [row["id"] for row in rest.items] == ["c", "d", "e"]
    assert rest.cursor is None
    [row] = workspace.browse(Selection(tags=("z",))).items
    assert row["tags"] == ["a", "z"]
    assert row["status"] == "discarded"
    assert row["decided_by"] == "local"
    assert row["benchmark_run_id"] == RUN
    assert row["task"] == "Sums"
    assert first.items[1]["excerpt"] == "6", "without the reasoning"
    assert len(rest.items[2]["failure_reason"]) == 200
    assert "p" not in [row["id"] for row in workspace.browse(limit=200).items]


def test_filters_and_orders_of_the_queue(workspace: Workspace) -> None:
    def queue(**asked: Any) -> str:
        return "".join(item["id"] for item in workspace.queue(**asked).items)

    assert queue() == "abcde"
    assert queue(order="lowest_score") == "acdbe"
    assert queue(order="most_failing") == "abcde"
    assert queue(selection=Selection(models=("large", "other"))) == "bc"
    assert queue(selection=Selection(tasks=("Sums",), task_types=("chat",))) == "d"
    assert queue(selection=Selection(score_min=0.3)) == "b"
    assert queue(selection=Selection(score_max=0.3)) == "abcd"
    assert queue(selection=Selection(text="what lar")) == "b"
    assert queue(selection=Selection(prompt_key=workspace.siblings("a")["prompt_key"])) == "abc"
    assert queue(selection=Selection(statuses=(Status.APPROVED,))) == "abcde", "always waiting"
    workspace.submit("b", "correct", corrected_response="7", reviewer="kim")
    assert queue(selection=Selection(models=("large",))) == ""
    browse = [row["id"] for row in workspace.browse(Selection(reviewers=("kim",))).items]
    assert browse == ["b"]
    held = [row["id"] for row in workspace.browse(Selection(held_back=True)).items]
    assert held == ["b"], "its reasoning led to another answer"


@pytest.mark.parametrize(
    "asked",
    [
        {"order": "newest"},
        {"order": "batch"},
        {"cursor": "17", "order": "lowest_score"},
        {"cursor": "garbage!"},
        {"limit": 0},
        {"selection": Selection(score_min=2)},
    ],
    ids=str,
)
def test_what_no_queue_has(workspace: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        workspace.queue(**asked)


def named(choices: list[dict[str, Any]]) -> dict[str, int]:
    return {choice["value"]: choice["n"] for choice in choices}


def test_facets(workspace: Workspace) -> None:
    workspace.submit("a", "discard", failure_category="wrong_answer", tags=["t"], reviewer="kim")
    found = workspace.facets()
    assert found["total"] == 5
    assert set(found) == {"total", "facets"}
    of = found["facets"]
    assert named(of["status"]) == {"needs_review": 4, "discarded": 1}
    assert [c["value"] for c in of["model"]] == ["small", "large", "other"]
    assert named(of["task_type"]) == {"math": 4, "chat": 1}
    assert named(of["run_id"]) == {RUN: 5}
    assert named(of["category"]) == {"none": 4, "wrong_answer": 1}
    assert named(of["tag"]) == {"t": 1}
    assert named(of["reviewer"]) == {"kim": 1}
    assert [bucket["n"] for bucket in of["score"]] == [3, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert of["score"][9]["to"] == 1.0
    chosen = workspace.facets(
        Selection(models=("small",), statuses=(Status.NEEDS_REVIEW,), score_max=0.5)
    )
    assert chosen["total"] == 1
    assert named(chosen["facets"]["model"]) == {"small": 1, "large": 1, "other": 1}
    assert named(chosen["facets"]["status"]) == {"needs_review": 1, "discarded": 1}
    assert sum(bucket["n"] for bucket in chosen["facets"]["score"]) == 1
    with pytest.raises(UnknownCategory):
        workspace.facets(Selection(include_categories=("typo",)))


def test_large_numbers_are_lower_bounds(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "LIMIT", 3)
    assert workspace.facets()["total"] == 5, "kept, so exact"
    found = workspace.facets(Selection(score_min=0, score_max=1))
    assert (found["total"], found["total_is_lower_bound"]) == (3, True)
    assert "model" in found["lower_bounds"]
    page = workspace.browse(Selection(score_max=1))
    assert (page.total, page.total_is_lower_bound, len(page.items)) == (4, True, 4)
    page = workspace.browse(Selection(task_types=("math",), models=("small",)))
    assert (page.total, page.total_is_lower_bound) == (2, False), "kept, so exact"
    assert not workspace.queue().total_is_lower_bound


def test_batches(workspace: Workspace) -> None:
    made = workspace.create_batch(" mine ", size=3, seed=7, stratify_by=["task_type"])
    assert made["name"] == "mine"
    assert (made["population"], made["size"], made["remaining"]) == (5, 3, 3)
    assert made["filter"] == {"status": ["needs_review"]}
    chosen = Selection(batch=made["id"])
    items = workspace.queue(selection=chosen).items
    assert len(items) == 3
    workspace.submit(items[0]["id"], "discard")
    [listed] = workspace.batches()
    assert (listed["reviewed"], listed["remaining"]) == (1, 2)
    assert workspace.queue(selection=chosen).total == 2
    for asked in (
        {"name": "mine", "size": 1},
        {"name": " ", "size": 1},
        {"name": "a\x00", "size": 1},
        {"name": "x", "size": 0},
        {"name": "x", "size": 1, "seed": -1},
        {"name": "x", "size": 1, "stratify_by": ["colour"]},
        {"name": "x", "size": 1, "selection": Selection(models=("nobody",))},
    ):
        with pytest.raises(InvalidInput):
            workspace.create_batch(**asked)  # type: ignore[arg-type]
    workspace.delete_batch(made["id"])
    assert workspace.batches() == []
    with pytest.raises(NotFound):
        workspace.delete_batch(made["id"])
    with pytest.raises(NotFound):
        workspace.dashboard(chosen)
    assert workspace.queue(selection=chosen).items == []


def test_the_dashboard_of_nothing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "empty") as workspace:
        found = workspace.dashboard()
    assert (found["total"], found["basis"], found["sample"]) == (0, "not_random", None)
    assert found["by_model"] == found["over_time"] == []


def test_the_dashboard(workspace: Workspace) -> None:
    workspace.submit("a", "discard", failure_category="scoring_artifact")
    workspace.submit("b", "correct", corrected_response="4")
    workspace.submit("c", "flag", failure_category="wrong_answer")
    found = workspace.dashboard()
    assert (found["total"], found["reviewed"], found["remaining"]) == (5, 3, 2)
    assert found["by_status"]["model_rejected"] == 1
    assert (found["export_ready"], found["held_back"]) == (0, 1)
    models = {row["value"]: row for row in found["by_model"]}
    assert models["small"]["total"] == 3
    assert models["small"]["counts"] == {"scoring_artifact": 1}
    assert models["large"]["counts"] == {"none": 1}
    assert [row["value"] for row in found["by_task_type"]] == ["math", "chat"]
    assert found["by_run"][0]["timestamp"] == "2026-11-20T10:00:00Z"
    [task] = found["artifacts_by_task"]
    assert (task["value"], task["artifacts"], task["reviewed"]) == ("Sums", 1, 3)
    assert 0 < task["low"] < task["share"] < task["high"] < 1
    assert found["flagged_by_model"][0]["value"] == "other"
    assert sum(sum(hour["counts"].values()) for hour in found["over_time"]) == 3
    assert found["over_time"][0]["hour"].endswith(":00:00Z")
    assert (found["basis"], found["drawn_at_random"], found["sample"]) == (
        "not_random",
        False,
        None,
    )
    only = workspace.dashboard(Selection(models=("large",)))
    assert (only["total"], only["basis"]) == (1, "all")


def test_what_a_sample_says(workspace: Workspace) -> None:
    batch = workspace.create_batch("s", size=4, seed=1)
    chosen = Selection(batch=batch["id"])
    assert workspace.dashboard(chosen)["sample"]["estimates"] == []
    items = workspace.queue(selection=chosen).items
    workspace.submit(items[1]["id"], "discard", failure_category="wrong_answer")
    assert workspace.dashboard(chosen)["basis"] == "not_random", "the first was passed over"
    workspace.submit(items[0]["id"], "discard")
    found = workspace.dashboard(chosen)
    assert (found["basis"], found["drawn_at_random"]) == ("random", True)
    sample = found["sample"]
    assert (sample["population"], sample["size"], sample["reviewed"]) == (5, 4, 2)
    shares = {each["category"]: each for each in sample["estimates"]}
    assert shares["wrong_answer"]["share"] == shares["none"]["share"] == 0.5
    assert shares["wrong_answer"]["expected"] == 2
    assert shares["wrong_answer"]["low"] < 0.5 < shares["wrong_answer"]["high"]
    assert list(shares)[:-1] == found["categories"]
    narrowed = workspace.dashboard(Selection(batch=batch["id"], models=("small",)))
    assert narrowed["sample"] is None


def test_the_demonstration_has_passing_siblings(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as workspace:
        report = workspace.import_path(runs_dir())
        assert report.passes >= 8
        found = workspace.siblings("demo-math-001-qwen")["items"]
        assert {item["kind"] for item in found} == {"candidate", "pass"}
        assert all(finding.ok for finding in workspace.check() if finding.check != "disk")
