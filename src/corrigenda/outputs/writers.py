"""What writes rows: as JSON lines and as CSV; `parquet` is the third."""

import csv
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from corrigenda.jsonl import dumps, encode
from corrigenda.outputs.sink import Sink

_SURROGATE = re.compile("[\ud800-\udfff]")


class RowWriter(ABC):
    """Writes rows into one file.

    Attributes:
        rows: How many were written.
        bytes: The size of the file, once it is closed; as it lies there, packed.
        sha256: The hash of those bytes, in hex, once it is closed.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.rows = 0
        self.bytes = 0
        self.sha256 = ""

    def write(self, row: Mapping[str, Any]) -> bytes:
        """Write a row: column → JSON value.

        Returns:
            The row as a line of JSON, in ASCII and without a line end, whatever the file is: of
            which a hash of the row may be made.
        """
        line = encode(row)
        self._add(row, line)
        self.rows += 1
        return line

    def write_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows of which nobody wants a hash."""
        for row in rows:
            self._add(row, encode(row))
            self.rows += 1

    @abstractmethod
    def _add(self, row: Mapping[str, Any], line: bytes) -> None: ...

    def finish(self) -> None:
        """Store what is left; whoever opened the file calls it."""
        self._sink.finish()
        self.bytes, self.sha256 = self._sink.bytes, self._sink.sha256


class LineWriter(RowWriter):
    """A JSON object a line."""

    def _add(self, row: Mapping[str, Any], line: bytes) -> None:  # noqa: ARG002
        self._sink.write(line + b"\n")


class CsvWriter(RowWriter):
    """A line of cells a row, below the columns of the first.

    Text is UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. Null is an empty
    cell, and what is neither text nor null is JSON.
    """

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._columns: list[str] = []
        self._csv = csv.writer(_Utf8(sink), lineterminator="\n")

    def write_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """See `RowWriter.write_all`; no row is made JSON for it."""
        for row in rows:
            self._add(row, b"")
            self.rows += 1

    def _add(self, row: Mapping[str, Any], line: bytes) -> None:  # noqa: ARG002
        if not self._columns:
            self._columns = list(row)
            self._csv.writerow(self._columns)
        if unknown := row.keys() - set(self._columns):
            raise ValueError(f"a table's rows have the same columns; new: {sorted(unknown)}")
        self._csv.writerow([_cell(row.get(column)) for column in self._columns])


class _Utf8:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, text: str) -> int:
        return self._sink.write(storable(text).encode("utf-8"))


def storable(text: str) -> str:
    r"""A text that UTF-8 can hold: lone surrogates become U+FFFD.

    Example:
        >>> storable("a\ud800b")
        'a\ufffdb'
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else dumps(value)
