"""What the files of an export are called, and which container they are."""

from pathlib import Path

from corrigenda.core.recipe import SPLITS, Recipe
from corrigenda.errors import InvalidInput
from corrigenda.exports import ExportFormat, Kind
from corrigenda.outputs import CONTAINERS
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.manifest import LEFT_OUT, MANIFEST, ROWS
from corrigenda.workbench.curating.plan import WHOLE, Plan

CANDIDATES, PASSES = "sft_candidates", "sft_passes"
"""What the files of a run are called, without their endings."""


def container_for(form: ExportFormat, asked: str | None) -> str:
    """The container of an export's files.

    Raises:
        InvalidInput: There is none of this name, or it is a table and the rows are none.
    """
    found = asked or ("csv" if form.table else "jsonl")
    if found not in CONTAINERS:
        raise InvalidInput(f"`{found}` is no container; use one of {', '.join(CONTAINERS)}.")
    if found.startswith("csv") and not form.table:
        raise InvalidInput(
            f"The rows of the format `{form.name}` are no table; write JSON lines or Parquet, "
            "or use the format `csv`."
        )
    return found


def file_names(plan: Plan, container: str) -> dict[str, str]:
    """Split → file, of the splits that have rows; whole candidates are called as in a run."""
    if plan.form.name == WHOLE:
        return {"all": f"{CANDIDATES}.{container}"}
    if not divides(plan.recipe, plan.form):
        return {"all": f"data.{container}"}
    there = {item.split for item in plan.items}
    names = {split: f"{split}.{container}" for split in SPLITS if split in there}
    return names or {SPLITS[0]: f"{SPLITS[0]}.{container}"}


def divides(recipe: Recipe, form: ExportFormat) -> bool:
    """Whether there are splits: whole records are not divided."""
    return recipe.splits is not None and form.kind is not Kind.RECORDS


def refuse_splits(recipe: Recipe, form: ExportFormat) -> None:
    """Refuse to write several splits into one file.

    Raises:
        InvalidInput: There are splits.
    """
    if divides(recipe, form):
        raise InvalidInput("An export with splits has several files; name a folder for it.")


def beside(destination: str | Path) -> tuple[str, str]:
    """What the names of a file's lists begin with: with its folder, and without.

    Example:
        >>> beside("sets/train.jsonl.gz")
        ('sets/train', 'train')
    """
    text = str(destination)
    name = Path(text).name
    stem = name
    for ending in sorted((*CONTAINERS, "ndjson", "ndjson.gz", "ndjson.zst"), key=len)[::-1]:
        if name.lower().endswith(f".{ending}"):
            stem = name[: -len(ending) - 1]
            break
    return text[: len(text) - len(name)] + stem, stem


def refuse_strangers(base: str) -> None:
    """Refuse to replace a file that only happens to be called as a list would be."""
    path = Path(f"{base}.{MANIFEST}")
    if not path.exists():
        for name in (ROWS, LEFT_OUT):
            if Path(f"{base}.{name}").exists():
                raise InvalidInput(
                    f"`{base}.{name}` is there and belongs to no export; choose another name, or "
                    "write without a manifest."
                )
        return
    try:
        manifests.read(path)
    except InvalidInput:
        raise InvalidInput(
            f"`{path}` is there and is no manifest of an export; choose another name, or write "
            "without a manifest."
        ) from None
