"""What `corrigenda train` does with a folder: check it, show tokens, train, say how it went."""

import contextlib
import json as json_module
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from corrigenda.cli import train_texts as texts
from corrigenda.cli.errors import FINDINGS, INTERRUPTED, REFUSED, complain
from corrigenda.errors import InvalidInput
from corrigenda.train import card, launching, pythons
from corrigenda.train.launching import Running
from corrigenda.train.plan import TrainPlan
from corrigenda.train.progress import number

if TYPE_CHECKING:
    from corrigenda.train.plan import TrainOptions


def refuse_launched(environment: Mapping[str, str]) -> None:
    """Refuse to be one of many processes: a workspace is opened by one.

    Raises:
        InvalidInput: torchrun or accelerate has started this.
    """
    if launching.launched(environment):
        raise InvalidInput(
            "torchrun and accelerate start many processes, of which only one can open a workspace: "
            "make the folder first with `corrigenda train … --prepare`, then have them launch "
            f"`{launching.PROGRAM} train DIR`."
        )


@dataclass(frozen=True)
class Runner:
    """Works on folders of trainings.

    Attributes:
        python: The one that has torch.
        processes: On this machine.
        fetch: Whether the model may be downloaded.
        json: Whether results are JSON.
        quiet: Whether nothing is said but what goes wrong.
    """

    python: Path
    processes: int = 1
    fetch: bool = False
    json: bool = False
    quiet: bool = False

    def check_python(self, options: "TrainOptions") -> None:
        """Refuse a Python that cannot train.

        Raises:
            InvalidInput: A package is missing; the sentence says how to install it.
        """
        pythons.check(self.python, pythons.needed(options))

    def remarks(self, remarks: Sequence[str]) -> None:
        """Say what should be known before."""
        if not self.quiet:
            texts.note(remarks)

    def emitted(self, folder: Path, remarks: Sequence[str]) -> None:
        """Say what a folder for another trainer has."""
        if self.json:
            self._print({"folder": str(folder), "remarks": list(remarks)})
            return
        self.remarks(remarks)
        if not self.quiet:
            texts.emitted(folder)

    def prepared(self, folder: Path) -> None:
        """Say how to launch a folder."""
        launches = launching.launches(
            folder, self.python, processes=self.processes, fetch=self.fetch
        )
        if self.json:
            self._print({"folder": str(folder), "launch": launches})
        elif not self.quiet:
            texts.prepared(folder, launches)

    def check(self, folder: Path) -> None:
        """Say what stands against a training."""
        code, said, complaints = self._answer("check", folder)
        found = _json(said)
        if found is None:
            raise _failed(code, complaints)
        if self.json:
            self._print(found)
        else:
            texts.findings(found.get("findings") or (), found.get("facts") or {})
        if any(each.get("level") == "error" for each in found.get("findings") or ()):
            raise typer.Exit(FINDINGS)

    def show_tokens(self, folder: Path) -> None:
        """Show an example with the tokens marked that are learned."""
        code, said, complaints = self._answer("tokens", folder)
        found = _json(said)
        if code or found is None:
            raise _failed(code, complaints)
        if self.json:
            self._print(found)
        else:
            texts.tokens(found)

    def train(self, folder: Path) -> None:
        """Train, or go on with it, and say how it went."""
        plan = TrainPlan.read(folder)
        before = launching.report_of(folder)
        if before is not None and before.get("finished"):
            self._finished(folder, plan, before)
            return
        running = Running.start(
            folder,
            python=self.python,
            processes=self.processes,
            fetch=self.fetch,
            trackers=plan.options.report_to,
        )
        stopped = FINDINGS
        try:
            with _stoppable(), texts.Following(quiet=self.quiet) as following:
                for event in running.events():
                    following.show(event)
            code: int | None = running.wait()
        except KeyboardInterrupt:
            stopped, code = INTERRUPTED, self._stop(running)
        except BaseException:  # such as a pipe that nobody reads any more
            running.stop()
            raise
        self._end(running, plan, code, stopped)

    def _stop(self, running: Running) -> int | None:
        """Stop it; its exit code, or `None` where it was killed for another Ctrl-C."""
        try:
            # The terminal that would show it may be what has ended.
            with contextlib.suppress(OSError):
                said = "Stopping with a checkpoint; Ctrl-C again ends it at once."
                typer.echo(said, err=True)
            return running.stop()
        except KeyboardInterrupt:
            running.kill()
            return None

    def _end(self, running: Running, plan: TrainPlan, code: int | None, stopped: int) -> None:
        """Say what came of it: the exit code alone says too little, and an old report too much.

        Args:
            running: What has ended.
            plan: Of the training.
            code: Its exit code; `None` where it was killed on purpose.
            stopped: The exit code of this command if it was stopped.
        """
        folder = running.folder
        report = launching.report_of(folder) or {}
        new = report.get("attempt") == number(running.attempt)
        if code == 0 and report.get("finished"):
            self._finished(folder, plan, report)
        elif code is None or (new and not report.get("finished")):
            step = texts.stopped_at(report if new else None)
            typer.echo(f"Stopped{step}; {texts.how_to_resume(folder)}", err=True)
            raise typer.Exit(stopped)
        else:
            complain(texts.how_it_failed(folder, code, running.logged))
            raise typer.Exit(REFUSED)

    def _finished(self, folder: Path, plan: TrainPlan, report: Mapping[str, Any]) -> None:
        card.write(folder, plan, report)
        if self.json:
            self._print({"folder": str(folder), "model": str(folder / "model"), **report})
        elif not self.quiet:
            texts.finished(folder, report)

    def _answer(self, command: str, folder: Path) -> tuple[int, str, str]:
        return launching.answer(
            self.python, command, folder, fetch=self.fetch, processes=self.processes
        )

    def _print(self, value: Mapping[str, Any]) -> None:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(value))


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Whoever ends this process ends the training as Ctrl-C does: with a checkpoint.

    So does the end of its terminal, unless that was to be ignored (`nohup`).
    """

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)}
    before = {each: old for each, old in before.items() if old is not signal.SIG_IGN}
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, old in before.items():
            signal.signal(each, old)


def _json(text: str) -> dict[str, Any] | None:
    """The JSON object that a text ends with, behind what libraries may have said before."""
    start = 0 if text.startswith("{") else text.find("\n{") + 1
    try:
        found = json_module.loads(text[start:])
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _failed(code: int, complaints: str) -> InvalidInput:
    said = launching.last_line(complaints).removeprefix(launching.ERROR)
    return InvalidInput(said or f"It ended with the code {code}.")
