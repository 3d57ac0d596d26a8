"""The files that make a model: its weights, its configuration, its tokenizer."""

from collections.abc import Callable
from pathlib import Path

from corrigenda.train.files import digest

WEIGHTS = "*.safetensors"

PATTERNS = (WEIGHTS, "*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken")
"""Of the names of all files that decide what a model says."""

LEFT_OUT = ("*/*", "consolidated*")
"""What a repository has beside them: other formats in folders, the same weights once more."""


def listed(folder: Path) -> list[Path]:
    """The files of the model in a folder, by their names."""
    found = {path for pattern in PATTERNS for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)


def digests(folder: Path, meanwhile: Callable[[], None] = lambda: None) -> dict[str, str]:
    """Name → SHA-256 of the files that make a model; see `files.digest`."""
    return {path.name: digest(path, meanwhile) for path in listed(folder)}
