"""Curated exports over HTTP: previews, snapshots, downloads, comparisons."""

import csv
import io
import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.desk import HOSTILE, Desk, record, refused

CATEGORIES = [None, "wrong_answer", "scoring_artifact"]


@pytest.fixture
def filled(any_desk: Desk) -> Desk:
    any_desk.fill(
        *(
            record(
                f"c{n}",
                prompt_messages=[{"role": "user", "content": f"What is {n // 2} + {n // 2}?"}],
                failure_category=CATEGORIES[n % 3],
                model_name=["small", "large"][n % 2],
                status="approved",
                corrected_response=f"{n // 2 * 2}",
            )
            for n in range(12)
        ),
        record("open"),
    )
    return any_desk


def made(desk: Desk, name: str = "rc-1", **recipe: Any) -> dict[str, Any]:
    """The finished job of an export that had to succeed."""
    asked = {"format": "prompt_completion", **recipe}
    response = desk.post("exports", {"name": name, "recipe": asked}, **{"x-reviewer": "kim"})
    assert response.status_code == 202, response.text
    job: dict[str, Any] = response.json()
    deadline = time.monotonic() + 60
    while job["finished_at"] is None:
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
        job = desk.get(f"jobs/{job['id']}").json()
    assert job["state"] == "done", job
    return job


def test_the_formats(desk: Desk) -> None:
    found = desk.get("exports/formats").json()
    names = {form["name"] for form in found["items"]}
    assert {"messages", "prompt_completion", "preference", "kto", "candidates", "csv"} <= names
    assert found["start"]["filter"] == {"exclude_category": ["scoring_artifact"]}
    assert (found["tokenizer"], found["max_length"]) == (None, None)
    path = desk.workspace.config_dir / "label_tool.yaml"
    path.write_text("sft: {tokenizer: org/small, max_length: 512}", encoding="utf-8")
    found = desk.get("exports/formats").json()
    assert (found["tokenizer"], found["max_length"]) == ("small", 512)


def test_a_preview_and_the_export_agree(filled: Desk) -> None:
    recipe: dict[str, Any] = {
        "format": "prompt_completion",
        "deduplicate": True,
        "splits": [0.5, 0.25, 0.25],
    }
    seen = filled.post("exports/preview", {"recipe": recipe}).json()
    assert (seen["examined"], seen["total"], seen["complete"]) == (12, 12, True)
    assert [(each["reason"], each["n"]) for each in seen["left_out"]] == [("duplicate", 6)]
    assert seen["left_out"][0]["examples"][0]["id"] == "c1"
    job = made(filled, **recipe)
    result = job["result"]
    assert (job["kind"], job["unit"], job["done"], job["total"]) == ("export", "candidates", 12, 12)
    assert job["params"]["name"] == result["name"] == "rc-1"
    assert result["rows"] == sum(seen["counts"]["split"].values()) == 6
    assert result["stages"] == seen["stages"]
    assert result["left_out"] == {"duplicate": 6}
    parts = seen["examples"][0]["parts"]
    assert [part["role"] for part in parts if part["trained"]] == ["assistant"]


def test_a_preview_looks_at_the_first_ones(filled: Desk) -> None:
    recipe = {"filter": {"model": ["small"]}}
    seen = filled.post("exports/preview", {"recipe": recipe, "limit": 4}).json()
    assert (seen["examined"], seen["total"], seen["complete"]) == (4, 6, False)


BAD_RECIPES: dict[str, tuple[Any, str]] = {
    "an unknown key": ({"colour": 1}, "invalid_request"),
    "an unknown filter": ({"filter": {"colour": ["red"]}}, "invalid_request"),
    "an unknown format": ({"format": "xml"}, "unknown_format"),
    "an unknown category": ({"filter": {"category": ["nonsense"]}}, "unknown_category"),
    "shares without a sum": ({"splits": [0.5, 0.1, 0.1]}, "invalid_request"),
    "two shares": ({"splits": [0.5, 0.5]}, "invalid_request"),
    "a cap of nothing": ({"caps": {"category": 0}}, "invalid_request"),
    "a share of everything": ({"replay": 1}, "invalid_request"),
    "no similarity": ({"near_duplicates": 0.1}, "invalid_request"),
    "a number of another size": ({"seed": 2**60}, "invalid_request"),
    "no recipe": (None, "invalid_request"),
    "a text": ("kto", "invalid_request"),
}


@pytest.mark.parametrize(("recipe", "code"), BAD_RECIPES.values(), ids=BAD_RECIPES.keys())
def test_a_recipe_that_cannot_be_used(desk: Desk, recipe: Any, code: str) -> None:
    refused(desk.post("exports/preview", {"recipe": recipe}), 422, code)
    refused(desk.post("exports", {"name": "rc-1", "recipe": recipe}), 422, code)
    assert desk.get("exports").json() == {"items": []}
    assert desk.get("jobs").json() == {"items": []}


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", ".a", "a b", "x" * 101, "\x00", "a\n"])
def test_a_name_that_cannot_be_one(desk: Desk, name: str) -> None:
    body = {"name": name, "recipe": {"format": "messages"}}
    refused(desk.post("exports", body), 422, "invalid_request")
    assert not (desk.workspace.directory / "exports").exists()


def test_a_snapshot(filled: Desk) -> None:
    made(filled, "rc-1")
    made(filled, "rc-2", format="kto")
    items = filled.get("exports").json()["items"]
    assert [(each["name"], each["format"], each["created_by"]) for each in items] == [
        ("rc-2", "kto", "kim"),
        ("rc-1", "prompt_completion", "kim"),
    ]
    found = filled.get("exports/rc-1").json()
    assert found["manifest"]["counts"]["model"] == {"large": 6, "small": 6}
    assert found["manifest"]["recipe"] == {"format": "prompt_completion"}
    for file in found["files"]:
        response = filled.get(f"exports/rc-1/files/{file['name']}")
        assert response.status_code == 200
        assert len(response.content) == file["bytes"]
        said = f'attachment; filename="rc-1-{file["name"]}"'
        assert response.headers["content-disposition"] == said
        assert response.headers["x-content-type-options"] == "nosniff"
    rows = filled.get("exports/rc-1/files/data.jsonl").text.splitlines()
    assert [json.loads(row) for row in rows] == filled.export(format="prompt_completion")


def test_a_name_that_is_taken(filled: Desk) -> None:
    made(filled)
    body = {"name": "rc-1", "recipe": {"format": "kto"}}
    problem = refused(filled.post("exports", body), 409, "export_exists")
    assert problem["name"] == "rc-1"
    assert [each["format"] for each in filled.get("exports").json()["items"]] == [
        "prompt_completion"
    ]


@pytest.mark.parametrize("path", ["", "/changes", "/files/data.jsonl"])
@pytest.mark.parametrize(
    "name", ["nothing", "..", "%2e%2e", "..%2f..%2fetc", "a%00b", "%ff", "a b"]
)
def test_no_such_snapshot(desk: Desk, name: str, path: str) -> None:
    response = desk.client.get(f"/api/sft/exports/{name}{path}")
    assert response.status_code in (404, 422)
    assert "root:" not in response.text


@pytest.mark.parametrize(
    "file", ["nothing", "..%2frc-1%2fdata.jsonl", "%2e%2e", "%2fetc%2fpasswd", "a%00b", "%ff"]
)
def test_no_such_file(filled: Desk, file: str) -> None:
    made(filled)
    (filled.workspace.directory / "exports/rc-1/link").symlink_to("/etc/passwd")
    for asked in (file, "link"):
        response = filled.client.get(f"/api/sft/exports/rc-1/files/{asked}")
        assert response.status_code == 404, response.text
        assert "root:" not in response.text


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_are_refused(desk: Desk, value: str) -> None:
    for path in (f"exports/{value or '%20'}", f"exports/diff?a={value}&b={value}"):
        response = desk.client.get(f"/api/sft/{path}")
        assert response.status_code in (404, 422), response.text


def test_what_has_changed_since(filled: Desk) -> None:
    made(filled)
    nothing = {"same": 12, "changed": [], "changed_n": 0, "new_n": 0}
    assert filled.get("exports/rc-1/changes").json() == nothing
    filled.submit("c1", "amend", corrected_response="another")
    filled.undo("c2")
    filled.correct("open")
    found = filled.get("exports/rc-1/changes").json()
    assert (found["same"], found["changed_n"], found["new_n"]) == (10, 2, 1)
    assert [(each["id"], each["was"], each["now"]) for each in found["changed"]] == [
        ("c1", 1, 2),
        ("c2", 1, 2),
    ]
    made(filled, "rc-2", seed=7)
    diff = filled.get("exports/diff", a="rc-1", b="rc-2").json()
    assert diff == {
        "same": 10,
        "changed": 1,
        "only_a": 1,
        "only_b": 1,
        "recipe": [{"key": "seed", "a": None, "b": 7}],
        "examples": {"changed": ["c1"], "only_a": ["c2"], "only_b": ["open"]},
    }


def test_a_comparison_takes_names_and_no_paths(filled: Desk) -> None:
    made(filled)
    folder = filled.workspace.directory / "exports/rc-1"
    for other in (str(folder), str(folder / "manifest.json"), "nothing", "../exports/rc-1"):
        refused(filled.get("exports/diff", a="rc-1", b=other), 404, "unknown_export")
    refused(filled.client.get("/api/sft/exports/diff?a=rc-1"), 422, "invalid_request")


def test_a_cancelled_export_leaves_nothing(filled: Desk) -> None:
    response = filled.post("exports", {"name": "rc-1", "recipe": {"format": "kto"}})
    job = filled.post(f"jobs/{response.json()['id']}/cancel").json()
    deadline = time.monotonic() + 60
    while job["finished_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        job = filled.get(f"jobs/{job['id']}").json()
    names = [each["name"] for each in filled.get("exports").json()["items"]]
    assert names == (["rc-1"] if job["state"] == "done" else [])
    place = filled.workspace.directory / "exports"
    assert not place.exists() or sorted(path.name for path in place.iterdir()) == names


# ---- the bare export


@pytest.mark.parametrize(
    ("params", "n"),
    [
        ({"category": "wrong_answer"}, 4),
        ({"category": "wrong_answer", "include_category": "none"}, 8),
        ({"tag": "unclear"}, 0),
        ({"reviewer": "import"}, 12),
        ({"score_min": 0.3}, 0),
        ({"score_max": 0.3}, 12),
        ({"q": "what is 1"}, 2),
        ({"decided_until": "2000-01-01"}, 0),
        ({"decided_from": "2000-01-01"}, 12),
        ({"status": "approved"}, 12),
        ({"held_back": "true"}, 0),
        ({"task": "none"}, 0),
    ],
    ids=str,
)
def test_every_filter_of_the_bare_export(filled: Desk, params: dict[str, Any], n: int) -> None:
    assert len(filled.export(**params)) == n


def test_a_table_is_sent_as_csv(filled: Desk) -> None:
    response = filled.get("export", format="csv")
    assert response.headers["content-type"].startswith("text/csv")
    said = 'attachment; filename="corrigenda-csv.csv"'
    assert response.headers["content-disposition"] == said
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["id"] for row in rows] == [*(f"c{n}" for n in range(12)), "open"]


@pytest.mark.parametrize("form", ["alpaca", "kto", "openai", "preference", "sharegpt"])
def test_the_bare_export_in_another_format(filled: Desk, form: str) -> None:
    response = filled.get("export", format=form)
    assert quote(form) in response.headers["content-disposition"]
    assert len(response.text.splitlines()) >= 1
