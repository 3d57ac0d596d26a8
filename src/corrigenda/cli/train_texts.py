"""What `corrigenda train` says: what stands against it, how far it is, how it went."""

import contextlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from corrigenda.cli.text import amount, plain
from corrigenda.train import launching
from corrigenda.train.card import EXPORTS

_SECONDS = 10.0  # between two lines, where there is no terminal


def how_to_resume(folder: Path) -> str:
    """The end of the sentence after a stop."""
    return f"`corrigenda train --resume {plain(folder)}` goes on from its last checkpoint."


def stopped_at(report: Mapping[str, Any] | None) -> str:
    """At which step, if the report says it."""
    step = (report or {}).get("stopped_at")
    return "" if step is None else f" at step {plain(step)}"


def how_it_failed(folder: Path, code: int, since: int = 0) -> str:
    """The sentence after a training that neither finished nor stopped.

    Args:
        folder: Of the training.
        code: Its exit code.
        since: The bytes that its log had before.
    """
    log = folder / launching.LOG
    if code < 0:
        killed = " (out of memory, perhaps)" if code == -9 else ""
        return f"The training was killed by signal {-code}{killed}; {how_to_resume(folder)}"
    said = launching.last_words(folder, since).removeprefix(launching.ERROR)
    return f"{said or f'The training ended with the code {code}.'} (All it said is in `{log}`.)"


def warn(remarks: Iterable[str]) -> None:
    """Say what should be known, a line each."""
    for each in remarks:
        _say(f"Warning: {plain(each)}")


def note(remarks: Iterable[str]) -> None:
    """Say what is worth knowing, a line each."""
    for each in remarks:
        _say(f"Note: {plain(each)}")


def emitted(folder: Path) -> None:
    """Say what is in a folder for another trainer, and how to start that."""
    names = sorted(path.name for path in folder.iterdir())
    config = next(name for name in names if name.endswith((".yml", ".yaml")))
    command = "axolotl train" if config.startswith("axolotl") else "llamafactory-cli train"
    _say(f"Wrote {', '.join(names)} to `{plain(folder)}`.")
    _say(f"Start with `cd {plain(folder)} && {command} {config}`.")


def prepared(folder: Path, launches: Mapping[str, str]) -> None:
    """Say how a folder is launched."""
    _say(f"Made `{plain(folder)}`. Train it by one of these:")
    typer.echo(f"corrigenda train --resume {plain(folder)}")
    for command in launches.values():
        typer.echo(plain(command))


def findings(found: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> None:
    """Say what stands against a training."""
    for each in found:
        _finding(each)
    for line in _facts(facts):
        typer.echo(line)
    if not any(each.get("level") == "error" for each in found):
        _say("Nothing stands against it." if not found else "Nothing stops it.")


def tokens(found: Mapping[str, Any]) -> None:
    """Show the tokens of an example; those that are learned stand out, however it is read."""
    listed = found.get("tokens") or ()
    coloured = sys.stdout.isatty()
    said, marked = [], False
    for each in listed:
        learned = bool(each.get("loss"))
        text = _token(str(each.get("text", "")))
        if coloured:
            said.append(typer.style(text, fg="green", underline=True) if learned else text)
        else:
            said.append("[[" if learned and not marked else "]]" if marked and not learned else "")
            said.append(text)
        marked = learned
    if marked and not coloured:
        said.append("]]")
    typer.echo("".join(said))
    n = sum(bool(each.get("loss")) for each in listed)
    _say(f"{n} of {amount(len(listed), 'token')} are learned.")


def finished(folder: Path, report: Mapping[str, Any]) -> None:
    """Say how a training went, where the model is, and what to do next."""
    for stage in report.get("stages") or ():
        said = [f"{plain(stage.get('stage'))}: {amount(int(stage.get('steps') or 0), 'step')}"]
        if stage.get("loss_last") is not None:
            said.append(f"loss {_number(stage.get('loss_first'))} → {_number(stage['loss_last'])}")
        if stage.get("tokens_per_s"):
            said.append(f"{stage['tokens_per_s']:,.0f} tokens/s")
        if stage.get("flops_share"):
            said.append(f"{stage['flops_share']:.0%} of the hardware's peak")
        if stage.get("seconds"):
            said.append(_time(stage["seconds"]))
        _say(", ".join(said))
    model = folder / "model"
    _say(
        f"The model is in `{plain(model)}`, what it is made of in `{plain(folder / 'README.md')}`."
    )
    runs = " ".join(map(plain, _runs(folder))) or "RUN"
    _say(
        f"Next: ask it the same prompts again, `corrigenda evaluate {runs} --model {plain(folder)} "
        "--as NEW_RUN`, and `corrigenda compare` the runs."
    )


def _runs(folder: Path) -> list[str]:
    """The runs whose answers it was trained on; none where the folder does not tell."""
    try:
        about = json.loads((folder / EXPORTS).read_text("utf-8"))
        found = [run["run_id"] for each in about["exports"] for run in each["manifest"]["runs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [each for each in dict.fromkeys(found) if isinstance(each, str)]


class Following:
    """Shows the events of a training: a bar in a terminal, elsewhere a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said = 0.0
        self._bar: Any = None
        self._task: Any = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            parts = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
            )
            bar = Progress(*parts, console=Console(stderr=True), transient=True)
            self._bar = self._stack.enter_context(bar)
            self._task = bar.add_task("starting", total=None, said="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def show(self, event: Mapping[str, Any]) -> None:
        """Show what has happened."""
        name = event.get("event")
        if name == "check":
            found = event.get("findings") or ()
            errors = [each for each in found if each.get("level") == "error"]
            # The first error is the process's last word as well, and is said at its end.
            for each in errors[1:] and errors:
                _finding(each)
            for each in () if self._quiet else found:
                if each not in errors:
                    _finding(each)
        elif not self._quiet and event.get("step") is not None and event.get("max_steps"):
            self._progress(event)

    def _progress(self, event: Mapping[str, Any]) -> None:
        step, steps = int(event["step"]), int(event["max_steps"])
        stage, said = plain(event.get("stage", "")), _pace(event)
        if self._bar is not None:
            more = {"said": said} if said else {}
            self._bar.update(self._task, description=stage, completed=step, total=steps, **more)
            return
        now = time.monotonic()
        if said and (now - self._said >= _SECONDS or step == steps):
            self._said = now
            _say(f"{stage} {step}/{steps} {said}")


def _pace(event: Mapping[str, Any]) -> str:
    said = []
    if event.get("loss") is not None:
        said.append(f"loss {_number(event['loss'])}")
    if event.get("eval_loss") is not None:
        said.append(f"validation loss {_number(event['eval_loss'])}")
    if event.get("tokens_per_s"):
        said.append(f"{event['tokens_per_s']:,.0f} tokens/s")
    if event.get("eta_s") is not None:
        said.append(f"{_time(event['eta_s'])} left")
    return ", ".join(said)


def _finding(each: Mapping[str, Any]) -> None:
    level = "Error" if each.get("level") == "error" else "Warning"
    _say(f"{level}: {plain(each.get('message', ''))}")


def _facts(facts: Mapping[str, Any]) -> Iterator[str]:
    """What is known of a training before it begins; what is not known is left out."""
    machine, tokens = facts.get("machine") or {}, facts.get("tokens") or {}
    if facts.get("parameters"):
        yield (
            f"Model: {facts['parameters']:,} parameters, of which {facts.get('trainable') or 0:,} "
            f"are trained, in {plain(facts.get('dtype'))} on {plain(machine.get('device'))}"
        )
    if facts.get("rows"):
        yield f"Rows: {_named(facts['rows'])}"
    if tokens:
        counted = [each for each in tokens.values() if isinstance(each, Mapping)]
        yield (
            f"Tokens: {sum(each.get('all', 0) for each in counted):,}, of which "
            f"{sum(each.get('with_loss', 0) for each in counted):,} are learned; the longest row "
            f"has {max((each.get('longest', 0) for each in counted), default=0):,}"
        )
    if facts.get("steps"):
        batch = f"{facts.get('at_once')} rows at once, {facts.get('accumulation')} times in a step"
        yield f"Steps: {_named(facts['steps'])}; {batch}"
    for name, free in (("memory", "free"), ("disk", "disk")):
        if facts.get(name) and machine.get(free):
            wanted, there = _size(facts[name]), _size(machine[free])
            yield f"{name.capitalize()}: about {wanted}, and {there} are free"


def _named(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{plain(name)} {plain(value)}" for name, value in values.items())


def _size(n: float) -> str:
    units = iter(("bytes", "KiB", "MiB", "GiB"))
    unit = next(units)
    while n >= 1024 and (larger := next(units, None)):
        n, unit = n / 1024, larger
    return f"{n:.0f} {unit}" if n >= 10 else f"{n:.1f} {unit}"


def _token(text: str) -> str:
    r"""A token as it stands in the text; line ends stay, other control characters are escaped."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else plain(value)


def _time(seconds: float) -> str:
    """A span of time.

    Example:
        >>> _time(8.6), _time(75), _time(7300)
        ('9 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def _say(text: str) -> None:
    typer.echo(text, err=True)
