"""Bulk decisions: what they touch and leave, and that one undo leads back to where it all was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.decisions import Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import (
    BlankCorrection,
    CorrigendaError,
    InvalidInput,
    LotChanged,
    LotIdReused,
    UnknownCategory,
    UnknownLot,
)
from corrigenda.jobs import runner_of
from corrigenda.store import Job, JobState
from corrigenda.workbench import Workspace, lots
from corrigenda.workbench.lots import LotRequest
from tests.workbench.desk import assert_counts, fill, opened, record, state, tags

WAITING = Selection(statuses=(Status.NEEDS_REVIEW,))
DISCARD = LotRequest("discard", selection=WAITING)


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def run(workspace: Workspace, request: LotRequest, **more: Any) -> Job:
    job = runner_of(workspace).start_lot(request, reviewer="kim", **more)
    assert job.state.finished, job
    return job


def undo(workspace: Workspace, lot_id: str) -> Job:
    job = runner_of(workspace).start_lot_undo(lot_id, reviewer="lee")
    params = {"lot_id": lot_id, "reviewer": "lee"}
    assert (job.kind, job.unit, job.params) == ("lot_undo", "candidates", params)
    assert job.state is JobState.DONE, job
    return job


def result(touched: int, **skipped: int) -> dict[str, Any]:
    reasons = [{"reason": name.replace("_", " "), "n": n} for name, n in skipped.items()]
    return {"touched": touched, "skipped": reasons}


def mixed(workspace: Workspace) -> None:
    """Two that wait (one with a category from its run), and one in each other status."""
    fill(
        workspace,
        record("new", reference_answer="4"),
        record("sorted", failure_category="format_error", reference_answer=4),
        record("approved", reference_answer="4"),
        record("discarded"),
        record("flagged"),
    )
    workspace.submit(
        "approved",
        "correct",
        corrected_response="4",
        corrected_parts={"reasoning": "drop"},
        failure_category="wrong_answer",
        tags=["unit"],
        reviewer="kim",
    )
    workspace.submit("discarded", "discard", failure_category="scoring_artifact", reviewer="kim")
    workspace.submit("flagged", "flag", reviewer="kim")


IDS = ("new", "sorted", "approved", "discarded", "flagged")
Standings = dict[str, tuple[Any, ...]]
EVERY: dict[str, tuple[LotRequest, dict[str, Any], Standings]] = {
    "correct": (
        LotRequest("correct", selection=EVERYTHING, corrected_response="4"),
        result(2, already_decided=3),
        {"new": ("approved", "4", None), "sorted": ("approved", "4", "format_error")},
    ),
    "correct from the reference": (
        LotRequest("correct", ids=("new", "sorted", "flagged"), from_reference=True),
        result(2, already_decided=1),
        {"new": ("approved", "4", None), "sorted": ("approved", "4", "format_error")},
    ),
    "discard": (
        LotRequest(
            "discard",
            selection=WAITING,
            failure_category="scoring_artifact",
            keep_category=False,
            tags=("easy",),
        ),
        result(2),
        {
            "new": ("discarded", None, "scoring_artifact"),
            "sorted": ("discarded", None, "scoring_artifact"),
        },
    ),
    "flag": (
        LotRequest("flag", ids=("sorted",), failure_category=None, keep_category=False),
        result(1),
        {"sorted": ("model_rejected", None, None)},
    ),
    "reopen": (
        LotRequest("undo", selection=EVERYTHING),
        result(3, not_decided=2),
        {
            "approved": ("needs_review", None, None),
            "discarded": ("needs_review", None, None),
            "flagged": ("needs_review", None, None),
        },
    ),
    "categorise": (
        LotRequest(
            "categorise",
            selection=EVERYTHING,
            failure_category="wrong_answer",
            keep_category=False,
        ),
        result(4, same_category=1),
        {
            "new": ("needs_review", None, "wrong_answer"),
            "sorted": ("needs_review", None, "wrong_answer"),
            "discarded": ("discarded", None, "wrong_answer"),
            "flagged": ("model_rejected", None, "wrong_answer"),
        },
    ),
    "take the category away": (
        LotRequest("categorise", selection=EVERYTHING, failure_category=None, keep_category=False),
        result(3, same_category=2),
        {
            "sorted": ("needs_review", None, None),
            "approved": ("approved", "4", None),
            "discarded": ("discarded", None, None),
        },
    ),
}


@pytest.mark.parametrize("case", EVERY)
def test_a_lot_and_its_undo(workspace: Workspace, case: str) -> None:
    request, expected, after = EVERY[case]
    mixed(workspace)
    before = {name: state(workspace, name) for name in IDS}
    tagged = {name: tags(workspace, name) for name in IDS}
    parts = workspace.get("approved").get("corrected_parts")
    shown = workspace.preview_lot(request)
    assert {key: shown[key] for key in ("touched", "skipped")} == expected
    assert shown["total"] == len(request.ids or IDS) if request.selection is EVERYTHING else True
    assert {row["id"] for row in shown["sample"]} == set(after)
    assert {name: state(workspace, name) for name in IDS} == before

    job = run(workspace, request)
    assert (job.kind, job.unit, job.state) == ("lot", "candidates", JobState.DONE)
    assert job.result == expected
    assert {name: state(workspace, name) for name in IDS} == before | after
    assert_counts(workspace.database)
    lot_id = job.params["lot_id"]
    touches = expected["touched"]
    params = {"lot_id": lot_id, "action": request.action, "touches": touches}
    assert job.params == {**params, "reviewer": "kim"}
    for name in after:
        last = workspace.history(name)[-1]
        assert (last["lot"], last["reviewer"], last["action"]) == (lot_id, "kim", request.action)
        assert last["guidelines_version"] == 0
    listed = workspace.lots()[0]
    assert (listed["id"], listed["n"], listed["undone_at"]) == (lot_id, len(after), None)

    assert undo(workspace, lot_id).result == result(len(after))
    assert {name: state(workspace, name) for name in IDS} == before
    assert {name: tags(workspace, name) for name in IDS} == tagged
    assert workspace.get("approved").get("corrected_parts") == parts
    assert workspace.history(next(iter(after)))[-1]["reviewer"] == "lee"
    assert workspace.lots()[0]["undone_at"] is not None
    # Asked for again it is the same undo.
    assert undo(workspace, lot_id).result == result(len(after))


def test_a_category_keeps_the_tags_unless_others_are_given(workspace: Workspace) -> None:
    mixed(workspace)
    request = LotRequest("categorise", ids=("approved",), keep_category=False)
    run(workspace, request)
    assert tags(workspace, "approved") == ["unit"]
    run(workspace, LotRequest(**{**vars(request), "failure_category": "wrong_answer"}))
    other = {**vars(request), "failure_category": "format_error", "tags": ("new",)}
    job = run(workspace, LotRequest(**other))
    assert tags(workspace, "approved") == ["new"]
    undo(workspace, job.params["lot_id"])
    assert tags(workspace, "approved") == ["unit"]


def test_references_that_are_none(workspace: Workspace) -> None:
    values: list[Any] = ["4", " ", None, ["4"], True, 4.5]
    fill(workspace, *(record(f"c{n}", reference_answer=v) for n, v in enumerate(values)))
    fill(workspace, record("none"))
    request = LotRequest("correct", selection=WAITING, from_reference=True)
    assert run(workspace, request).result == result(2, no_reference=4, blank_reference=1)
    assert [state(workspace, name)[1] for name in ("c0", "c5")] == ["4", "4.5"]


def test_ids_that_are_not_there_or_twice(workspace: Workspace) -> None:
    fill(workspace, record("a"))
    request = LotRequest("discard", ids=("a", "a", "gone", "\x00", "\ud800"))
    assert workspace.preview_lot(request)["total"] == 4
    assert run(workspace, request).result == result(1, not_found=3)


def test_a_turn_that_some_do_not_have(workspace: Workspace) -> None:
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "5"}]
    fill(workspace, record("short"), record("long", prompt_messages=turns))
    request = LotRequest(
        "correct",
        ids=("short", "long"),
        corrected_response="4",
        corrected_parts={"turn": 1},
    )
    job = run(workspace, request)
    assert job.result == result(1, does_not_fit=1)
    assert state(workspace, "short")[0] == "needs_review"
    assert workspace.history("short") == []


BAD: dict[str, tuple[dict[str, Any], type[CorrigendaError]]] = {
    "an unknown action": ({"action": "amend"}, InvalidInput),
    "neither ids nor filter": ({"selection": None}, InvalidInput),
    "both": ({"ids": ("a",)}, InvalidInput),
    "too many ids": ({"selection": None, "ids": ("a",) * 1001}, InvalidInput),
    "an unknown category": (
        {"failure_category": "nonsense", "keep_category": False},
        UnknownCategory,
    ),
    "an unknown category in the filter": (
        {"selection": Selection(include_categories=("nonsense",))},
        UnknownCategory,
    ),
    "no text": ({"action": "correct"}, BlankCorrection),
    "a blank text": ({"action": "correct", "corrected_response": " "}, BlankCorrection),
    "text and reference": (
        {"action": "correct", "corrected_response": "4", "from_reference": True},
        InvalidInput,
    ),
    "a text for discard": ({"corrected_response": "4"}, InvalidInput),
    "parts that cannot be": (
        {"action": "correct", "corrected_response": "4", "corrected_parts": {"turn": -1}},
        InvalidInput,
    ),
    "no category to categorise": ({"action": "categorise"}, InvalidInput),
    "too many tags": ({"tags": tuple(map(str, range(100)))}, InvalidInput),
}


@pytest.mark.parametrize("case", BAD)
def test_a_request_that_cannot_be(case: str) -> None:
    fields, error = BAD[case]
    with pytest.raises(error):
        LotRequest(**{**vars(DISCARD), **fields}).checked(Taxonomy())


@pytest.mark.parametrize("lot_id", ["", "a b", "x" * 33, "\x00", "é", "../x", "a\n"])
def test_a_lot_id_that_cannot_be(lot_id: str) -> None:
    with pytest.raises(InvalidInput, match="lot_id"):
        lots.lot_id_of(lot_id)


def test_what_cannot_be_is_refused_before_anything_is_done(workspace: Workspace) -> None:
    fill(workspace, record("a"))
    with pytest.raises(BlankCorrection):
        workspace.preview_lot(LotRequest("correct", selection=WAITING))
    with pytest.raises(BlankCorrection):
        run(workspace, LotRequest("correct", selection=WAITING))
    with pytest.raises(InvalidInput):
        run(workspace, DISCARD, lot_id="a b")
    for lot_id in ("l1", "\x00", "\ud800", "x" * 100):
        with pytest.raises(UnknownLot):
            runner_of(workspace).start_lot_undo(lot_id)
    assert (workspace.lots(), runner_of(workspace).newest()) == ([], [])


def test_another_number_than_expected(workspace: Workspace) -> None:
    fill(workspace, record("a"), record("b"))
    request = LotRequest("discard", selection=WAITING, expected=2)
    workspace.submit("b", "flag")
    with pytest.raises(LotChanged) as caught:
        run(workspace, request, lot_id="l1")
    assert caught.value.details == {"expected": 2, "touched": 1}
    assert (state(workspace, "a")[0], workspace.lots()) == ("needs_review", [])
    # The same id can be used once the preview was looked at again.
    assert run(workspace, LotRequest("discard", selection=WAITING, expected=1), lot_id="l1").result


def test_the_same_lot_again_is_the_same(workspace: Workspace) -> None:
    fill(workspace, record("a"), record("b"))
    request = LotRequest("discard", selection=WAITING, expected=2)
    first = run(workspace, request, lot_id="l1")
    assert run(workspace, request, lot_id="l1") == first
    assert [len(workspace.history(name)) for name in "ab"] == [1, 1]
    for other, reviewer in ((LotRequest("flag", selection=WAITING), "kim"), (request, "lee")):
        with pytest.raises(LotIdReused):
            runner_of(workspace).start_lot(other, lot_id="l1", reviewer=reviewer)


def test_one_that_is_decided_meanwhile_is_skipped(workspace: Workspace) -> None:
    fill(workspace, record("a"), record("b"), record("c"))
    planned = lots.plan(workspace.database, workspace.taxonomy, DISCARD)
    workspace.submit("b", "correct", corrected_response="4")
    workspace.database.write(lambda c: lots.note(c, "l1", DISCARD, "kim", "2026-01-01T00:00:00Z"))
    report = lots.run(workspace.database, workspace.taxonomy, "l1", planned)
    assert report.as_dict() == result(2, already_decided=1)
    assert state(workspace, "b") == ("approved", "4", None)


def test_what_was_decided_since_is_not_undone(workspace: Workspace) -> None:
    fill(workspace, record("a"), record("b"), record("c"))
    lot_id = run(workspace, DISCARD).params["lot_id"]
    workspace.undo("a")
    workspace.undo("b")
    workspace.submit("b", "flag")
    assert undo(workspace, lot_id).result == result(1, decided_since=2)
    assert [state(workspace, name)[0] for name in "abc"] == [
        "needs_review",
        "model_rejected",
        "needs_review",
    ]


def test_lots_are_undone_from_the_last_on(workspace: Workspace) -> None:
    fill(workspace, record("a", failure_category="format_error"), record("b"))
    first = run(workspace, DISCARD).params["lot_id"]
    of_first = Selection(lot=first)
    request = LotRequest(
        "categorise", selection=of_first, failure_category="wrong_answer", keep_category=False
    )
    second = run(workspace, request).params["lot_id"]
    third = run(workspace, LotRequest("undo", selection=of_first)).params["lot_id"]
    assert undo(workspace, third).result == result(2)
    assert state(workspace, "a") == ("discarded", None, "wrong_answer")
    assert undo(workspace, second).result == result(2)
    assert state(workspace, "a") == ("discarded", None, "format_error")
    assert undo(workspace, first).result == result(2)
    assert state(workspace, "a") == ("needs_review", None, "format_error")
    assert state(workspace, "b") == ("needs_review", None, None)
