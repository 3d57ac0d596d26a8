"""Manifests: everything that decided an export, and what it contains.

    {"manifest": 1, "tool": {"name": "corrigenda", "version": "0.1.0"},
     "recipe": {"format": "kto", "seed": 7}, "tokenizer": null, "protected": [],
     "contaminated": null, "stages": [{"name": "approved", "n": 310}, …],
     "left_out": {"duplicate": 12}, "counts": {"category": {"wrong_answer": 298}, …},
     "runs": [{"run_id": "2026-04-07", "rows": 298, "licenses": ["mit"]}], "warnings": [],
     "files": [{"name": "data.jsonl", "split": "all", "rows": 298, "bytes": 90210, "sha256": …}],
     "beside": [{"name": "README.md", "bytes": 1201, "sha256": …}, …],
     "rows": {"name": "rows.jsonl", "rows": 298, "sha256": …}}

No time, place or name of the export is in it, so that the same workspace and the same recipe
give the same bytes. Which rows there are stands in `rows.jsonl` beside it, one a line:

    {"file": "data.jsonl", "line": 1, "id": "a1", "origin": "correction", "revision": 1,
     "row_sha256": …, "category": "wrong_answer", "task": "gsm8k", "model": "small",
     "run_id": "2026-04-07", "split": "all"}
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda import __version__
from corrigenda.core.recipe import Recipe
from corrigenda.errors import InvalidInput, NotFound
from corrigenda.jsonl import loads, read_lines, storage_errors

MANIFEST = "manifest.json"
ROWS = "rows.jsonl"
LEFT_OUT = "left_out.jsonl"
CARD = "README.md"

VERSION = 1
_ENTRY = {"id": str, "origin": str, "revision": int, "row_sha256": str}
_SHA256 = re.compile("[0-9a-f]{64}")
_LIMIT = 2**26  # bytes; a manifest has no list of rows in it

_SHAPE: dict[str, type | tuple[type, ...]] = {
    "tool": dict,
    "recipe": dict,
    "tokenizer": (dict, type(None)),
    "protected": list,
    "contaminated": (dict, type(None)),
    "stages": list,
    "left_out": dict,
    "counts": dict,
    "runs": list,
    "warnings": list,
    "files": list,
    "beside": list,
    "rows": (dict, type(None)),
}
_FILES = ("files", "beside", "rows")
_FIELDS: dict[str, Mapping[str, type]] = {
    "tool": {"name": str, "version": str},
    "tokenizer": {"name": str, "sha256": str},
    "recipe": {"format": str},
    "protected": {"name": str, "prompts": int},
    "files": {"name": str, "split": str, "rows": int, "bytes": int, "sha256": str},
    "beside": {"name": str, "bytes": int, "sha256": str},
    "rows": {"name": str, "rows": int, "sha256": str},
}
"""What is read of a manifest must be there, and be what it is."""


@dataclass(frozen=True)
class Exported:
    """An export that was read: its manifest, its list of rows, what was left out.

    `name` is what people call it; `rows` and `left_out` are `None` where they are not there.
    """

    name: str
    manifest: Mapping[str, Any]
    rows: Path | None
    left_out: Path | None

    @property
    def recipe(self) -> Recipe:
        """Its recipe.

        Raises:
            InvalidInput: It is none that this program knows.
        """
        return Recipe.from_json(self.manifest["recipe"])

    def entries(self) -> Iterator[dict[str, Any]]:
        """Its list of rows, as a stream.

        Raises:
            InvalidInput: The list is not there, or not the one that was written.
        """
        if self.rows is None or self.manifest["rows"] is None:
            raise InvalidInput(
                f"The list of rows of `{self.name}` is not there; it lies beside the manifest."
            )
        digest = hashlib.sha256()
        with storage_errors(self.rows), self.rows.open("rb") as file:
            for line in read_lines(_hashed(file, digest)):
                yield _entry(f"The list of rows of `{self.name}`", line.data, _ENTRY)
        if digest.hexdigest() != self.manifest["rows"]["sha256"]:
            raise InvalidInput(f"The list of rows of `{self.name}` was changed after it was made.")

    def left_out_ids(self) -> Iterator[str]:
        """The ids of what it left out, as a stream; none where that list is not there.

        Raises:
            InvalidInput: The list is damaged.
        """
        if self.left_out is None:
            return
        whose = f"The list of what `{self.name}` left out"
        with storage_errors(self.left_out), self.left_out.open("rb") as file:
            for line in read_lines(file):
                yield _entry(whose, line.data, {"id": str})["id"]


def text(manifest: Mapping[str, Any]) -> bytes:
    """A manifest as it is written."""
    return (json.dumps(manifest, ensure_ascii=True, indent=2) + "\n").encode("ascii")


def tool() -> dict[str, str]:
    """What makes an export."""
    return {"name": "corrigenda", "version": __version__}


def parse(data: str | bytes, name: str) -> dict[str, Any]:
    """Read a manifest.

    Raises:
        InvalidInput: It is none, or one that a newer program has made.
    """
    try:
        found = loads(data.encode("utf-8") if isinstance(data, str) else data)
    except ValueError as error:
        raise InvalidInput(f"`{name}` is no manifest of an export: {error}.") from None
    version = found.get("manifest") if isinstance(found, dict) else None
    if isinstance(version, bool) or not isinstance(version, int):
        raise InvalidInput(f"`{name}` is no manifest of an export.")
    if version > VERSION:
        raise InvalidInput(
            f"The manifest `{name}` has version {version}, this program knows {VERSION}; "
            "upgrade the program."
        )
    for key, kind in _SHAPE.items():
        if not isinstance(found.get(key), kind):
            raise InvalidInput(f"The manifest `{name}` is broken: `{key}` is missing.")
    found = {"manifest": version, **{key: found[key] for key in _SHAPE}}
    for key, fields in _FIELDS.items():
        listed = found[key] if isinstance(found[key], list) else [found[key] or {}]
        for each in listed if found[key] else ():
            _check(f"The manifest `{name}`", key, each, fields)
    return found


def read(place: Path) -> Exported:
    """Read an export from its folder, or from its manifest.

    Raises:
        NotFound: There is no manifest.
        InvalidInput: It cannot be used.
        StorageError: It cannot be read.
    """
    path = place / MANIFEST if place.is_dir() else place
    if not path.is_file():
        raise NotFound(f"There is no manifest `{path}`.")
    with storage_errors(path), path.open("rb") as file:
        data = file.read(_LIMIT)
    manifest = parse(data, str(place))
    rows = None if manifest["rows"] is None else path.parent / manifest["rows"]["name"]
    left_out = path.parent / (LEFT_OUT if rows is None else rows.name.removesuffix(ROWS) + LEFT_OUT)
    return Exported(
        name=str(place),
        manifest=manifest,
        rows=rows if rows is not None and rows.is_file() else None,
        left_out=left_out if left_out.is_file() else None,
    )


def _check(whose: str, key: str, value: object, fields: Mapping[str, type]) -> None:
    """Refuse what is not as this program writes it: a manifest may be a stranger's."""
    for field, kind in fields.items():
        said = value.get(field) if isinstance(value, dict) else None
        if not isinstance(said, kind) or isinstance(said, bool):
            raise InvalidInput(f"{whose} is broken: `{key}` has no `{field}`.")
        said = str(said)
        if field.endswith("sha256") and not _SHA256.fullmatch(said):
            raise InvalidInput(f"{whose} is broken: `{key}` has a `{field}` that is none.")
        if key in _FILES and field == "name" and not _is_plain(said):
            raise InvalidInput(f"{whose} is broken: it names a file that is none.")


def _is_plain(name: str) -> bool:
    return name not in ("", ".", "..") and not {"/", "\\", "\0"} & set(name)


def _hashed(lines: Any, digest: Any) -> Iterator[bytes]:
    for line in lines:
        digest.update(line)
        yield line


def _entry(whose: str, data: bytes, fields: Mapping[str, type]) -> dict[str, Any]:
    try:
        found = loads(data)
    except ValueError:
        found = None
    if isinstance(found, dict):
        _check(whose, "a line", found, fields)
    if not isinstance(found, dict) or not 0 <= found.get("revision", 0) < 2**63:
        raise InvalidInput(f"{whose} has a line that is none of its own.")
    return found
