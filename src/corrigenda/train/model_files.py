"""The files that make a model: its weights, its configuration, its tokenizer."""

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


def digests(folder: Path) -> dict[str, str]:
    """Name → SHA-256 of the files that make a model."""
    return {path.name: digest(path) for path in listed(folder)}
