"""Parquet: columns that hold rows as they were, though no two rows need be alike.

    messages  list<struct<role: string, content: string>>   while all messages have these two keys
    messages  list<json>                                     as soon as one has `tool_calls`, too

Parquet wants to know its columns before the first row, so the rows first lie packed in a temporary
file, and the columns follow from all of them (see `shapes`). What has no one shape, such as the
arguments of tool calls or a content that is now a text and now a list of parts, is JSON text of
Parquet's logical type JSON (`arrow.json`): `datasets` gives it back as the value it was; others
see the text. Nothing is filled up with nulls but a column that a row lacks.

The files of one `open_folder(…).writers(…)` have the same columns, so that they load together.
A lone surrogate outside of JSON text becomes U+FFFD; a number that is once whole and once not is
a float.
"""

import io
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corrigenda.jsonl import dumps, loads
from corrigenda.outputs.shapes import Columns, Kind, Shape
from corrigenda.outputs.sink import Sink
from corrigenda.outputs.writers import RowWriter, storable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_BATCH = 1024 * 1024
"""Bytes of JSON that are Python values at a time."""

_GROUP = 32 * 1024 * 1024
"""Bytes of JSON of a row group."""

_SURROGATE = b"\\ud"


class ParquetWriter(RowWriter):
    """See the module.

    Args:
        sink: Takes the file.
        scratch: The folder for the temporary file; `None`: the system's.
        columns: What the columns are; several writers may share it.
    """

    def __init__(self, sink: Sink, scratch: Path | None, columns: Columns) -> None:
        super().__init__(sink)
        self._columns = columns
        self._stored = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
        self._spool = Sink(self._stored, "zst", level=1)

    def _add(self, row: Mapping[str, Any], line: bytes) -> None:
        self._columns.see(row)
        self._spool.write(line + b"\n")

    def finish(self) -> None:
        """Write the table of the rows that were spooled."""
        import pyarrow.parquet as pq

        self._spool.finish()
        self._stored.seek(0)
        shapes = self._columns.shapes
        schema = _schema(shapes)
        with (
            self._stored,
            zstd.ZstdFile(self._stored) as unpacked,
            pq.ParquetWriter(self._sink, schema, compression="zstd") as writer,
        ):
            for group in _groups(io.BufferedReader(unpacked, _BATCH), shapes, schema):
                writer.write_table(group, row_group_size=group.num_rows)
        super().finish()

    def discard(self) -> None:
        """Let go of the temporary file."""
        self._stored.close()


def _groups(lines: Iterator[bytes], shapes: Mapping[str, Shape], schema: Any) -> Iterator[Any]:
    """The row groups, as tables."""
    import pyarrow as pa

    batches: list[Any] = []
    rows: list[dict[str, Any]] = []
    group = batch = 0
    is_open = any(map(_is_open, shapes.values()))
    for line in lines:
        row: dict[str, Any] = loads(line)
        clean = _SURROGATE not in line
        if is_open or not clean:
            row = {name: _fitted(value, shapes[name], clean) for name, value in row.items()}
        rows.append(row)
        group, batch = group + len(line), batch + len(line)
        if batch >= _BATCH:
            batches.append(_columns(rows, schema))
            rows, batch = [], 0
        if group >= _GROUP:
            yield pa.Table.from_batches(batches)
            batches, group = [], 0
    if rows:
        batches.append(_columns(rows, schema))
    if batches:
        yield pa.Table.from_batches(batches)


def _is_open(shape: Shape) -> bool:
    """Whether there are values in it that have no one shape."""
    inner = [*shape.fields.values(), *([shape.items] if shape.items else [])]
    return shape.kind is Kind.ANY or any(map(_is_open, inner))


def _fitted(value: Any, shape: Shape, clean: bool) -> Any:
    """A value as its column stores it."""
    if value is None:
        return None
    if shape.kind is Kind.ANY:
        return dumps(value)
    if shape.kind is Kind.TEXT:
        return value if clean else storable(value)
    if shape.kind is Kind.LIST and shape.items is not None:
        return [_fitted(each, shape.items, clean) for each in value]
    if shape.kind is Kind.OBJECT:
        return {key: _fitted(value[key], each, clean) for key, each in shape.fields.items()}
    return value


def _columns(rows: list[dict[str, Any]], schema: Any) -> Any:
    import pyarrow as pa

    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        arrays.append(pa.array(values, type=_stored_as(field.type)).cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _schema(shapes: Mapping[str, Shape]) -> Any:
    import pyarrow as pa

    return pa.schema(
        [
            (name, pa.null() if shape.kind is Kind.NULL else _type(shape))
            for name, shape in shapes.items()
        ]
    )


def _type(shape: Shape) -> Any:
    import pyarrow as pa

    # Nothing but nulls is JSON text, too, within a list or an object: Arrow cannot read a list
    # of its type null again.
    if shape.kind is Kind.LIST and shape.items is not None:
        return pa.list_(_type(shape.items))
    if shape.kind is Kind.OBJECT:
        return pa.struct([(name, _type(each)) for name, each in shape.fields.items()])
    return {
        Kind.BOOL: pa.bool_(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.TEXT: pa.string(),
    }.get(shape.kind, pa.json_())


def _stored_as(type_: Any) -> Any:
    """The type without JSON's mark: Arrow makes such arrays only of texts."""
    import pyarrow as pa

    if pa.types.is_list(type_):
        return pa.list_(_stored_as(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(each.name, _stored_as(each.type)) for each in type_])
    return type_.storage_type if isinstance(type_, pa.BaseExtensionType) else type_
