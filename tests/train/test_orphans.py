"""What works on a folder is known again by those who have not started it."""

import signal
import time
from pathlib import Path

import pytest

from corrigenda.errors import StorageError
from corrigenda.train import launching, orphans
from corrigenda.train.launching import Running
from tests.train.test_launching import alive, program, run, until_it_says

__all__ = ["run"]

ASKED = "trap 'echo kept; exit 3' TERM; echo up; while :; do sleep 0.05; done"


def test_it_is_followed_and_stopped_like_ones_own(run: Path, tmp_path: Path) -> None:
    started = Running.start(run, python=program(tmp_path / "python", ASKED))
    until_it_says(run, "up")
    found = Running.of(run)
    assert found is not None
    assert (found.pid, found.attempt, found.logged) == (started.pid, started.attempt, 0)
    found.attempt.write_text('{"t": 0.1, "event": "log", "step": 1}\n', "utf-8")
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            found.stop()

    assert [event["step"] for event in found.events(poll=0.01, meanwhile=look)] == [1]
    assert launching.last_words(run) == "kept"
    assert found.stop() == -signal.SIGKILL  # how it ended only its parent can know
    assert started.wait() == 3
    assert Running.of(run) is None


def test_what_does_not_stop_is_killed(run: Path, tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo up; while :; do sleep 0.05; done"
    started = Running.start(run, python=program(tmp_path / "python", deaf))
    until_it_says(run, "up")
    found = Running.of(run)
    assert found is not None
    assert found.stop(grace=0.2) == -signal.SIGKILL
    assert started.wait() == -signal.SIGKILL


def test_another_process_of_its_number_is_not_taken_for_it(run: Path, tmp_path: Path) -> None:
    started = Running.start(run, python=program(tmp_path / "python", ASKED))
    until_it_says(run, "up")
    file = run / orphans.FILE
    said = file.read_text("utf-8")
    for old, new in (
        (f'"began": {orphans.living(run)._began}', '"began": 1'),  # type: ignore[union-attr]
        ('"boot": "', '"boot": "0'),
        ("{", "["),
        (str(started.pid), '"x"'),
    ):
        file.write_text(said.replace(old, new), "utf-8")
        assert orphans.living(run) is None
    file.write_text(said, "utf-8")
    assert orphans.living(run) is not None
    started.kill()
    assert orphans.living(run) is None


def test_a_process_that_cannot_be_noted_does_not_go_on(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = []

    def full(_folder: Path, pid: int, *_: object) -> None:
        pids.append(pid)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(orphans, "note", full)
    with pytest.raises(StorageError, match="No space left"):
        Running.start(run, python=program(tmp_path / "python", ASKED))
    deadline = time.monotonic() + 30
    while alive(pids[0]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pids[0])
