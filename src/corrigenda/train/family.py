"""The processes that a process has started, where the system tells (`/proc`); else none."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def children(pid: int, program: Path) -> list[int]:
    """The children of a process that run a program of ours."""
    wanted = os.fsencode(program)
    return [each for each in _of(pid) if wanted in command(each)]


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


def boot() -> str | None:
    """Which start of the machine this is; `None` where the system does not tell."""
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return None


def began(pid: int) -> int | None:
    """When a process began, in ticks since boot; `None` where it is over."""
    said = _stat(pid)
    # One that has ended and waits for its parent to hear of it is over.
    return None if said is None or said[0] in (b"Z", b"X") else int(said[19])


def command(pid: int) -> list[bytes]:
    """The command line of a process."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return []


def _of(pid: int) -> list[int]:
    return [each for each in _all() if _parent(each) == pid]


def _all() -> list[int]:
    try:
        return [int(each.name) for each in _PROC.iterdir() if each.name.isdecimal()]
    except OSError:
        return []


def _parent(pid: int) -> int | None:
    said = _stat(pid)
    return None if said is None else int(said[1])


def _stat(pid: int) -> list[bytes] | None:
    """State, parent, group, …: what stands behind the name, which may have spaces and brackets."""
    try:
        return (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
