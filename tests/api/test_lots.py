"""Bulk decisions over HTTP: preview, do, undo, list; a large one is a job."""

import time
from typing import Any

import pytest

from corrigenda.workbench import lots
from tests.api.desk import Desk, record, refused

JOB = {
    *("id", "kind", "state", "params", "done", "total", "unit", "result", "error"),
    *("attempts", "created_at", "started_at", "finished_at"),
}


def start(desk: Desk, status: int = 200, **body: Any) -> dict[str, Any]:
    response = desk.post("lots", body)
    assert response.status_code == status, response.text
    found: dict[str, Any] = response.json()
    assert found.keys() == JOB
    return found


def over(desk: Desk, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while job["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
        job = desk.get(f"jobs/{job['id']}").json()
    return job


def test_a_lot_from_preview_to_undo(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(8)), record("x", model_name="other"))
    any_desk.submit("c3", "flag", reviewer="lee")
    asked = {
        "action": "discard",
        "filter": {"model": ["small"]},
        "failure_category": "style_violation",
    }
    seen = any_desk.post("lots/preview", asked).json()
    assert (seen["total"], seen["touched"]) == (8, 7)
    assert seen["skipped"] == [{"reason": "already decided", "n": 1}]
    assert [row["id"] for row in seen["sample"]] == ["c0", "c1", "c2", "c4", "c5"]
    assert any_desk.get("stats").json()["by_status"]["discarded"] == 0, "a preview changes nothing"

    sent = {**asked, "lot_id": "L1", "expected": 7, "note": "n", "tags": ["t"]}
    response = any_desk.post("lots", sent, **{"X-Reviewer": "kim"})
    job = response.json()
    assert response.status_code == 200
    assert (job["kind"], job["state"], job["unit"]) == ("lot", "done", "candidates")
    assert job["params"]["lot_id"] == "L1"
    assert job["result"] == {"touched": 7, "skipped": [{"reason": "already decided", "n": 1}]}
    assert (job["done"], job["total"]) == (7, 7)
    (entry,) = any_desk.history("c0")
    assert (entry["lot"], entry["reviewer"], entry["note"], entry["tags"]) == (
        "L1",
        "kim",
        "n",
        ["t"],
    )
    assert any_desk.now("c7")["failure_category"] == "style_violation"
    assert any_desk.post("lots", sent, **{"X-Reviewer": "kim"}).json()["id"] == job["id"]
    other = {**sent, "action": "flag"}
    refused(any_desk.post("lots", other, **{"X-Reviewer": "kim"}), 409, "lot_id_reused")

    any_desk.undo("c5")
    undone = any_desk.post("lots/L1/undo").json()
    assert (undone["kind"], undone["state"]) == ("lot_undo", "done")
    assert undone["result"] == {"touched": 6, "skipped": [{"reason": "decided since", "n": 1}]}
    assert any_desk.get("queue").json()["total"] == 8
    assert any_desk.now("c0") == record("c0")
    (listed,) = any_desk.get("lots").json()["items"]
    assert listed.pop("created_at") <= listed.pop("undone_at")
    assert listed == {"id": "L1", "action": "discard", "n": 7, "reviewer": "kim"}


def test_each_keeps_its_own_category_unless_one_is_given(any_desk: Desk) -> None:
    any_desk.fill(record("a", failure_category="format_error"), record("b"))
    start(any_desk, action="flag", ids=["a", "b"])
    assert [any_desk.now(n)["failure_category"] for n in "ab"] == ["format_error", None]
    start(any_desk, action="categorise", ids=["a", "b"], failure_category="wrong_answer")
    assert [any_desk.now(n)["failure_category"] for n in "ab"] == ["wrong_answer"] * 2
    start(any_desk, action="categorise", ids=["a"], failure_category=None)
    assert any_desk.now("a")["failure_category"] is None
    assert any_desk.now("a")["status"] == "model_rejected"
    start(any_desk, action="undo", ids=["a", "b"])
    assert any_desk.ids("queue") == ["a", "b"]


def test_one_text_or_each_its_reference(any_desk: Desk) -> None:
    any_desk.fill(
        record("a", reference_answer="four"),
        record("b", reference_answer=4),
        record("c"),
        record("d", model_response="<think>2</think> 5"),
    )
    job = start(any_desk, action="correct", ids=["a", "b", "c", "nobody"], from_reference=True)
    assert job["result"]["touched"] == 2
    assert {each["reason"]: each["n"] for each in job["result"]["skipped"]} == {
        "not found": 1,
        "no reference": 1,
    }
    parts = {"reasoning": "rewrite", "reasoning_text": "Two and two."}
    start(any_desk, action="correct", ids=["d"], corrected_response="4", corrected_parts=parts)
    texts = {name: any_desk.now(name)["corrected_response"] for name in "abcd"}
    assert texts == {"a": "four", "b": "4", "c": None, "d": "4"}
    assert any_desk.now("d")["corrected_parts"] == parts
    assert len(any_desk.export()) == 3


def test_a_lot_that_would_touch_others_than_expected(any_desk: Desk) -> None:
    any_desk.fill(record("a"), record("b"))
    sent = {"action": "flag", "filter": {}, "expected": 1}
    problem = refused(any_desk.post("lots", sent), 409, "lot_changed")
    assert (problem["expected"], problem["touched"]) == (1, 2)
    assert any_desk.get("queue").json()["total"] == 2
    assert any_desk.get("lots").json() == {"items": []}


def test_a_large_lot_is_a_job(any_desk: Desk) -> None:
    n = lots.CHUNK * 2 + 1
    any_desk.fill(*(record(f"c{i}") for i in range(n)))
    job = start(any_desk, 202, action="discard", filter={"q": "what"})
    done = over(any_desk, job)
    assert (done["state"], done["result"]) == ("done", {"touched": n, "skipped": []})
    assert (done["done"], done["total"]) == (n, n)
    response = any_desk.post(f"lots/{job['params']['lot_id']}/undo")
    assert response.status_code == 202
    assert over(any_desk, response.json())["result"] == {"touched": n, "skipped": []}
    assert any_desk.get("queue").json()["total"] == n


def test_a_lot_of_nothing(any_desk: Desk) -> None:
    job = start(any_desk, action="discard", ids=[])
    assert job["result"] == {"touched": 0, "skipped": []}
    seen = any_desk.post("lots/preview", {"action": "discard", "filter": {}}).json()
    assert seen == {"total": 0, "touched": 0, "skipped": [], "sample": []}


BAD: list[tuple[dict[str, Any], str, str | None]] = [
    ({}, "invalid_request", "action"),
    ({"action": "amend", "ids": []}, "invalid_request", "action"),
    ({"action": "flag"}, "invalid_request", "ids"),
    ({"action": "flag", "ids": [], "filter": {}}, "invalid_request", "ids"),
    ({"action": "flag", "ids": ["x"] * 1001}, "invalid_request", "ids"),
    ({"action": "flag", "ids": "a"}, "invalid_request", "ids"),
    ({"action": "flag", "filter": {"colour": []}}, "invalid_request", "filter.colour"),
    ({"action": "flag", "filter": {"status": ["x"]}}, "invalid_request", "filter.status.0"),
    ({"action": "flag", "filter": {"batch": 10**30}}, "invalid_request", "filter.batch"),
    ({"action": "flag", "filter": {"score_min": "NaN"}}, "invalid_request", "filter.score_min"),
    ({"action": "flag", "filter": {"category": ["x"]}}, "unknown_category", None),
    ({"action": "flag", "ids": [], "lot_id": "../x"}, "invalid_request", None),
    ({"action": "flag", "ids": [], "lot_id": "x" * 33}, "invalid_request", "lot_id"),
    ({"action": "flag", "ids": [], "tags": ["\x00"]}, "invalid_request", None),
    ({"action": "flag", "ids": [], "failure_category": "\ud800"}, "unknown_category", None),
    ({"action": "flag", "ids": [], "corrected_response": "4"}, "invalid_request", None),
    ({"action": "flag", "ids": [], "expected": -1}, "invalid_request", "expected"),
    ({"action": "correct", "ids": []}, "blank_correction", None),
    ({"action": "categorise", "ids": []}, "invalid_request", None),
]


@pytest.mark.parametrize(("body", "code", "field"), BAD, ids=lambda value: ascii(value)[:50])
def test_a_lot_that_cannot_be(
    desk: Desk, body: dict[str, Any], code: str, field: str | None
) -> None:
    problem = refused(desk.post("lots", body), 422, code)
    if field is not None:
        assert field in [item["field"] for item in problem["errors"]]
    assert desk.get("lots").json() == {"items": []}
    assert desk.get("jobs").json() == {"items": []}


HOSTILE = ["\x00", "\ud800", "x" * 10_000, "' OR 1=1; --", "<img src=x onerror=alert(1)>", ""]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:14])
def test_any_text_in_a_lot(any_desk: Desk, text: str) -> None:
    any_desk.fill(record("a"))
    names = ("model", "task_type", "task", "run_id", "tag", "reviewer")
    for name in names:
        seen = any_desk.post("lots/preview", {"action": "flag", "filter": {name: [text]}})
        assert seen.json()["total"] == 0, name
    asked = {"action": "flag", "filter": {"q": text}}
    assert any_desk.post("lots/preview", asked).status_code == (422 if text == "\ud800" else 200)
    seen = any_desk.post("lots/preview", {"action": "flag", "ids": [text]}).json()
    assert seen["skipped"] == [{"reason": "not found", "n": 1}]
    job = start(any_desk, action="correct", ids=["a"], corrected_response="4" + text, note=text)
    assert job["result"]["touched"] == 1
    assert any_desk.now("a")["corrected_response"] == "4" + text


@pytest.mark.parametrize(
    "lot_id", ["nobody", "%00", "x" * 1000, "🦉", "..%5C"], ids=lambda i: i[:9]
)
def test_a_lot_that_nobody_made(any_desk: Desk, lot_id: str) -> None:
    refused(any_desk.post(f"lots/{lot_id}/undo"), 404, "unknown_lot")
