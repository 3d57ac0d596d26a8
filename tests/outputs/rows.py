"""Rows as the formats make them, and writing them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from corrigenda.outputs import RowWriter, open_output

Row = dict[str, Any]


def written(
    destination: str | Path | IO[bytes], rows: Iterable[Row], container: str | None = None
) -> RowWriter:
    """The writer, after it wrote the rows."""
    with open_output(destination, container=container) as writer:
        for row in rows:
            writer.write(row)
    return writer


def chat(question: str, answer: str) -> Row:
    return {
        "messages": [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
    }


def broken_off() -> Iterator[Row]:
    """A row, and then an error of ours."""
    yield SUM
    raise ZeroDivisionError


SUM = chat("2 + 2?", "4")
STRANGE = chat("What is “é” in 😀?", 'a\u2028b\u0085c\x00d\r\ne,"f"')
PARTS: Row = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}]},
        {"role": "assistant", "content": "A cat.", "reasoning_content": "Whiskers."},
    ]
}


def call(**arguments: Any) -> Row:
    made = {"type": "function", "function": {"name": "add", "arguments": arguments}}
    return {
        "messages": [
            {"role": "user", "content": "Add!"},
            {"role": "assistant", "content": "", "tool_calls": [made]},
        ],
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {}}}],
    }
