"""What trains on although whoever started it is gone: known again by whoever comes next.

Beside the plan `process.json` names the process that works on the folder, by what no other process
of this machine has: its number together with the moment at which it began, in ticks since boot.

    {"boot": "5d0f…", "pid": 4711, "began": 812345, "attempt": "attempt-2.jsonl", "logged": 0}

Where the system does not tell of processes (there is no `/proc`), none is known again.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda.train import family
from corrigenda.train.files import read_json, write_json

FILE = "process.json"
_POLL = 0.1


def note(folder: Path, pid: int, attempt: Path, logged: int) -> None:
    """Write down which process works on a folder."""
    said = {"boot": family.boot(), "pid": pid, "began": family.began(pid)}
    write_json(folder / FILE, {**said, "attempt": attempt.name, "logged": logged})


@dataclass(frozen=True)
class Orphan:
    """A process that somebody else has started; what `subprocess.Popen` says of one's own.

    Its exit code is not known to anybody but its parent.

    Attributes:
        pid: Its number.
        attempt: The name of the file of its events.
        logged: The bytes that its log had before it.
    """

    pid: int
    attempt: str
    logged: int
    _began: int

    @property
    def args(self) -> list[str]:
        """Its command line."""
        return [os.fsdecode(word) for word in family.command(self.pid)]

    @property
    def returncode(self) -> int:
        """The code of a process that was killed, for want of its own."""
        return -signal.SIGKILL

    def poll(self) -> int | None:
        """`None` while it runs."""
        return None if family.began(self.pid) == self._began else self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: It goes on.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            time.sleep(_POLL)
        return self.returncode


def living(folder: Path) -> Orphan | None:
    """The process that works on a folder, whoever started it; `None` where none does."""
    said: Any = read_json(folder / FILE)
    if not isinstance(said, dict) or said.get("boot") != family.boot():
        return None
    pid, began, logged = (said.get(name) for name in ("pid", "began", "logged"))
    if not (isinstance(pid, int) and isinstance(began, int) and isinstance(logged, int)):
        return None
    found = Orphan(pid, str(said.get("attempt")), logged, began)
    return found if found.poll() is None else None
