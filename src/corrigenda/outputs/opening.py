"""Opening one output."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from corrigenda.outputs import containers
from corrigenda.outputs.parquet import ParquetWriter
from corrigenda.outputs.places import Place, is_stream, label_of, opened
from corrigenda.outputs.shapes import Columns
from corrigenda.outputs.sink import Sink
from corrigenda.outputs.writers import CsvWriter, LineWriter, RowWriter


@contextlib.contextmanager
def open_output(
    destination: str | Path | IO[bytes], *, container: str | None = None
) -> Iterator[RowWriter]:
    """Open what a user names, to write rows into it.

    Args:
        destination: A path; a URL that fsspec can write to (`s3://bucket/train.jsonl.gz`); `-` for
            standard output; or a binary stream. A file is written whole or not at all, and until
            then what was there stays; at a URL too. A stream, a pipe or a device gets the rows as
            they come, and a stream is not closed.
        container: Which of `CONTAINERS` it is where the name does not say. What is none at all
            has to say; a stream, a pipe or a device is JSON lines otherwise.

    Raises:
        InvalidInput: The name does not say how to write, there is no such folder, nothing can be
            written there, or a package is missing for it.
        StorageError: The disk or the other side refuses; whoever read a pipe has gone.
        BrokenPipeError: Whoever read the stream has gone.
    """
    otherwise = "jsonl" if container is None and is_stream(destination) else container
    named = containers.chosen(label_of(destination), otherwise)
    with opened(destination) as place, writing([(place, named)]) as (writer,):
        yield writer


@contextlib.contextmanager
def writing(files: Sequence[tuple[Place, str]]) -> Iterator[tuple[RowWriter, ...]]:
    """Writers into open places of these containers; Parquet files get the same columns."""
    columns = Columns()
    writers = tuple(_writer(place, container, columns) for place, container in files)
    try:
        yield writers
        for writer in writers:
            writer.finish()
    finally:
        for writer in writers:
            if isinstance(writer, ParquetWriter):
                writer.discard()


def _writer(place: Place, container: str, columns: Columns) -> RowWriter:
    encoding, compression = containers.split(container)
    sink = Sink(place.file, compression)
    if encoding == "parquet":
        return ParquetWriter(sink, place.scratch, columns)
    return CsvWriter(sink) if encoding == "csv" else LineWriter(sink)
