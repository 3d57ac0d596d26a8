"""Starting what trains in the Python that has torch, following it, and stopping it.

    corrigenda train ──starts──▶ PYTHON …/train/__main__.py train FOLDER
          ▲                                     │
          └──── FOLDER/attempt-1.jsonl ◀────────┘   one line of JSON for each event

The process is started with a list of arguments and never through a shell, in a session of its
own, without standard input, with an environment of which every name is on a list, and with its
output in `output.log`: no pipe can fill, and no secret of a server's gets into it. It goes on if
whoever started it is killed.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from corrigenda.errors import InvalidInput, StorageError
from corrigenda.train import family, orphans, progress
from corrigenda.train.environment import environment
from corrigenda.train.files import LOCK, only_one, read_json
from corrigenda.train.machine import PROCESSES
from corrigenda.train.orphans import Orphan

PROGRAM = Path(__file__).with_name("__main__.py")
"""What torchrun and accelerate are given, too."""

CONFIGS = PROGRAM.with_name("configs")
"""Configurations for accelerate."""

LOG, REPORT = "output.log", "report.json"

GRACE = 600.0
"""Seconds that a process has for its checkpoint, before it is killed."""

ERROR = "Error: "
"""What a refusal begins with."""

_SAID = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TOKENIZERS_PARALLELISM")
_POLL = 0.1
_LAST = 1 << 16  # bytes of the log in which its last words are looked for


def launched(env: Mapping[str, str]) -> bool:
    """Whether a process was started by torchrun or accelerate, as one of many.

    Example:
        >>> launched({"RANK": "0", "WORLD_SIZE": "2"}), launched({"HOME": "/root"})
        (True, False)
    """
    return "RANK" in env and "WORLD_SIZE" in env


def arguments(python: Path, command: str, folder: Path, *, processes: int = 1) -> list[str]:
    """The command line for a folder.

    Example:
        >>> arguments(Path("python3"), "train", Path("/runs/a"), processes=2)[1:5]
        ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2']
    """
    many = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    return [str(python), *(many if processes > 1 else ()), str(PROGRAM), command, str(folder)]


def launches(
    folder: Path, python: Path, *, processes: int = 1, fetch: bool = False
) -> dict[str, str]:
    """What people type to train a prepared folder on their own: by torchrun, by accelerate.

    Example:
        >>> found = launches(Path("/runs/a"), Path("/env/bin/python"), processes=4)
        >>> "--nproc_per_node=4 " in found["torchrun"], "--num_processes 4 " in found["accelerate"]
        (True, True)
    """
    fixed = environment({}, fetch=fetch)
    said = [f"{name}={fixed[name]}" for name in _SAID if name in fixed]
    rest = [str(PROGRAM), "train", str(folder)]
    many = ["torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    sharded = ["accelerate.commands.launch", "--config_file", str(CONFIGS / "fsdp2.yaml")]
    sharded += ["--num_processes", str(processes)]
    return {
        name: shlex.join([*said, str(python), "-m", *words, *rest])
        for name, words in (("torchrun", many), ("accelerate", sharded))
    }


def attempt_path(folder: Path) -> Path:
    """Where the next attempt writes its events."""
    return progress.next_attempt(folder)


def follow(
    path: Path, over: Callable[[], bool], *, poll: float = _POLL
) -> Iterator[dict[str, Any]]:
    """The events of a file that somebody writes, until they are over; those written last as well.

    A line that is half there is waited for, and left out if it stays so. What is no JSON object
    is left out, too. The file need not be there yet.

    Args:
        path: An `attempt-N.jsonl`.
        over: Whether nobody writes any more.
        poll: Seconds between two looks.
    """
    offset, rest = 0, b""
    while True:
        last = over()  # asked before the last look, or the last lines would be lost
        data = _from(path, offset)
        offset += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            event = progress.parsed(line)
            if event is not None:
                yield event
        if last:
            return
        if not data:
            time.sleep(poll)


def last_words(folder: Path, since: int = 0) -> str:
    """What a process said last, for a sentence about its end; `""` if it said nothing.

    Args:
        folder: Of the training run.
        since: The bytes that its log had before the process.
    """
    return last_line(last_of_log(folder, since))


def last_of_log(folder: Path, since: int = 0) -> str:
    """The last 64 KiB of a training's log; `""` where there is none.

    Args:
        folder: Of the training run.
        since: The bytes to leave out before.
    """
    path = folder / LOG
    try:
        with path.open("rb") as file:
            file.seek(max(since, path.stat().st_size - _LAST))
            return _text(file.read())
    except OSError:
        return ""


def last_line(text: str) -> str:
    r"""The last line that says `Error: …`, or else the last that says anything.

    What starts several processes says more below the error of one of them.

    Example:
        >>> last_line("Error: It is so.\n\n=======\n"), last_line("Killed.\n=======\n")
        ('Error: It is so.', 'Killed.')
    """
    said = [line.strip() for line in text.splitlines() if any(map(str.isalnum, line))]
    errors = [line for line in said if line.startswith(ERROR)]
    return (errors or said or [""])[-1]


def report_of(folder: Path) -> dict[str, Any] | None:
    """What the trainer says of the whole; `None` where it says nothing (yet)."""
    found = read_json(folder / REPORT)
    return found if isinstance(found, dict) else None


def answer(
    python: Path,
    command: str,
    folder: Path,
    *,
    fetch: bool = False,
    trackers: Sequence[str] = (),
    processes: int = 1,
) -> tuple[int, str, str]:
    """Run a command that only says something: its exit code, output and complaints.

    Args:
        python: The one that has torch.
        command: Of `corrigenda.train`.
        folder: Of the training run, prepared.
        fetch: Whether models may be downloaded.
        trackers: Whose variables the process gets.
        processes: How many are to train; the command itself is one of them, with one GPU.
    """
    env = environment(fetch=fetch, trackers=trackers)
    if processes > 1 or command == "tokens":  # which are the same however it is trained
        env[PROCESSES] = str(processes)
        env["CUDA_VISIBLE_DEVICES"] = env.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
    done = subprocess.run(
        arguments(python, command, folder),
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8", "replace"), _text(done.stderr)


@dataclass
class Running:
    """A process that works on a folder.

    Attributes:
        folder: Of the training run.
        attempt: Where it writes its events.
        logged: The bytes that its log had before it.
    """

    folder: Path
    attempt: Path
    _process: subprocess.Popen[bytes] | Orphan = field(repr=False)
    logged: int = 0

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        python: Path = Path(sys.executable),
        command: str = "train",
        processes: int = 1,
        fetch: bool = False,
        trackers: Sequence[str] = (),
    ) -> Self:
        """Start the process.

        Args:
            folder: Of the training run, prepared.
            python: The one that has torch.
            command: Of `corrigenda.train`.
            processes: More than one go through torchrun.
            fetch: Whether models may be downloaded.
            trackers: Whose variables the process gets, such as `wandb`.

        Raises:
            Conflict: Another process trains there.
            InvalidInput: The Python cannot be run.
            StorageError: The folder cannot be written to.
        """
        attempt = attempt_path(folder)
        try:
            # It would refuse by itself, but after it was noted in the place of who trains there.
            with only_one(folder / LOCK):
                pass
            with (folder / LOG).open("ab") as log:
                logged = log.tell()
                started = subprocess.Popen(
                    arguments(python, command, folder, processes=processes),
                    cwd=folder,
                    env=environment(fetch=fetch, trackers=trackers),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise InvalidInput(f"`{python}` cannot be run: {error.strerror}.") from error
        running = cls(folder, attempt, started, logged)
        try:
            orphans.note(folder, started.pid, attempt, logged)
        except OSError as error:  # what nobody could stop is not begun
            running.kill()
            raise StorageError(f"`{folder}` cannot be written to: {error.strerror}.") from error
        return running

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """What works on a folder already, whoever started it; `None` where nothing does.

        Its exit code is not known; what it has reported is.
        """
        found = orphans.living(folder)
        return None if found is None else cls(folder, folder / found.attempt, found, found.logged)

    @property
    def pid(self) -> int:
        """Its number, and that of its process group."""
        return self._process.pid

    def events(
        self, *, poll: float = _POLL, meanwhile: Callable[[], None] = lambda: None
    ) -> Iterator[dict[str, Any]]:
        """What it says of its progress, until it has ended; see `follow`.

        Args:
            poll: Seconds between two looks.
            meanwhile: Called before each look; it may stop the process.
        """

        def over() -> bool:
            meanwhile()
            return self._process.poll() is not None

        return follow(self.attempt, over, poll=poll)

    def code(self, said: int) -> int | None:
        """The exit code that `wait` has said; `None` where nobody but its parent can know it."""
        return None if isinstance(self._process, Orphan) else said

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; its exit code, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: It goes on.
        """
        return self._process.wait(timeout)

    def stop(self, *, grace: float = GRACE) -> int:
        """Ask it to stop, which keeps a checkpoint, and wait; kill it if that takes too long.

        Returns:
            Its exit code.
        """
        if self._process.poll() is not None:
            return self._process.returncode
        # torchrun gives its workers sessions of their own, and 30 seconds when it is stopped
        # itself. Where there are workers they are asked, and torchrun ends with them. The children
        # of a process that trains alone are no workers, though a fork looks like one.
        arguments = self._process.args
        alone = isinstance(arguments, list) and str(PROGRAM) in arguments[:2]
        workers = [] if alone else family.children(self.pid, PROGRAM)
        if workers:
            family.send(workers, signal.SIGTERM)
        else:
            self._signal(signal.SIGTERM)
        try:
            return self._process.wait(grace)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it at once, with all that it has started; its exit code."""
        below = family.descendants(self.pid)
        self._signal(signal.SIGKILL)
        family.send(below, signal.SIGKILL)
        return self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            os.killpg(self.pid, number)


def _from(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read()
    except FileNotFoundError:
        return b""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
