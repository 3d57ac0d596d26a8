"""The model that a training starts from: a folder, a finished training, or a name on the Hub."""

import re
from collections.abc import Callable
from pathlib import Path

from corrigenda.errors import InvalidInput, NotFound, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.train import model_files
from corrigenda.train.model_files import WEIGHTS
from corrigenda.train.plan import FILE, BaseModel

_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


def base_model(
    said: str,
    *,
    revision: str | None = None,
    hashed: bool = True,
    meanwhile: Callable[[], None] = lambda: None,
) -> BaseModel:
    """What `--model` means, with the hashes of a folder's files.

    Args:
        said: A path, or a name on the Hub.
        revision: Of a model on the Hub.
        hashed: Whether to hash the files, which takes a second for each gigabyte or two.
        meanwhile: Called often while they are; what it raises ends it.

    Raises:
        NotFound: There is no such folder, or the training in it is not finished.
        InvalidInput: The folder has no model that can be trained, or the text is no name.
        StorageError: It cannot be read.
    """
    folder = Path(said).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise InvalidInput("A model in a folder has no revisions; leave `--revision` out.")
        found = _trained(folder.resolve())
        _check(found)
        return BaseModel(path=str(found), sha256=digests(found, meanwhile) if hashed else None)
    if said.startswith((".", "/", "~")) or folder.exists() or not _ID.fullmatch(said):
        raise NotFound(f"There is no model in `{shorten(said)}`: it is no folder.")
    return BaseModel(path=said, revision=revision)


def digests(folder: Path, meanwhile: Callable[[], None] = lambda: None) -> dict[str, str]:
    """Name → SHA-256 of the files that make a model: weights, configuration, tokenizer.

    Raises:
        StorageError: A file cannot be read.
    """
    with storage_errors(folder):
        return model_files.digests(folder, meanwhile)


def _check(folder: Path) -> None:
    """Refuse what is no model that can be trained.

    Raises:
        InvalidInput: It is none, has no safetensors, or is an adapter.
    """
    if (folder / "adapter_config.json").is_file():
        raise InvalidInput(
            f"`{folder}` is an adapter of another model. Give that model, or merge the two first "
            "(`--merge` when the adapter is trained)."
        )
    if not (folder / "config.json").is_file():
        raise InvalidInput(f"`{folder}` is no model: `config.json` is missing.")
    if not any(folder.glob(WEIGHTS)):
        raise InvalidInput(
            f"`{folder}` has no weights in safetensors. Other files can run a stranger's code when "
            "they are read, so they are not."
        )


def _trained(folder: Path) -> Path:
    """The model in the folder of a training, or the folder itself."""
    if not (folder / FILE).is_file():
        return folder
    merged, model = folder / "merged", folder / "model"
    if not model.is_dir():
        raise NotFound(f"The training in `{folder}` is not finished: it has no model yet.")
    return merged if merged.is_dir() else model
