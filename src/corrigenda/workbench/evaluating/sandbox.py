"""Running a stranger's program: by bubblewrap, away from files, network and other processes.

A sandbox sees Python's standard library and the system's libraries, both read-only, and an empty
folder in memory. It has no network, no devices but the harmless ones, no variables, no rights, and
its own process numbers; all of it ends with whoever started it. Time, memory and files are limited,
and it can start no other process. https://github.com/containers/bubblewrap
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from corrigenda.errors import InvalidInput, shorten
from corrigenda.workbench.evaluating.syscalls import no_processes

PROGRAM = "bwrap"
SECONDS = 10.0
"""For a program and all of its tests."""

BYTES = 1 << 30
"""Of memory."""

_INSIDE = Path(__file__).with_name("sandboxed.py")
_MOST_SAID = 1 << 16
_LIBRARIES = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")


@dataclass(frozen=True)
class Ran:
    """What came of a program and its tests.

    Attributes:
        passed: How many tests did.
        failed: The first that did not: `{"test", "error"}`; `test` is `None` for the program.
        ended: Why there is no more to say: it took too long, or ended itself.
    """

    passed: int = 0
    failed: Sequence[dict[str, Any]] = ()
    ended: str | None = None


def check() -> None:
    """Refuse where there is no sandbox.

    Raises:
        InvalidInput: bubblewrap is missing, or may not do its work here.
    """
    if shutil.which(PROGRAM) is None:
        raise InvalidInput(
            "Unit tests run inside bubblewrap alone, which is not installed: on Debian "
            "`apt-get install bubblewrap`."
        )
    if run("x = 1", ["assert x == 1"]).passed != 1:
        raise InvalidInput("A sandbox was made, and Python does not run in it.")


def run(code: str, tests: Sequence[str], *, seconds: float = SECONDS, most: int = BYTES) -> Ran:
    """Run a program and then its tests, each with what the program has defined.

    Args:
        code: Python.
        tests: Python, each of which fails if it raises.
        seconds: In which all of it has to end.
        most: The bytes of memory that it may have.

    Raises:
        InvalidInput: There is no sandbox; the sentence has what bubblewrap says.
    """
    token = secrets.token_hex(16)
    asked = {"code": code, "tests": [*tests], "seconds": seconds, "bytes": most, "token": token}
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaints:
        late = _carry_out(json.dumps(asked).encode("ascii"), said, complaints, seconds)
        lines = _lines(said, token)
        if not lines:  # what has not begun is neither right nor wrong
            complaint = _text(complaints).strip().rpartition("\n")[2]
            raise InvalidInput(f"There is no sandbox: {shorten(complaint or 'no answer', 300)}")
    if len(lines) > 1:
        try:
            found = json.loads(lines[1])
            return Ran(int(found["passed"]), tuple(found["failed"]))
        except (ValueError, KeyError, TypeError):
            return Ran(ended="it did not let its tests end")
    if late:
        return Ran(ended=f"it ran for more than {seconds:g} seconds")
    return Ran(ended="it ended before its tests did")


def _carry_out(asked: bytes, said: IO[bytes], complaints: IO[bytes], seconds: float) -> bool:
    """Run the program; whether it had to be ended."""
    with tempfile.TemporaryFile() as rules:
        rules.write(no_processes())
        rules.flush()
        rules.seek(0)
        process = subprocess.Popen(
            _command(rules.fileno()),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=complaints,
            env={},
            pass_fds=[rules.fileno()],
        )
    try:
        process.communicate(asked, timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    finally:
        process.kill()  # and with it all that is inside
        process.wait()
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # what it was asked it may not have read
            process.stdin.close()
    return False


def _command(rules: int) -> list[str]:
    # The real one: a virtual environment's is a link to it, and its packages stay outside.
    python = Path(sys.executable).resolve()
    prefix = sysconfig.get_config_var("installed_base") or sys.base_prefix
    places = dict.fromkeys((*_LIBRARIES, prefix, str(python.parent)))
    binds = [word for place in places for word in ("--ro-bind-try", place, place)]
    return [
        shutil.which(PROGRAM) or PROGRAM,
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--seccomp", str(rules), "--cap-drop", "ALL"),
        *("--uid", "65534", "--gid", "65534", "--hostname", "sandbox"),
        *binds,
        *("--proc", "/proc", "--dev", "/dev", "--size", str(1 << 26), "--tmpfs", "/tmp"),
        *("--ro-bind", str(_INSIDE), "/sandboxed.py", "--chdir", "/tmp"),
        *("--setenv", "PYTHONHASHSEED", "0", "--setenv", "LC_ALL", "C.UTF-8"),
        *("--", str(python), "-I", "-S", "/sandboxed.py"),
    ]


def _lines(said: IO[bytes], token: str) -> list[str]:
    """What `sandboxed` has said; the token keeps apart from it what a program happens to print."""
    return [
        line.removeprefix(f"{token} ")
        for line in _text(said).splitlines()
        if line.startswith(f"{token} ")
    ]


def _text(file: IO[bytes]) -> str:
    file.seek(0, os.SEEK_SET)
    return file.read(_MOST_SAID).decode("utf-8", "replace")
