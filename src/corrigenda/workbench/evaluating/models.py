"""Which model is asked: on this machine the hash of its files, at an endpoint where and what.

A model on this machine is a folder (`config.json`, weights as safetensors), an adapter's folder
(`adapter_config.json`, which names its base), a training run's folder (its `model/`), or the name
of a model that has been downloaded, such as `Qwen/Qwen2.5-3B`.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda.core.candidate import digest_of
from corrigenda.errors import InvalidInput, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.train.files import digest

_WEIGHTS = ".safetensors"
_BESIDE = ("config.json", "generation_config.json", "adapter_config.json", "chat_template.jinja")
_TOKENIZER = (
    *("added_tokens.json", "chat_template.jinja", "chat_template.json", "merges.txt"),
    *("special_tokens_map.json", "spiece.model", "tokenizer.json", "tokenizer.model"),
    *("tokenizer_config.json", "vocab.json", "vocab.txt"),
)


@dataclass(frozen=True)
class Asked:
    """A model that is asked.

    Attributes:
        name: What people call it.
        model_id: Its full name, which tells it from others.
        identity: A hash: equal where nothing that an answer depends on is known to differ.
        told: The same for `evaluation.json`.
        place: For a model here, what `train.generating` needs to load it.
    """

    name: str
    model_id: str
    identity: str
    told: Mapping[str, Any]
    place: Mapping[str, Any] | None = None


def at_endpoint(address: str, name: str) -> Asked:
    """A model behind an endpoint: what it is there is not known, only what it is called."""
    address = address.rstrip("/")
    identity = hashlib.sha256(f"{address}\n{name}".encode()).hexdigest()
    told = {"name": name, "endpoint": address, "identity": identity}
    return Asked(name, name, identity, told)


def on_this_machine(name: str, meanwhile: Callable[[], None] = lambda: None) -> Asked:
    """A model by its folder or name; all of its weights are read once.

    Raises:
        InvalidInput: It is not there, not finished, or has no safetensors.
        StorageError: A file cannot be read.
    """
    called, folder = _found(name)
    with storage_errors(folder):
        adapter = (folder / "adapter_config.json").is_file()
        base = _base_of(folder) if adapter else folder
        if not (base / "config.json").is_file():
            raise InvalidInput(f"`{shorten(str(base), 300)}` is no model: it has no `config.json`.")
        own = folder if _has_tokenizer(folder) else base
        files = _hashes(base, _BESIDE, meanwhile) | {
            f"tokenizer/{name}": each for name, each in _hashes(own, _TOKENIZER, meanwhile).items()
        }
        weights = _weights(base, meanwhile)
        if adapter:
            files |= {
                f"adapter/{n}": each for n, each in _hashes(folder, _BESIDE, meanwhile).items()
            }
            weights |= {f"adapter/{n}": each for n, each in _weights(folder, meanwhile).items()}
    identity = hashlib.sha256(digest_of(files | weights).encode("ascii")).hexdigest()
    told = {
        "name": called,
        "path": str(folder),
        **({"base": str(base)} if adapter else {}),
        "identity": identity,
        "weights_sha256": weights,
    }
    place = {
        "base": str(base),
        "adapter": str(folder) if adapter else None,
        "tokenizer": str(own),
    }
    return Asked(called, f"{called}@{identity[:12]}", identity, told, place)


def _found(name: str) -> tuple[str, Path]:
    """(what it is called, its folder) of a model."""
    try:
        path = Path(name).expanduser()
        there = path.is_dir()
    except (OSError, ValueError, RuntimeError):
        there = False
    if not there:
        if (cached := _downloaded(name)) is not None:
            return name, cached
        raise InvalidInput(
            f"There is no model `{shorten(name, 300)}` on this machine; name its folder."
        )
    path = path.resolve()
    if (path / "run.json").is_file() and not (path / "config.json").is_file():
        if not (path / "model").is_dir():
            raise InvalidInput(f"The training run `{path}` has no model yet: it is not finished.")
        return path.name, path / "model"
    return path.name, path


def _base_of(adapter: Path) -> Path:
    try:
        said = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
        base = said["base_model_name_or_path"]
        path = Path(base).expanduser()
        for each in (path, adapter / path):
            if each.is_dir():
                return each.resolve()
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InvalidInput(f"`{adapter}/adapter_config.json` does not name a base.") from error
    if (cached := _downloaded(base)) is not None:
        return cached
    raise InvalidInput(
        f"The base of the adapter `{shorten(str(adapter), 300)}` is not on this machine: "
        f"`{shorten(base, 300)}`."
    )


def _downloaded(name: str) -> Path | None:
    """The folder of a model that was downloaded by its name, as Hugging Face keeps it."""
    parts = name.split("/")
    if len(parts) > 2 or not all(part and part.strip(".") and part.isascii() for part in parts):
        return None
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    folder = cache / f"models--{'--'.join(parts)}"
    try:
        revision = (folder / "refs" / "main").read_text("utf-8").strip()
    except (OSError, ValueError):
        return None
    found = folder / "snapshots" / revision
    return found if revision.isalnum() and found.is_dir() else None


def _has_tokenizer(folder: Path) -> bool:
    return (folder / "tokenizer_config.json").is_file()


def _weights(folder: Path, meanwhile: Callable[[], None]) -> dict[str, str]:
    found = sorted(path.name for path in folder.iterdir() if path.name.endswith(_WEIGHTS))
    if not found:
        raise InvalidInput(
            f"`{shorten(str(folder), 300)}` has no weights as safetensors; other files are not "
            "loaded."
        )
    return _hashes(folder, found, meanwhile)


def _hashes(
    folder: Path, names: "tuple[str, ...] | list[str]", meanwhile: Callable[[], None]
) -> dict[str, str]:
    """sha256 by name of those of these files that are there."""
    return {name: digest(folder / name, meanwhile) for name in names if (folder / name).is_file()}
