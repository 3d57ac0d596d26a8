"""The methods of a workspace that prepare a training; see `workspace`."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corrigenda import settings
from corrigenda.core.recipe import Recipe
from corrigenda.store import Database, passes
from corrigenda.train import emitting
from corrigenda.train.plan import TrainOptions
from corrigenda.workbench import model_choices, snapshots, training, training_emitting
from corrigenda.workbench.curating.examining import Progress
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.curating.report import ExportReport
from corrigenda.workbench.training import Prepared
from corrigenda.workbench.training_data import check_formats
from corrigenda.workbench.training_model import base_model
from corrigenda.workbench.trainings import Trainings


class TrainingMethods:
    """What `Workspace` gives to those who train; the training itself is in `corrigenda.train`."""

    directory: Path
    config_dir: Path
    database: Database

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    @abstractmethod
    def make_export(self, recipe: Recipe, *args: Any, **more: Any) -> ExportReport:
        """Make an export."""

    @abstractmethod
    def _exported(self, which: str | Path, *, only_names: bool = False) -> Exported:
        """An export by its name or path."""

    @property
    def trainings(self) -> Trainings:
        """The trainings in this workspace, as they are at this moment."""
        models = settings.read_config(self.config_dir).models_dir
        return Trainings(self.directory, self.database, models)

    def offered_models(self) -> dict[str, Any]:
        """What can be named over HTTP; see `model_choices`.

        Returns:
            `{"items": [{"name": "training:v1", "made_by": "v1"}], "endpoints": ["vllm"],
            "folder": "/srv/models"}`.
        """
        there = self.trainings
        return {
            "items": [*model_choices.offered(there.home, there.models)],
            "endpoints": sorted(settings.read_config(self.config_dir).endpoints),
            "folder": None if there.models is None else str(there.models),
        }

    def model_folder(self, name: str) -> Path:
        """The folder of one of `offered_models`.

        Raises:
            NotFound: It is none.
        """
        there = self.trainings
        return model_choices.folder_of(name, there.home, there.models)

    def check_training(self, exports: Iterable[str], method: str) -> None:
        """Refuse what cannot be trained on.

        Args:
            exports: Names of snapshots.
            method: `sft`, `dpo` or `sft-dpo`.

        Raises:
            InvalidInput: The method is none, or the exports do not go with it.
            UnknownExport: An export is not there.
        """
        training.check_method(method)
        check_formats([self._exported(each, only_names=True) for each in exports], method)

    def prepare_training(
        self,
        folder: str | Path,
        *,
        model: str,
        exports: Iterable[str | Path],
        method: str = "sft",
        options: TrainOptions | None = None,
        revision: str | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Prepared:
        """Make the folder of a training, which `corrigenda.train` carries out.

        Args:
            folder: Which is not there yet, or empty.
            model: A folder, a finished training's folder, or a name on the Hub.
            exports: Names of snapshots, or paths to exports' folders or manifests.
            method: `sft`, `dpo` or `sft-dpo`.
            options: How.
            revision: Of a model on the Hub.
            meanwhile: Called often while the model is read; what it raises ends it.

        Raises:
            Conflict: The folder is there.
            InvalidInput: The exports do not go with the method, or the model cannot be trained.
            NotFound, UnknownExport: A model, export or file is not there.
            StorageError: The disk refuses; there is no folder then.
        """
        place = Path(folder).expanduser().absolute()
        training.refuse_taken(place)
        training.check_method(method)
        found = [self._exported(each) for each in dict.fromkeys(exports)]
        check_formats(found, method)
        return training.prepare(
            place,
            found,
            base_model(model, revision=revision, meanwhile=meanwhile or (lambda: None)),
            method=method,
            options=options or TrainOptions(),
        )

    def make_training_exports(
        self,
        recipe: Recipe,
        name: str,
        *,
        method: str = "sft",
        replay: float | None = None,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> list[tuple[str | Path, ExportReport]]:
        """Make the exports that a training needs, of what a filter finds.

        Args:
            recipe: What is chosen, and how; its format does not matter.
            name: Of the snapshot; that of the pairs is called after it.
            method: See `prepare_training`.
            replay: The share of passes; unless given, `training.REPLAY` where there are any.
            folder: Where they go to instead of the workspace, to be looked at only.
            progress: Told how far it is, in candidates.

        Returns:
            For each its name (or its folder) and its report.

        Raises:
            InvalidInput: The recipe cannot be used.
            ExportExists: A name is taken; then none is made.
        """
        self.refresh()
        with self.database.reading() as connection:
            there = passes.total(connection) > 0
        share = replay if replay is not None else training.REPLAY if there else 0.0
        wanted = [*training.recipes(replace(recipe, replay=share), method, name)]
        if folder is not None:
            places = [folder / each for each, _ in wanted]
            return [
                (place, self.make_export(made, place, progress=progress))
                for place, (_, made) in zip(places, wanted, strict=True)
            ]
        for each, _ in wanted:
            snapshots.refuse_taken(self.directory, self.database, each)
        return [
            (each, self.make_export(made, name=each, progress=progress)) for each, made in wanted
        ]

    def emit_training(
        self,
        folder: str | Path,
        kind: str,
        *,
        model: str,
        exports: Iterable[str | Path],
        method: str = "sft",
        options: TrainOptions | None = None,
        revision: str | None = None,
    ) -> list[str]:
        """Make a folder for another trainer; the arguments are those of `prepare_training`.

        Returns:
            What somebody should know, a sentence each.

        Raises:
            InvalidInput: The trainer is not known, or cannot do the method.
            Conflict, NotFound, UnknownExport, StorageError: As in `prepare_training`.
        """
        emitting.check(kind, method)
        place = Path(folder).expanduser().absolute()
        training.refuse_taken(place)
        with TemporaryDirectory(prefix="corrigenda-") as scratch:
            prepared = self.prepare_training(
                Path(scratch) / place.name,
                model=model,
                exports=exports,
                method=method,
                options=options,
                revision=revision,
            )
            with training.made(place) as target:
                said = training_emitting.emit(prepared.folder, target, prepared.plan, kind)
        return [*prepared.remarks, *said]
