"""The bare export as bytes, for a client that takes them as they come."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from corrigenda.exports import ExportFormat
from corrigenda.outputs import open_output

_ROWS = 100
"""Rows that go out together."""


@dataclass(frozen=True)
class Streamed:
    """What a client is sent: the file's name, its media type, its bytes in chunks."""

    name: str
    media_type: str
    chunks: Iterator[bytes]


def streamed(rows: Iterator[Mapping[str, Any]], form: ExportFormat) -> Streamed:
    """Rows as JSON lines, or as CSV where they are a table."""
    ending = "csv" if form.table else "jsonl"
    return Streamed(
        name=f"corrigenda-{form.name}.{ending}",
        media_type="text/csv" if form.table else "application/x-ndjson",
        chunks=_chunks(rows, ending),
    )


def _chunks(rows: Iterator[Mapping[str, Any]], container: str) -> Iterator[bytes]:
    taken = BytesIO()
    with open_output(taken, container=container) as writer:
        while part := list(islice(rows, _ROWS)):
            writer.write_all(part)
            yield from _emptied(taken)
    yield from _emptied(taken)


def _emptied(file: BytesIO) -> Iterator[bytes]:
    data = file.getvalue()
    file.seek(0)
    file.truncate()
    if data:
        yield data
