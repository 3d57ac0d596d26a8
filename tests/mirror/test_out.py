"""What Corrigenda writes into the two files."""

import errno
import json
import os
import time
from pathlib import Path

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.mirror.approved_lines import ApprovedLines
from corrigenda.workbench import Workspace
from tests.mirror.files import Files, record


def test_an_approval_is_in_the_file_before_the_answer(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    for name in "ba":
        workspace.submit(name, "correct", corrected_response=f"right {name}")
        line = files.approved_lines()[-1]
        assert (line["id"], line["status"]) == (name, "approved")
        assert line["corrected_response"] == f"right {name}"


def test_an_undo_blanks_the_line_in_place(files: Files) -> None:
    files.write(*(record(name) for name in "abc"))
    workspace = files.open()
    for name in "abc":
        workspace.submit(name, "correct", corrected_response="right")
    size = files.approved.stat().st_size
    workspace.undo("b")
    assert files.approved.stat().st_size == size
    assert files.approved_ids() == ["a", "c"]
    workspace.submit("b", "correct", corrected_response="better")
    assert [line["corrected_response"] for line in files.approved_lines()] == [
        "right",
        "right",
        "better",
    ]


def test_discards_and_flags_do_not_touch_the_approved_file(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    workspace.submit("a", "discard")
    workspace.submit("b", "flag")
    assert files.approved_lines() == []


def test_closing_rewrites_the_candidates_and_compacts_the_approved(files: Files) -> None:
    files.write(*(record(name, extra={"π": "\u0000"}) for name in "abc"))
    workspace = files.open()
    for name in "abc":
        workspace.submit(name, "correct", corrected_response="right")
    workspace.undo("a")
    workspace.submit("a", "flag", failure_category="hallucination")
    expected = list(workspace.candidates())
    workspace.close()
    assert files.lines() == expected
    assert files.approved.read_bytes().count(b"\n") == 2
    workspace = files.open()
    assert list(workspace.candidates()) == expected
    workspace.undo("c")
    assert files.approved_ids() == ["b"]


def test_closing_without_a_change_leaves_the_file_alone(files: Files) -> None:
    files.write(record("a"), record("b"))
    before = files.candidates.stat()
    files.open().close()
    files.open().close()
    after = files.candidates.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_our_own_output_is_nobodys_edit(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    assert workspace.sync()
    assert not workspace.sync()
    assert len(workspace.history("a")) == 1
    files.edit("b", status="discarded")
    assert workspace.get("b")["status"] == "discarded"
    assert len(workspace.history("a")) == 1
    workspace.undo("a")
    files.edit("b", note="the line of `a` still says approved")
    assert workspace.get("a")["status"] == "needs_review"
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()


def test_what_is_in_the_file_and_not_in_the_database_is_taken_in_first(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard")
    files.append(record("b"))
    workspace.sync()
    assert [line["id"] for line in files.lines()] == ["a", "b"]


def test_lines_that_are_added_to_a_displaced_file_are_taken_in(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    with files.candidates.open("a", encoding="utf-8") as another_program:
        workspace.submit("a", "discard")
        assert workspace.sync()
        another_program.write(json.dumps(record("late")) + "\n")
        another_program.flush()
        workspace.sync()
        assert workspace.get("late")["status"] == "needs_review"
        another_program.write(json.dumps(record("later")) + "\n")
    workspace.close()
    workspace = files.open()
    assert workspace.get("later")["status"] == "needs_review"
    workspace.sync(force=True)
    assert [line["id"] for line in files.lines()] == ["a", "late", "later"]


def test_an_approved_file_that_somebody_rearranged_is_still_found_through(files: Files) -> None:
    files.write(*(record(name) for name in "abc"))
    workspace = files.open()
    for name in "abc":
        workspace.submit(name, "correct", corrected_response="right")
    lines = files.approved.read_bytes().splitlines(keepends=True)
    files.approved.write_bytes(b'{"id": "foreign"}\n' + b"".join(reversed(lines)))
    workspace.undo("b")
    assert files.approved_ids() == ["foreign", "c", "a"]


def test_a_foreign_line_without_an_end_is_not_run_into(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    files.approved.write_bytes(b'{"id": "foreign"}')
    workspace.submit("a", "correct", corrected_response="right")
    assert files.approved_ids() == ["foreign", "a"]
    workspace.undo("a")
    assert files.approved_ids() == ["foreign"]


def test_what_another_process_decides_reaches_the_file(files: Files) -> None:
    files.write(record("a"))
    owner = files.open()
    other = files.open()
    assert owner.owns_files
    assert not other.owns_files
    other.submit("a", "correct", corrected_response="right")
    deadline = time.monotonic() + 10
    while files.approved_ids() != ["a"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert files.approved_ids() == ["a"]
    assert not other.sync()


def test_what_the_disk_refuses_is_written_when_it_can_be(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write(record("a"))
    workspace = files.open()
    with monkeypatch.context() as patch:
        real = os.write

        def full(handle: int, data: bytes) -> int:
            real(handle, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr("corrigenda.mirror.approved_lines.os.write", full)
        assert workspace.submit("a", "correct", corrected_response="right").status == "approved"
        assert files.approved.read_bytes() == b""
    workspace.sync()
    assert files.approved_ids() == ["a"]
    assert all(finding.ok for finding in workspace.check())


def test_a_full_disk_leaves_the_old_file(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard")
    before = files.candidates.read_bytes()
    with monkeypatch.context() as patch:

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr("corrigenda.jsonl.os.fsync", full)
        with pytest.raises(Exception, match="No space is left"):
            workspace.sync()
    assert files.candidates.read_bytes() == before
    assert [p.name for p in files.directory.iterdir() if p.name.endswith(".tmp")] == []
    assert workspace.sync()
    assert files.lines()[0]["status"] == "discarded"


def test_blanking_checks_whose_line_stands_there(tmp_path: Path) -> None:
    lines = ApprovedLines(tmp_path / "x.jsonl")
    lines.append(b'{"id": "a"}\n')
    lines.append(b'{"id": "b"}\n')
    spans = {found.id: found.span for found in lines.scan()}
    assert not lines.blank(spans["a"], "b")
    assert lines.blank(spans["a"], "a")
    assert lines.blank(spans["a"], "a")
    assert [found.id for found in lines.scan()] == ["b"]
    assert lines.compact() == {12: 0}
    assert lines.path.read_bytes() == b'{"id": "b"}\n'


def test_a_workspace_opens_again_after_it_was_closed(files: Files) -> None:
    files.write(record("a"))
    first = files.open()
    first.close()
    first.close()
    second: Workspace = files.open()
    assert second.owns_files


def test_what_was_not_taken_over_is_kept_when_the_file_is_rewritten(files: Files) -> None:
    files.write(record("a"))
    with files.candidates.open("a", encoding="utf-8") as file:
        file.write('{"id": "b", "corrected_response": "an hour of work" "status": 1}\n')
    workspace = files.open()
    workspace.submit("a", "discard")
    workspace.close()
    (kept,) = files.directory.glob("sft_candidates.kept-*.jsonl")
    assert "an hour of work" in kept.read_text("utf-8")
    workspace = files.open()
    assert all(finding.ok for finding in workspace.check())


def test_a_second_copy_in_a_displaced_file_takes_no_decision_back(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right", reviewer="kim")
    with files.candidates.open("a", encoding="utf-8") as another_program:
        workspace.sync()
        another_program.write(json.dumps(record("a")) + "\n")
        another_program.flush()
        workspace.sync()
    assert workspace.get("a")["status"] == "approved"
    assert [d["reviewer"] for d in workspace.history("a")] == ["kim"]


def test_an_edited_record_is_edited_in_the_approved_file_too(files: Files) -> None:
    files.write(record("a", task_type="code"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    files.edit("a", task_type="math")
    workspace.refresh()
    assert [line["task_type"] for line in files.approved_lines()] == ["math"]


@pytest.mark.parametrize("way", ["sync", "open"])
def test_an_approved_file_that_is_gone_or_old_is_made_right(files: Files, way: str) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    old = files.approved.read_bytes()
    workspace.undo("a")
    workspace.submit("b", "correct", corrected_response="right")
    for content in (None, old):
        if way == "open":
            workspace.close()
        files.approved.unlink()
        if content is not None:
            files.approved.write_bytes(content)
        if way == "open":
            workspace = files.open()
        workspace.sync()
        assert files.approved_ids() == ["b"]
        assert all(finding.ok for finding in workspace.check())


def test_a_second_process_takes_over_when_the_first_ends(files: Files) -> None:
    files.write(record("a"))
    first, second = files.open(), files.open()
    assert not second.owns_files
    first.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        time.sleep(0.05)
        if second.owns_files:
            break
    second.submit("a", "correct", corrected_response="right")
    assert files.approved_ids() == ["a"]


def test_many_approvals_of_another_process_are_carried_over_in_parts(files: Files) -> None:
    owner, other = files.open(), files.open()
    source = files.directory / "elsewhere.jsonl"
    done = {"status": "approved", "corrected_response": "right"}
    lines = [json.dumps(record(f"a{n}", **done)) + "\n" for n in range(1300)]
    source.write_text("".join(lines), encoding="utf-8")
    other.import_path(source)
    owner.sync()
    assert len(files.approved_ids()) == 1300
    assert all(finding.ok for finding in owner.check())


def test_an_unreadable_approved_file_does_not_fail_a_decision(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    files.approved.mkdir()
    assert workspace.submit("b", "discard").status == "discarded"
    assert workspace.submit("a", "correct", corrected_response="right").status == "approved"
    files.approved.rmdir()
    workspace.sync()
    assert files.approved_ids() == ["a"]


def test_looking_changes_nothing(files: Files) -> None:
    files.write(record("a"))
    files.open().close()
    files.append(record("b"))
    with files.candidates.open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    before = {p.name: p.read_bytes() for p in files.directory.glob("sft_*")}
    with Workspace.open(files.directory, create=False, keep_files=False) as workspace:
        found = workspace.check()
    assert any("1 not taken in yet" in f.message for f in found)
    assert {p.name: p.read_bytes() for p in files.directory.glob("sft_*")} == before


def test_an_export_does_not_replace_the_workspace_s_own_files(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    with pytest.raises(InvalidInput, match="workspace's own files"):
        workspace.export(files.approved)
    assert files.approved_ids() == ["a"]
