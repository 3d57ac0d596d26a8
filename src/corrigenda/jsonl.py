"""JSON lines: read as a stream, written whole or not at all.

Lines end at the line feed alone: U+0085 and U+2028 stand inside texts. A byte order mark is
skipped, and blank lines are no lines. Text is written as ASCII with escapes, so that every text
that JSON can hold (U+0000, lone surrogates) survives every database and every reader.
"""

import contextlib
import itertools
import json
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from corrigenda.errors import StorageError, StorageFull

MAX_DEPTH = 200
"""Levels of nesting that a value may have; what is deeper could be read, but not written again."""

_AS_JSON = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
_BOM = b"\xef\xbb\xbf"
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = re.compile(rb"(?<![.\d])\d{19}")  # digits behind a point belong to a float


@dataclass(frozen=True)
class Line:
    """One non-blank line of a file: its number (from 1), place in bytes, and text.

    `complete` is false for a last line without a line end: somebody may be writing it still.
    """

    number: int
    offset: int
    data: bytes
    complete: bool = True


def read_lines(raws: Iterable[bytes], *, number: int = 0, offset: int = 0) -> Iterator[Line]:
    """The non-blank lines of a binary file from its current position.

    Args:
        raws: A file open for reading in binary mode (or its lines, with their ends).
        number: How many lines stand before the position.
        offset: The position in bytes.
    """
    for raw in raws:
        number += 1
        start, offset = offset, offset + len(raw)
        data = raw.removeprefix(_BOM) if start == 0 else raw
        stripped = data.strip()
        if stripped:
            yield Line(number, start, stripped, complete=raw.endswith(b"\n"))
        if not raw.endswith(b"\n"):
            return  # the rest of it may be there by now, but would look like a line of its own


def loads(data: bytes) -> Any:
    """Decode one JSON value; NaN and the infinities, which are no JSON, become `None`.

    Raises:
        ValueError: It is not JSON, not UTF-8, or nested too deep; the message says where.

    Example:
        >>> loads(b'{"score": NaN, "n": 12345678901234567890123}')
        {'score': None, 'n': 12345678901234567890123}
    """
    value = _decode(data)
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and too_deep(value):
        raise ValueError("nested too deep")
    return value


def dumps(value: object) -> str:
    """Encode as one line of ASCII; what `loads` gives comes back equal."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def encode(value: object) -> bytes:
    """The same as bytes, and several times faster for what is ASCII itself.

    Example:
        >>> encode({"n": 1e-07, "text": "4"})
        b'{"n":1e-07,"text":"4"}'
    """
    with contextlib.suppress(TypeError):  # a lone surrogate, a number beyond 64 bits
        data = orjson.dumps(value, option=_AS_JSON)
        # orjson writes a power of ten in another way, and U+007F as it is.
        plain = data.isascii() and b"\x7f" not in data
        if plain and b"0e" not in data.translate(_ZEROS):
            return data
    return dumps(value).encode("ascii")


def json_lines(head: Mapping[str, Any], name: str, items: Iterable[Any]) -> Iterator[str]:
    """A JSON object whose last key is a list, with a line for each item: there may be a million.

    Example:
        >>> list(json_lines({"n": 2}, "all", [7, 8]))
        ['{"n":2,"all":[', '7,', '8', ']}']
    """
    yield f'{dumps(head)[:-1]},"{name}":['
    before: str | None = None
    for item in items:
        if before is not None:
            yield f"{before},"
        before = dumps(item)
    if before is not None:
        yield before
    yield "]}"


def _decode(data: bytes) -> Any:
    # orjson is several times faster, but makes floats of integers beyond 64 bits.
    if not _has_long_number(data):
        with contextlib.suppress(orjson.JSONDecodeError):
            return orjson.loads(data)
    try:
        # Decoded here: given bytes, `json` guesses at UTF-16 and lets raw surrogates pass.
        text = data.decode("utf-8")
        return json.loads(text, parse_constant=lambda _: None, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except ValueError:  # Python's own limit, which keeps a short line from costing minutes
        raise ValueError("a number has too many digits") from None


def _has_long_number(data: bytes) -> bool:
    # Looking for nineteen zeros is many times faster than for nineteen digits.
    return b"0" * 19 in data.translate(_ZEROS) and _LONG_NUMBER.search(data) is not None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than `MAX_DEPTH`."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Write a file whole or not at all: a temporary sibling, synced, then renamed over `path`.

    An existing file keeps its permission bits. On any error the temporary file is removed and
    `path` is untouched.

    Raises:
        StorageFull, StorageError: The disk refuses, or `path` is no regular file.
    """
    if path.exists() and not path.is_file():
        raise StorageError(f"`{path}` is not a regular file; it is not replaced.")
    with storage_errors(path), _temporary_beside(path) as (file, temporary):
        yield file
        file.flush()
        os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)


def write_records(path: Path, records: Iterator[Mapping[str, Any]]) -> int:
    """Write records as JSON lines, atomically; returns how many."""
    count = 0
    with atomic_write(path) as file:
        for record in records:
            file.write(encode(record) + b"\n")
            count += 1
    return count


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a file that was written by `write_records`, as a stream."""
    with path.open("rb") as file:
        for line in read_lines(file):
            yield loads(line.data)


@contextlib.contextmanager
def storage_errors(place: Path | str) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence with the path in it."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, place) from error


def storage_error(error: OSError, place: Path | str) -> StorageError:
    """The sentence for one refusal."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"No space is left to write `{place}`; nothing was changed.")
    return StorageError(f"Cannot use `{place}`: {error.strerror or error}.")


def free_name(path: Path, ending: str = "") -> Path:
    """A name beside `path` that nothing has: its own, or with `-2`, `-3`, … before the ending."""
    numbers = itertools.chain([""], (f"-{n}" for n in itertools.count(2)))
    names = (path.with_name(f"{path.name}{number}{ending}") for number in numbers)
    return next(name for name in names if not os.path.lexists(name))


def sync_directory(path: Path) -> None:
    """Make a rename in `path` durable; where directories cannot be synced, do nothing."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _temporary_beside(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            os.fchmod(file.fileno(), mode)
            yield file, temporary
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
