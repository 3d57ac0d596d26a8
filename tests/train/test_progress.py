from pathlib import Path

from corrigenda.train import files, progress, reporting


def test_damaged_lines_of_an_attempt_are_no_events(tmp_path: Path) -> None:
    good = b'{"t": 1.0, "event": "log", "stage": "sft"}\n'
    cut = b'{"t": 2.0, "event": "\xc3\n'
    (tmp_path / "attempt-2.jsonl").write_bytes(
        good + cut + b"\0" * 9 + b"\n[1]\n{}\n" + good + good[:9]
    )
    (tmp_path / "attempt-x.jsonl").write_bytes(good)
    assert [each["t"] for each in reporting.events(tmp_path)] == [1.0, 1.0]
    begun = progress.Progress(tmp_path, writes=True)
    assert begun.attempt == 3
    assert progress.next_attempt(tmp_path).name == "attempt-4.jsonl"
    assert progress.Progress(tmp_path, writes=False).attempt is None


def test_what_is_held_below_a_folder(tmp_path: Path) -> None:
    assert files.held(tmp_path / "none") == 0
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/one").write_bytes(b"123")
    (tmp_path / "a/b/two").write_bytes(b"45")
    assert files.held(tmp_path) == 5
