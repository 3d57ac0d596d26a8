"""What `corrigenda train` was asked for, and the steps that come of it."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import typer

from corrigenda.cli import export_recipe, export_texts, train_texts
from corrigenda.cli.options import open_workspace, settings_of
from corrigenda.cli.progress import progress_bar
from corrigenda.cli.train_run import Runner, refuse_launched
from corrigenda.train import emitting
from corrigenda.train.plan import TrainOptions, TrainPlan
from corrigenda.train.pythons import python_of
from corrigenda.workbench import training
from corrigenda.workbench.training_model import base_model

if TYPE_CHECKING:
    from corrigenda.core.recipe import Recipe
    from corrigenda.workbench import Workspace
    from corrigenda.workbench.training import Prepared

_SFT = "sft"
_LOOKING = ("check", "tokens")


@dataclass(frozen=True)
class Wanted:
    """What is to be trained on what; `None` or empty where nothing was said.

    Attributes:
        model: A folder, or a name on the Hub.
        revision: Of that.
        method: One of `corrigenda.train.plan.METHODS`.
        exports: What is trained on.
        output: The folder to make.
        name: Of the export that is made of a filter.
        recipe: A file that such an export begins with.
        filters: The filters, by their names in JSON.
        replay: The share of passes.
        fields: Further fields of a recipe.
        options: Of the training, as JSON.
        instead: What is done instead of training: `check`, `tokens`, `prepare` or `emit`.
        trainer: For whom a folder is made.
    """

    model: str | None = None
    revision: str | None = None
    method: str | None = None
    exports: tuple[str, ...] = ()
    output: Path | None = None
    name: str | None = None
    recipe: Path | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    replay: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    instead: str = ""
    trainer: str | None = None

    @property
    def kept(self) -> bool:
        """Whether anything is made that stays."""
        return self.instead not in _LOOKING

    @property
    def filtered(self) -> bool:
        """Whether rows are chosen here."""
        chosen = (self.name, self.recipe, self.filters, self.replay, self.fields)
        return any(each not in (None, {}) for each in chosen)

    def check(self) -> None:
        """Refuse words that do not go together."""
        if self.model is None:
            raise typer.BadParameter("give the model to train", param_hint="--model")
        if self.output is None and self.kept:
            raise typer.BadParameter("give the folder to make", param_hint="--output")
        if self.exports and self.filtered:
            raise typer.BadParameter(
                "a named export has its rows already; choose by --export or by a filter",
                param_hint="--export",
            )
        if not self.exports and not self.filtered:
            raise typer.BadParameter(
                "say what to train on: an export, or a filter with --name", param_hint="--export"
            )
        if not self.exports and self.name is None and self.kept:
            raise typer.BadParameter(
                "what is trained on is kept: give the export a name", param_hint="--name"
            )

    def refuse_beside_resume(self) -> None:
        """Refuse what stands in the plan already."""
        said = (self.model, self.revision, self.method, self.output)
        more = any(each is not None for each in said) or self.exports or self.options
        if more or self.filtered or self.instead not in ("", *_LOOKING):
            raise typer.BadParameter("the plan in the folder decides", param_hint="--resume")

    def again(self, runner: Runner, folder: Path) -> None:
        """Work on a folder that is there."""
        place = folder.expanduser().absolute()
        runner.check_python(TrainPlan.read(place).options)
        self.run(runner, place)

    def run(self, runner: Runner, folder: Path) -> None:
        """Do with a folder what is wanted."""
        if self.instead == "check":
            runner.check(folder)
        elif self.instead == "tokens":
            runner.show_tokens(folder)
        elif self.instead == "prepare":
            runner.prepared(folder)
        else:
            runner.train(folder)

    def refuse(self, folder: Path) -> None:
        """Refuse before an export is made on which nothing could be trained then.

        Raises:
            CorrigendaError: The folder is there, or the model or method cannot be used.
        """
        training.refuse_taken(folder)
        training.check_method(self.method or _SFT)
        if self.trainer is not None:
            emitting.check(self.trainer, self.method or _SFT)
        base_model(self.model or "", revision=self.revision, hashed=False)

    def prepared(
        self, workspace: "Workspace", folder: Path, scratch: Path, say: bool
    ) -> "Prepared":
        """Make the folder of the training."""
        return workspace.prepare_training(
            folder, exports=self._exports(workspace, scratch, say), **self._how()
        )

    def emitted(self, workspace: "Workspace", folder: Path, scratch: Path, say: bool) -> list[str]:
        """Make the folder for another trainer."""
        exports = self._exports(workspace, scratch, say)
        return workspace.emit_training(folder, self.trainer or "", exports=exports, **self._how())

    def _how(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "method": self.method or _SFT,
            "options": TrainOptions.from_json(self.options),
            "revision": self.revision,
        }

    def _exports(self, workspace: "Workspace", scratch: Path, say: bool) -> tuple[str | Path, ...]:
        if self.exports:
            return self.exports
        found = self._recipe(workspace)
        with progress_bar() as progress:
            made = workspace.make_training_exports(
                found,
                self.name or "export",
                method=self.method or _SFT,
                replay=self._replay(found),
                folder=None if self.kept else scratch,
                progress=progress,
            )
        for _, report in made:
            if say and self.kept:
                export_texts.tell(report, None)
            elif say:
                train_texts.warn(report.warnings)
        return tuple(place for place, _ in made)

    def _replay(self, found: "Recipe") -> float | None:
        """The share of passes that was asked for, which may be none of them."""
        if self.replay is not None or self.recipe is None:
            return self.replay
        said = export_recipe.read_recipe(self.recipe).get("replay")
        return None if said is None else found.replay

    def _recipe(self, workspace: "Workspace") -> "Recipe":
        seed = {"seed": self.options["seed"]} if "seed" in self.options else {}
        return export_recipe.recipe_of(
            workspace,
            curated=True,
            file=self.recipe,
            filters=self.filters,
            fields={**self.fields, **seed},
            tokenizer=None,
        )


def runner_of(
    ctx: typer.Context,
    workspace: Path | None,
    database_url: str | None,
    python: Path | None,
    processes: int,
    fetch: bool,
    json: bool,
    quiet: bool,
) -> Runner:
    """Who works on folders, with the Python that was named.

    Raises:
        InvalidInput: It is not there, or this is one of many processes.
    """
    refuse_launched(os.environ)
    named = python or settings_of(ctx, workspace, database_url).train_python
    return Runner(python_of(named), processes=processes, fetch=fetch, json=json, quiet=quiet)


def carry_out(
    ctx: typer.Context,
    workspace: Path | None,
    database_url: str | None,
    wanted: Wanted,
    runner: Runner,
) -> None:
    """Make what is wanted, and train."""
    options = TrainOptions.from_json(wanted.options)
    if wanted.instead not in ("prepare", "emit"):
        runner.check_python(options)
    say = not (runner.quiet or runner.json)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory(prefix="corrigenda-")))
        folder = scratch / "training"
        if wanted.output is not None and wanted.kept:
            folder = wanted.output.expanduser().absolute()
        # A workspace is not held open while a model is trained, which may take days.
        with open_workspace(ctx, workspace, database_url) as opened:
            wanted.refuse(folder)
            if wanted.trainer is not None:
                remarks = wanted.emitted(opened, folder, scratch, say)
            else:
                remarks = [*wanted.prepared(opened, folder, scratch, say).remarks]
        if wanted.trainer is not None:
            runner.emitted(folder, remarks)
            return
        runner.remarks(remarks)
        wanted.run(runner, folder)
