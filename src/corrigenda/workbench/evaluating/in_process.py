"""Asking a model on this machine: a process of the Python that has torch answers a folder.

See `train.generating` for what is in the folder. The process ends with this one, even if this
one is killed, since its standard input ends then; what it has answered stays.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput, shorten
from corrigenda.jsonl import dumps, loads, storage_errors
from corrigenda.train import launching, pythons
from corrigenda.train.environment import environment
from corrigenda.train.generating import ANSWERS, GENERATED, REQUEST
from corrigenda.workbench.evaluating.models import Asked
from corrigenda.workbench.evaluating.request import EvaluationRequest

_POLL = 0.2
_GRACE = 5.0
_BLOCK = 1 << 20


def check(request: EvaluationRequest, asked: Asked) -> None:
    """Refuse a Python that cannot generate.

    Raises:
        InvalidInput: It is none, or a library is missing.
    """
    assert asked.place is not None
    needed = (*pythons.GENERATING, *(["peft"] if asked.place["adapter"] else []))
    if lacking := pythons.missing(_python(request), needed):
        raise InvalidInput(
            f"`{_python(request)}` cannot generate, since it has no {' and no '.join(lacking)}: "
            "install `corrigenda[train]` there, or name another with `--python`."
        )


def ask(
    folder: Path,
    request: EvaluationRequest,
    asked: Asked,
    progress: Callable[[int], None],
    lock: int | None = None,
) -> dict[str, Any]:
    """Answer the questions of a folder; returns by what that was done (`generated.json`).

    Args:
        folder: With `questions.jsonl`.
        request: How it is to be done.
        asked: The model.
        progress: Called often with how many answers have come; what it raises ends it.
        lock: A handle that the process inherits, so that the lock is held until it has ended.

    Raises:
        InvalidInput: The process says that it cannot, or failed.
        StorageError: The folder cannot be written to.
    """
    assert asked.place is not None
    said = {
        **asked.place,
        "temperature": request.temperature,
        "max_new_tokens": request.max_new_tokens,
        "seed": request.seed,
        "batch_size": request.batch_size,
    }
    with storage_errors(folder):
        (folder / REQUEST).write_text(dumps(said), "utf-8")
        (folder / GENERATED).unlink(missing_ok=True)
        (folder / launching.LOG).unlink(missing_ok=True)
    with _running(folder, _python(request), lock) as process:
        _follow(folder / ANSWERS, process, progress)
    if process.returncode != 0:
        raise InvalidInput(_why(folder, process.returncode))
    told: dict[str, Any] = loads((folder / GENERATED).read_bytes())
    return told


def _python(request: EvaluationRequest) -> Path:
    return request.python or Path(sys.executable)


@contextlib.contextmanager
def _running(folder: Path, python: Path, lock: int | None) -> Iterator["subprocess.Popen[bytes]"]:
    """The process; it has ended when this has."""
    with (folder / launching.LOG).open("wb") as log:
        try:
            process = subprocess.Popen(
                launching.arguments(python, "generate", folder),
                cwd=folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=() if lock is None else (lock,),
            )
        except OSError as error:
            raise InvalidInput(f"`{python}` cannot be run: {error.strerror}.") from error
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        if process.poll() is None:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
            return


def _follow(
    path: Path, process: "subprocess.Popen[bytes]", progress: Callable[[int], None]
) -> None:
    """Count the answers as they come."""
    answered = 0
    with storage_errors(path), path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        while True:
            over = process.poll() is not None
            while block := file.read(_BLOCK):
                answered += block.count(b"\n")
            progress(answered)
            if over:
                return
            time.sleep(_POLL)


def _why(folder: Path, code: int) -> str:
    said = launching.last_words(folder)
    if code == 1 and said.startswith("Error: "):
        return said.removeprefix("Error: ")
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    return (
        f"Generating {how}: {shorten(said, 300)} See `{folder / launching.LOG}`; the same command "
        "goes on from here."
    )
