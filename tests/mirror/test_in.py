"""What others write into `sft_candidates.jsonl` is taken in, and never takes a decision away."""

import json
import os
import time
from pathlib import Path

import pytest

from corrigenda.mirror.seen import Hasher, Reading, Seen, Stamp
from tests.mirror.files import Files, record


def statuses(workspace: object) -> dict[str, str]:
    return {r["id"]: r["status"] for r in workspace.candidates()}  # type: ignore[attr-defined]


def test_a_file_that_is_there_at_first_is_taken_in(files: Files) -> None:
    files.write(record("a"), record("b", status="discarded"), record("c", status="approved"))
    workspace = files.open()
    assert statuses(workspace) == {"a": "needs_review", "b": "discarded", "c": "approved"}
    (decision,) = workspace.history("b")
    assert (decision["action"], decision["reviewer"]) == ("discard", "file")


def test_a_line_that_is_added_is_a_new_candidate(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.append(record("b"))
    assert [c["id"] for c in workspace.queue().items] == ["a", "b"]
    files.append(record("c"), record("d"))
    assert [c["id"] for c in workspace.queue().items] == ["a", "b", "c", "d"]


def test_a_file_that_changes_within_one_tick_of_the_clock_is_seen(files: Files) -> None:
    files.write(record("a", x="1"))
    workspace = files.open()
    stat = files.candidates.stat()
    files.candidates.write_bytes(files.candidates.read_bytes().replace(b'"1"', b'"2"'))
    os.utime(files.candidates, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert workspace.get("a")["x"] == "2"


def test_a_changed_field_is_taken_and_the_decision_stays(files: Files) -> None:
    files.write(record("a", task_type="code"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    files.edit("a", task_type="math", extra={"kept": [1, 2]})
    now = workspace.get("a")
    assert (now["task_type"], now["extra"]) == ("math", {"kept": [1, 2]})
    assert (now["status"], now["corrected_response"]) == ("approved", "right")
    assert workspace.stats()["by_task_type"] == {"math": 1}
    assert all(finding.ok for finding in workspace.check())


def test_a_changed_status_is_a_decision_by_the_file(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    files.edit("a", status="approved", corrected_response="by hand")
    assert workspace.get("a")["corrected_response"] == "by hand"
    (decision,) = workspace.history("a")
    assert (decision["action"], decision["reviewer"]) == ("correct", "file")
    assert files.approved_ids() == ["a"]


def test_the_file_can_decide_again_and_take_back(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.edit("a", status="discarded")
    assert statuses(workspace) == {"a": "discarded"}
    files.edit("a", status="approved", corrected_response="now right")
    assert statuses(workspace) == {"a": "approved"}
    files.edit("a", status="needs_review", corrected_response=None)
    assert statuses(workspace) == {"a": "needs_review"}
    actions = [d["action"] for d in workspace.history("a")]
    assert actions == ["discard", "undo", "correct", "undo"]
    assert files.approved_ids() == []
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()


def test_a_file_that_is_merely_behind_changes_nothing(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    files.append(record("c"))  # the line of `a` still says needs_review
    assert statuses(workspace) == {"a": "approved", "b": "needs_review", "c": "needs_review"}
    files.edit("c", task_type="code")  # and again, as the whole file is written anew
    assert statuses(workspace)["a"] == "approved"
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()


def test_whoever_decided_in_the_database_meanwhile_wins_and_it_is_said(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard", reviewer="kim")
    files.edit("a", status="approved", corrected_response="too late")
    assert workspace.get("a")["status"] == "discarded"
    assert workspace.mirror is not None
    (problem,) = workspace.mirror.problems
    assert (problem.line, problem.field) == (1, "status")
    assert "kim" in problem.reason
    assert [d["action"] for d in workspace.history("a")] == ["discard"]


def test_after_a_conflict_a_further_edit_counts(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard", reviewer="kim")
    files.edit("a", status="approved", corrected_response="too late")
    workspace.refresh()
    files.edit("a", status="approved", corrected_response="I insist")
    assert workspace.get("a")["corrected_response"] == "I insist"


def test_a_file_decision_that_a_reviewer_took_back_stays_taken_back(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.edit("a", status="discarded")
    assert statuses(workspace) == {"a": "discarded"}
    workspace.undo("a", reviewer="kim")
    files.append(record("b"))
    assert statuses(workspace) == {"a": "needs_review", "b": "needs_review"}
    files.edit("b", task_type="code")
    assert statuses(workspace)["a"] == "needs_review"


def test_an_approval_without_a_text_is_reported(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.edit("a", status="approved")
    assert workspace.get("a")["status"] == "needs_review"
    assert workspace.mirror is not None
    assert [p.field for p in workspace.mirror.problems] == ["corrected_response"]


def test_a_missing_line_or_file_deletes_nothing(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    files.write(record("b"))
    assert set(statuses(workspace)) == {"a", "b"}
    files.candidates.unlink()
    assert set(statuses(workspace)) == {"a", "b"}
    files.write(record("c"))
    assert set(statuses(workspace)) == {"a", "b", "c"}


def test_bad_lines_are_reported_with_their_numbers_and_the_good_ones_taken(files: Files) -> None:
    good = [json.dumps(record(name)) for name in "abc"]
    text = [good[0], "{broken", "", "[1]", good[1], '{"no": "id"}', good[2], good[0]]
    files.candidates.write_text("\ufeff" + "\n".join(text) + "\n", encoding="utf-8")
    workspace = files.open()
    assert set(statuses(workspace)) == {"a", "b", "c"}
    assert workspace.mirror is not None
    problems = workspace.mirror.problems
    assert [(p.line, p.field) for p in problems] == [(2, None), (4, None), (6, "id"), (8, "id")]
    assert not all(finding.ok for finding in workspace.check())


def test_a_line_that_is_being_written_is_waited_for(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    whole = json.dumps(record("b")) + "\n"
    with files.candidates.open("a", encoding="utf-8") as file:
        file.write(whole[:40])
        file.flush()
        assert set(statuses(workspace)) == {"a"}
        assert workspace.mirror is not None
        assert workspace.mirror.problems == ()
        file.write(whole[40:])
    assert set(statuses(workspace)) == {"a", "b"}


def test_a_last_line_without_an_end_counts_when_it_is_whole(files: Files) -> None:
    files.candidates.write_text(json.dumps(record("a")), encoding="utf-8")
    workspace = files.open()
    assert set(statuses(workspace)) == {"a"}
    with files.candidates.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(record("b")))
    assert set(statuses(workspace)) == {"a", "b"}


def test_the_second_of_two_lines_with_one_id_is_reported_once_and_for_all(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.append(record("a", status="discarded"))
    assert statuses(workspace) == {"a": "needs_review"}
    assert workspace.mirror is not None
    assert [p.line for p in workspace.mirror.problems] == [2]
    files.append(record("b"))
    assert statuses(workspace) == {"a": "needs_review", "b": "needs_review"}
    assert [p.line for p in workspace.mirror.problems] == [2]
    assert workspace.history("a") == []


def test_what_was_imported_and_then_turns_up_in_the_file_is_no_edit(files: Files) -> None:
    workspace = files.open()
    source = files.directory / "elsewhere.jsonl"
    source.write_text(json.dumps(record("a")) + "\n", encoding="utf-8")
    workspace.import_path(source)
    workspace.submit("a", "discard", reviewer="kim")
    files.write(record("a"), record("b"))
    assert statuses(workspace) == {"a": "discarded", "b": "needs_review"}
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()


def test_at_first_the_approved_file_counts_too(files: Files) -> None:
    done = {"status": "approved", "corrected_response": "right"}
    files.write(record("a"), record("b", status="discarded"))
    lines = [record("a", **done), record("b", **done), record("c", **done), record("d")]
    files.approved.write_text("".join(json.dumps(r) + "\n" for r in lines), encoding="utf-8")
    before = files.approved.read_bytes()
    workspace = files.open()
    assert statuses(workspace) == {"a": "approved", "b": "discarded", "c": "approved"}
    assert workspace.mirror is not None
    assert ["`b`" in p.reason for p in workspace.mirror.problems] == [True]
    assert files.approved_ids() == ["a", "c", "d"]
    (kept,) = files.directory.glob("sft_approved.kept-*.jsonl")
    assert kept.read_bytes() == before
    workspace.undo("c")
    assert files.approved_ids() == ["a", "d"]


def test_an_approved_file_that_is_right_is_left_as_it_is(files: Files) -> None:
    done = {"status": "approved", "corrected_response": "right"}
    files.write(record("a", **done), record("b"))
    files.approved.write_text(json.dumps(record("a", **done)), encoding="utf-8")
    before = files.approved.read_bytes()
    workspace = files.open()
    assert files.approved.read_bytes() == before
    workspace.undo("a")
    assert files.approved_ids() == []


def test_the_same_id_from_another_run_is_another_sample(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="4")
    other = record("a", benchmark_run_id="run-2", model_response="other")
    files.append(other)
    assert set(statuses(workspace)) == {"a", "run-2:a"}
    assert workspace.get("a")["benchmark_run_id"] == "run-1"
    assert workspace.mirror is not None
    assert ["run-2:a" in p.reason for p in workspace.mirror.problems] == [True]
    files.edit("nothing")
    assert set(statuses(workspace)) == {"a", "run-2:a"}
    assert workspace.get("a")["corrected_response"] == "4"


def test_an_edit_keeps_the_run_that_a_candidate_was_imported_with(files: Files) -> None:
    workspace = files.open()
    run = files.directory / "r1" / "sft_candidates.jsonl"
    run.parent.mkdir()
    run.write_text('{"id": "a", "model_response": "x"}\n', encoding="utf-8")
    workspace.import_path(run)
    workspace.sync()
    files.edit("a", annotated=True)
    assert workspace.get("a")["annotated"] is True
    assert workspace.import_path(run).as_dict()["imported"] == 0


def test_what_another_process_decides_while_the_file_is_first_read_stays(files: Files) -> None:
    other = files.open()  # owns the files, which are not there yet
    source = files.directory / "elsewhere.jsonl"
    source.write_text("".join(json.dumps(record(n)) + "\n" for n in "ab"), encoding="utf-8")
    other.import_path(source)
    files.write(record("a"), record("b"))
    other.submit("a", "discard", reviewer="kim")
    other.refresh()
    files.edit("b", task_type="code")
    assert statuses(other) == {"a": "discarded", "b": "needs_review"}


def test_a_category_that_is_gone_does_not_block_its_candidates(files: Files) -> None:
    config = files.directory / "label_tool.yaml"
    config.write_text("sft: {categories: [unsafe]}", encoding="utf-8")
    files.write(record("a", status="discarded", failure_category="unsafe"), record("b"))
    workspace = files.open()
    workspace.undo("a")
    workspace.submit("a", "discard", failure_category="wrong_answer")
    config.unlink()
    files.edit("a", failure_category="hallucination")
    assert workspace.stats()["total"] == 2


def test_lines_are_tried_again_when_the_categories_change(files: Files) -> None:
    files.write(record("a", failure_category="unsafe"), record("b"))
    workspace = files.open()
    assert set(statuses(workspace)) == {"b"}
    config = files.directory / "label_tool.yaml"
    config.write_text("sft: {categories: [unsafe]}", encoding="utf-8")
    assert set(statuses(workspace)) == {"a", "b"}
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()


def test_a_discard_that_arrived_with_a_text_is_no_conflict_after_an_undo(files: Files) -> None:
    files.write(record("a", status="discarded", corrected_response="kept"), record("b"))
    workspace = files.open()
    workspace.undo("a")
    files.edit("b", task_type="code")
    assert workspace.mirror is not None
    workspace.refresh()
    assert workspace.mirror.problems == ()


def test_a_suggestion_in_the_file_does_not_turn_the_revision_back(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard")
    workspace.undo("a")
    workspace.sync(force=True)
    files.edit("a", failure_category="format_error")
    assert workspace.get("a")["failure_category"] == "format_error"
    assert workspace.submit("a", "flag").revision == 3


def test_half_a_line_and_its_rest_are_not_two_lines() -> None:
    # As a file gives them when another program finishes the line between two readings.
    raws = [b'{"id": "a"}\n', b'{"id"', b': "b"}\n', b'{"id": "c"}\n']
    reading = Reading(iter(raws), Seen(Stamp(0, 0, 0, 0), 0, 0, ""), Hasher())
    lines = [line for batch in reading.batches(10) for line in batch]
    assert [(line.data, line.complete) for line in lines] == [
        (b'{"id": "a"}', True),
        (b'{"id"', False),
    ]
    assert (reading.seen.offset, reading.seen.lines) == (12, 1)


def test_a_file_that_was_compared_once_is_not_read_again(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard")
    workspace.close()
    time.sleep(0.2)
    files.open().close()  # it was written too shortly before the first look to trust its stamp
    monkeypatch.setattr(Hasher, "add_from", None)
    again = files.open()
    assert statuses(again) == {"a": "discarded"}


def test_a_rename_of_ours_is_no_change_but_a_write_is(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(b"one\n")
    seen = Seen(Stamp.of(before.stat()), 4, 1, "digest", trusted=False)
    assert not seen.renamed(Stamp.of(before.stat())).trusted, "it was written just now"
    time.sleep(0.2)
    before.rename(after)
    now = seen.renamed(Stamp.of(after.stat()))
    assert now.unchanged(Stamp.of(after.stat()))
    after.write_bytes(b"two\n")
    assert not now.unchanged(Stamp.of(after.stat()))
    assert seen.renamed(Stamp.of(after.stat())) == seen
