"""Preparing a training: exports, a model and options become a folder that says it all.

The folder is made under another name and renamed, so that it is there whole or not at all. What
it has is in `corrigenda.train`; two files more are for the model card:

    exports.json   the manifests of the exports, and counts of the rows that are trained on
    README.md      the card; see `corrigenda.train.card`
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corrigenda.clock import now
from corrigenda.core.recipe import Recipe
from corrigenda.errors import Conflict, InvalidInput
from corrigenda.jsonl import atomic_write, storage_errors, sync_directory
from corrigenda.train.card import EXPORTS
from corrigenda.train.plan import FILE, METHODS, BaseModel, TrainOptions, TrainPlan
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.training_data import (
    PAIRED,
    SUPERVISED,
    Divided,
    check_formats,
    digest,
    divide,
)

REPLAY = 0.3
"""The share of passes among the rows, unless another one is asked for."""

PAIRS = "-pairs"
"""What follows an export's name in that of the one with its pairs."""


@dataclass(frozen=True)
class Prepared:
    """A training that can be started.

    Attributes:
        folder: Its own.
        plan: What `run.json` says.
        remarks: What somebody should know before, a sentence each.
    """

    folder: Path
    plan: TrainPlan
    remarks: Sequence[str]


def prepare(
    folder: Path,
    exports: Sequence[Exported],
    model: BaseModel,
    *,
    method: str,
    options: TrainOptions,
    name: str | None = None,
) -> Prepared:
    """Make the folder of a training.

    Args:
        folder: Which is not there yet, or empty.
        exports: What is trained on.
        model: What is trained; see `training_model.base_model`.
        method: One of `METHODS`.
        options: How.
        name: What people call it; the folder's, unless given.

    Raises:
        Conflict: The folder is there.
        InvalidInput, NotFound: The exports do not go with the method, or cannot be used.
        StorageError: The disk refuses; there is no folder then.
    """
    refuse_taken(folder)
    check_method(method)
    check_formats(exports, method)
    with made(folder) as draft:
        divided = divide(exports, method, draft)
        plan = TrainPlan(
            name=name or folder.name,
            created_at=now(),
            method=method,
            model=model,
            data=divided.data,
            exports=tuple(
                {"name": each.name, "format": each.recipe.format, "digest": digest(each)}
                for each in exports
            ),
            options=options,
        )
        with atomic_write(draft / EXPORTS) as file:
            file.write(_about(exports, divided))
        plan.write(draft)
    return Prepared(folder, plan, divided.remarks)


def check_method(method: str) -> None:
    """Refuse what is no method.

    Raises:
        InvalidInput: It is none.
    """
    if method not in METHODS:
        raise InvalidInput(f"`{method}` is no method; use one of {', '.join(METHODS)}.")


def refuse_taken(folder: Path) -> None:
    """Refuse a folder that is there: nothing is written over.

    Raises:
        Conflict: It is.
    """
    if (folder / FILE).is_file():
        raise Conflict(
            f"There is a training in `{folder}` already, and it stays as it is: `corrigenda train "
            f"--resume {folder}` goes on with it. Choose another folder for another one."
        )
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise Conflict(f"`{folder}` is there already; choose another folder.")


def recipes(start: Recipe, method: str, name: str) -> Iterator[tuple[str, Recipe]]:
    """The exports that a method is trained on, by name: as one recipe asks for them.

    Args:
        start: What is chosen, and how; its format does not matter.
        method: One of `METHODS`.
        name: Of the first; the one of pairs is called after it.

    Example:
        >>> start = Recipe(replay=REPLAY)
        >>> [(name, each.format, each.replay) for name, each in recipes(start, "sft-dpo", "v1")]
        [('v1', 'prompt_completion', 0.3), ('v1-pairs', 'preference', 0.0)]
    """
    check_method(method)
    if method != "dpo" or start.replay:  # which replays the passes alone
        yield name, replace(start, format=SUPERVISED)
    if method != "sft":
        yield f"{name}{PAIRS}", replace(start, format=PAIRED, replay=0.0)


@contextlib.contextmanager
def made(folder: Path) -> Iterator[Path]:
    """A folder under another name, which gets its own when all went well.

    Raises:
        StorageError: The disk refuses.
    """
    draft = folder.parent / f".{folder.name}.{os.getpid()}.tmp"
    with storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
    try:
        yield draft
        with storage_errors(folder):
            sync_directory(draft)
            draft.rename(folder)
            sync_directory(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def drafts(folder: Path) -> list[Path]:
    """What `made` has begun for a folder, and not ended; nothing of another one's, such as `v1.5`.

    Example:
        >>> drafts(Path("/nowhere/v1"))
        []
    """
    mine = re.compile(rf"\.{re.escape(folder.name)}\.[0-9]+\.tmp")
    return [each for each in folder.parent.glob(".*.tmp") if mine.fullmatch(each.name)]


def _about(exports: Sequence[Exported], divided: Divided) -> bytes:
    said: Mapping[str, Any] = {
        "exports": [
            {"name": each.name, "digest": digest(each), "manifest": each.manifest}
            for each in exports
        ],
        "counts": divided.counts,
        "remarks": divided.remarks,
    }
    return json.dumps(said, indent=1, ensure_ascii=True).encode("ascii") + b"\n"
