"""The processes that a process has started, where the system tells (`/proc`); else none."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def children(pid: int, program: Path) -> list[int]:
    """The children of a process that run a program of ours."""
    wanted = os.fsencode(program)
    return [each for each in _of(pid) if wanted in _command(each)]


def descendants(pid: int) -> list[int]:
    """The children of a process, theirs, and so on."""
    found, waiting = [], [pid]
    while waiting:
        some = _of(waiting.pop())
        found += some
        waiting += some
    return found


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to processes; some may be gone by now."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _of(pid: int) -> list[int]:
    return [each for each in _all() if _parent(each) == pid]


def _all() -> list[int]:
    try:
        return [int(each.name) for each in _PROC.iterdir() if each.name.isdecimal()]
    except OSError:
        return []


def _parent(pid: int) -> int | None:
    try:
        said = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # Behind the name, which may have spaces and brackets in it: state, parent, group, ...
    return int(said.rpartition(b")")[2].split()[1])


def _command(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
