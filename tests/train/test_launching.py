import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from corrigenda.errors import Conflict, InvalidInput
from corrigenda.train import launching, orphans, pythons
from corrigenda.train.environment import environment
from corrigenda.train.files import LOCK, only_one
from corrigenda.train.launching import Running, follow

PYTHON = Path(sys.executable)


def program(path: Path, *lines: str) -> Path:
    """Something that can be started in the place of Python."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def test_only_what_is_listed_gets_into_the_environment() -> None:
    given = {
        "PATH": "/bin", "CUDA_VISIBLE_DEVICES": "0", "LC_ALL": "C", "HF_HOME": "/hf",
        "HF_TOKEN": "t", "WANDB_API_KEY": "w", "HTTPS_PROXY": "p", "CORRIGENDA_DATABASE_URL": "d",
        "PYTHONPATH": "/x", "AWS_SECRET_ACCESS_KEY": "a", "RANK": "0",
    }  # fmt: skip
    kept = {"PATH", "CUDA_VISIBLE_DEVICES", "LC_ALL", "HF_HOME"}
    always = {"HF_HUB_DISABLE_TELEMETRY", "TOKENIZERS_PARALLELISM"}
    always |= {"PYTHONUNBUFFERED", "PYTHONIOENCODING"}
    assert environment(given).keys() == kept | always | {"HF_HUB_OFFLINE"}
    assert environment(given, fetch=True).keys() == kept | always | {"HF_TOKEN", "HTTPS_PROXY"}
    tracked = environment(given, trackers=["wandb"]).keys() - environment(given).keys()
    assert tracked == {"WANDB_API_KEY", "HTTPS_PROXY"}
    assert "AWS_SECRET_ACCESS_KEY" not in environment(given, trackers=["aws"])


def test_what_is_missing_is_known_without_importing_anything() -> None:
    assert pythons.missing(PYTHON, ["json", "no_such_package"]) == ["no_such_package"]


@pytest.mark.parametrize("said", ["/no/such/python", "/bin/true"])
def test_what_is_no_python_is_refused(said: str) -> None:
    with pytest.raises(InvalidInput, match="no Python that can be run"):
        pythons.missing(Path(said))


def test_one_process_is_started_plainly_and_several_by_torchrun(run: Path) -> None:
    one = launching.arguments(PYTHON, "train", run)
    assert one == [str(PYTHON), str(launching.PROGRAM), "train", str(run)]
    two = launching.arguments(PYTHON, "train", run, processes=2)
    assert two[-3:] == one[1:]
    assert "--nproc_per_node=2" in two
    by_hand = launching.launches(run, PYTHON, processes=2)
    assert all(command.endswith(" ".join(one[1:])) for command in by_hand.values())
    assert all("HF_HUB_DISABLE_TELEMETRY=1" in command for command in by_hand.values())


def test_a_line_that_is_half_written_is_waited_for(tmp_path: Path) -> None:
    path, over = tmp_path / "attempt-1.jsonl", threading.Event()
    lines = [json.dumps({"event": "log", "step": n}).encode() + b"\n" for n in range(20)]

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for line in lines:
                for part in (line[:9], line[9:]):
                    file.write(part)
                    time.sleep(0.001)
            file.write(b'not JSON\n["no object"]\n{"event": "lo')
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    found = [event["step"] for event in follow(path, over.is_set, poll=0.002)]
    writer.join()
    assert found == [*range(20)]


def test_what_was_never_written_has_no_events(tmp_path: Path) -> None:
    assert [*follow(tmp_path / "attempt-1.jsonl", lambda: True)] == []


def test_each_attempt_has_its_own_file(run: Path) -> None:
    assert launching.attempt_path(run).name == "attempt-1.jsonl"
    for name in ("attempt-1.jsonl", "attempt-10.jsonl", "attempt-x.jsonl"):
        (run / name).touch()
    assert launching.attempt_path(run).name == "attempt-11.jsonl"


def test_who_trains_already_stays_known(run: Path) -> None:
    orphans.note(run, os.getpid(), run / "attempt-1.jsonl", 7)
    with only_one(run / LOCK), pytest.raises(Conflict, match="Another process is training"):
        Running.start(run)
    known = orphans.living(run)
    assert known is not None
    assert (known.pid, known.logged) == (os.getpid(), 7)


def test_a_refusal_is_the_last_word(run: Path) -> None:
    (run / "run.json").write_text("{}", "utf-8")
    running = Running.start(run, python=PYTHON)
    assert [*running.events()] == []
    assert running.wait(30) == 1
    assert launching.last_words(run).startswith("Error: `version` of a plan is 1")


def test_the_last_word_is_of_this_attempt_and_no_launcher_s(run: Path, tmp_path: Path) -> None:
    (run / launching.LOG).write_text("Error: It was so.\n", "utf-8")
    for said, last in (("Error: It is so.", "Error: It is so."), ("It fails.", "It fails.")):
        running = Running.start(run, python=program(tmp_path / "python", f"echo {said}; echo ===="))
        running.wait(30)
        assert launching.last_words(run, running.logged) == last


def test_what_only_looks_has_one_gpu_and_knows_of_the_processes(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = program(tmp_path / "python", 'echo "$CUDA_VISIBLE_DEVICES $CORRIGENDA_PROCESSES"')
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert launching.answer(python, "check", run, processes=2)[1] == "2 2\n"
    assert launching.answer(python, "check", run)[1] == "2,3 \n"  # as it would be trained
    assert launching.answer(python, "tokens", run)[1] == "2 1\n"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert launching.answer(python, "check", run, processes=2)[1] == "0 2\n"


def test_a_process_has_no_terminal_and_a_session_of_its_own(run: Path, tmp_path: Path) -> None:
    said = 'ps -o sid= -p $$ | tr -d " "; echo $$; cat; echo "$CORRIGENDA_SECRET"; pwd'
    running = Running.start(run, python=program(tmp_path / "python", said))
    assert running.wait(30) == 0
    sid, pid, secret, folder = (run / launching.LOG).read_text("utf-8").splitlines()
    assert sid == pid == str(running.pid)
    assert (secret, folder) == ("", str(run))


def test_stopping_lets_it_keep_what_it_has(run: Path, tmp_path: Path) -> None:
    wait = "trap 'echo kept; exit 3' TERM; echo up; while :; do sleep 0.05; done"
    running = Running.start(run, python=program(tmp_path / "python", wait))
    until_it_says(run, "up")
    assert running.stop(grace=30) == 3
    assert launching.last_words(run) == "kept"
    assert running.stop() == 3


def test_a_fork_is_no_worker(run: Path, tmp_path: Path) -> None:
    forks = "trap 'exit 3' TERM; (while :; do sleep 0.05; done) & echo up; wait"
    running = Running.start(run, python=program(tmp_path / "python", forks))
    until_it_says(run, "up")
    assert running.stop(grace=30) == 3


def test_what_does_not_stop_is_killed_with_all_that_it_started(run: Path, tmp_path: Path) -> None:
    worker = "trap '' TERM; setsid sleep 300 & echo $!; while :; do sleep 0.05; done"
    running = Running.start(run, python=program(tmp_path / "python", worker))
    until_it_says(run, "\n")
    child = int(launching.last_words(run))
    assert running.stop(grace=0.2) == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def test_a_report_that_is_none_says_nothing(run: Path) -> None:
    assert launching.report_of(run) is None
    for text in ("{", "[]"):
        (run / launching.REPORT).write_text(text, "utf-8")
        assert launching.report_of(run) is None
    (run / launching.REPORT).write_text('{"finished": true}', "utf-8")
    assert launching.report_of(run) == {"finished": True}


def until_it_says(run: Path, text: str) -> None:
    deadline = time.monotonic() + 30
    while text not in (run / launching.LOG).read_text("utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        said = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return False
    return said.rpartition(")")[2].split()[0] != "Z"  # a zombie waits for its new parent alone
