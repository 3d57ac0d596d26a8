"""Carries out a plan: its stages one after the other, from the last whole checkpoint on."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train import (
    checkpoints,
    following,
    loading,
    plan,
    preflight,
    quiet,
    reporting,
    results,
    stages,
    stopping,
)
from corrigenda.train.files import LOCK, digest, only_one, read_json, write_json
from corrigenda.train.plan import TrainPlan
from corrigenda.train.preflight import Checked
from corrigenda.train.progress import Progress
from corrigenda.train.settings import Settings

FINISHED, STOPPED = 0, 3

_RESULT = "result"


def main(folder: Path) -> int:
    """Train the run in a folder; the exit code is 3 when it was stopped and can go on.

    Raises:
        CorrigendaError: The run cannot be trained; the message says why.
    """
    stopping.listen()
    wanted = TrainPlan.read(folder)
    if finished(folder):
        return _trained(wanted)
    quiet.libraries(folder)
    # Its own choice is among the checkpoints, which are removed at the end.
    os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(folder / "tensorboard"))
    writes = os.environ.get("RANK", "0") == "0"
    import torch

    with _alone(folder) if writes else contextlib.nullcontext():
        if finished(folder):  # by another, who held the lock since it was asked above
            return _trained(wanted)
        (folder / checkpoints.FOLDER).mkdir(exist_ok=True)
        try:
            return _Run(folder, wanted, Progress(folder, writes=writes)).carry_out()
        except torch.OutOfMemoryError:
            raise InvalidInput(
                "The GPU's memory is full. Start another run with a smaller "
                "`device_batch_size`, a shorter `max_length`, or LoRA."
            ) from None


def finished(folder: Path) -> bool:
    """Whether all of a run's plan is done."""
    report = read_json(folder / reporting.FILE)
    return bool(report and report.get("finished") and (folder / results.MODEL).is_dir())


def _trained(wanted: TrainPlan) -> int:
    print(f"`{wanted.name}` is trained already.")  # noqa: T201  # the log of the run
    return FINISHED


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with only_one(folder / LOCK):
        try:
            yield
        finally:
            quiet.forget(folder)


@dataclass
class _Run:
    """One attempt."""

    folder: Path
    plan: TrainPlan
    progress: Progress
    done: list[dict[str, Any]] = field(default_factory=list)

    def carry_out(self) -> int:
        checked = preflight.check(self.folder, self.plan)
        if checked.machine.rank and finished(self.folder):
            return FINISHED  # as the first process has found under the lock
        settings = checked.settings
        if not checked.errors and settings is not None:
            settings = self._same_as_before(checked, settings)
        self.progress.event("check", **checked.as_json())
        self._say(checked)
        if settings is None:
            raise InvalidInput("The run cannot be trained: its rows cannot be read.")
        try:
            for name in self.plan.stages:
                self._stage(name, checked, settings)
            self._conclude(checked)
        except stopping.Stopped as stop:
            self._report(checked, finished=False, stopped_in=stop.stage, stopped_at=stop.step)
            return STOPPED
        return FINISHED

    def _same_as_before(self, checked: Checked, settings: Settings) -> Settings:
        """Go on with what the first attempt began with, or keep what this one begins with."""
        now: dict[str, Any] = {
            "run": digest(self.folder / plan.FILE),
            "model": loading.model_digests(self.plan.model),
            "processes": checked.machine.processes,
            "at_once": settings.at_once,
            "packing": settings.packing,
            "machine": reporting.machine(checked.machine, settings),
            "versions": reporting.versions(),
        }
        planned = self.plan.model.sha256
        if planned is not None and (other := dict(planned).items() ^ now["model"].items()):
            raise InvalidInput(
                f"`{min(other)[0]}` of the model `{self.plan.model.path}` is not what the plan was "
                "made for; start another run."
            )
        then = checkpoints.began_with(self.folder)
        if then is None:
            if checked.machine.rank == 0:
                checkpoints.begin(self.folder, now)
            return settings
        checked.findings += checkpoints.compare(then, now)
        # One that began without can go on so, also where rows could be packed by now.
        settings = replace(settings, packing=then.get("packing", settings.packing))
        if then["processes"] != now["processes"]:
            return settings
        # What goes through a device at once decides how sums are rounded.
        each = self.plan.options.batch_size // checked.machine.processes
        return replace(settings, at_once=then["at_once"], accumulation=each // then["at_once"])

    def _say(self, checked: Checked) -> None:
        """Write the findings into the log; errors end the run."""
        if checked.machine.rank == 0:
            for finding in checked.findings:
                print(f"{finding.level}: {finding.message}", file=sys.stderr)  # noqa: T201
        if errors := checked.errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            raise InvalidInput(f"The run cannot be trained: {errors[0].message}{more}")

    def _stage(self, name: str, checked: Checked, settings: Settings) -> None:
        place = self.folder / checkpoints.FOLDER / name
        writes = checked.machine.rank == 0
        is_last = name == self.plan.stages[-1]
        result = self.folder / results.MODEL if is_last else place / _RESULT
        if result.is_dir():
            self.done.append(read_json(place / reporting.FILE))
            return
        if stopping.asked():
            raise stopping.Stopped(name, checkpoints.step(checkpoints.last(place)))
        if writes:
            checkpoints.clear(place)
        stage = stages.Stage(name, self.plan, checked.machine, settings, place)
        callback = following.follower(name, self.progress)
        trainer = stages.trainer(
            stage,
            self._model(name, settings),
            checked.words,
            checked.rows,
            checked.prepared.get("replay", []),
            [callback],
        )
        callback.trainer = trainer
        from_there = checkpoints.last(place)
        trainer.train(resume_from_checkpoint=str(from_there) if from_there else None)
        numbers = self._numbers(trainer, name, checked, settings)
        # A trainer that was stopped returns as one that has come to its end.
        if trainer.state.global_step < trainer.state.max_steps:
            self.done.append(numbers)
            raise stopping.Stopped(name, trainer.state.global_step)
        if writes:
            write_json(place / reporting.FILE, numbers)
        results.write(
            trainer, result, None if self.plan.options.lora else results.own_dtype(self.plan)
        )
        if writes:
            checkpoints.remove(place)
        self.done.append(numbers)

    def _model(self, name: str, settings: Settings) -> Any:
        """What a stage starts from: the base model, or the result of the stage before."""
        before = self.folder / checkpoints.FOLDER / "sft" / _RESULT
        follows = name == "dpo" and "sft" in self.plan.stages
        if follows and self.plan.options.lora is None:
            return loading.weights(str(before), self.plan, settings)
        path, revision = self.plan.model.path, self.plan.model.revision
        model = loading.weights(path, self.plan, settings, revision=revision)
        if follows:
            from peft import PeftModel

            return PeftModel.from_pretrained(model, before, is_trainable=True)
        return model

    def _numbers(
        self, trainer: Any, name: str, checked: Checked, settings: Settings
    ) -> dict[str, Any]:
        found = reporting.stage(trainer, name, reporting.events(self.folder))
        share = reporting.share_of_peak(found, checked.facts, checked.machine, settings)
        return found | {"flops_share": share}

    def _conclude(self, checked: Checked) -> None:
        """Write what is left once all stages are done; one process does."""
        if checked.machine.rank:
            return
        model = self.folder / results.MODEL
        if self.plan.options.merge:
            results.merge(self.plan, checked.words, model, self.folder / results.MERGED)
        self._report(checked, finished=True, weights_sha256=loading.weights_digest(model))
        shutil.rmtree(self.folder / checkpoints.FOLDER)

    def _report(self, checked: Checked, *, finished: bool, **more: Any) -> None:
        if checked.machine.rank:
            return
        uses = ("corrections", "replay", "pairs", "validation")
        write_json(
            self.folder / reporting.FILE,
            {
                "finished": finished,
                "attempt": self.progress.attempt,
                **more,
                "stages": self.done,
                "rows": {use: len(checked.rows.get(use, ())) for use in uses},
                "tokens": checked.facts.get("tokens"),
                "parameters": checked.facts.get("parameters"),
                "trainable": checked.facts.get("trainable"),
                "device": checked.machine.name or checked.machine.device,
                "processes": checked.machine.processes,
                "dtype": checked.facts.get("dtype"),
                "batch": {key: checked.facts.get(key) for key in ("at_once", "accumulation")},
                "versions": reporting.versions(),
            },
        )
