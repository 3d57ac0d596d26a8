"""Records as text in the database: JSON in ASCII, in the order of their fields."""

import json
from typing import Any

from corrigenda import jsonl
from corrigenda.core.candidate import Record


def encode(record: Record) -> str:
    """A record as text; `decode` gives back an equal one."""
    return jsonl.encode(record).decode("ascii")


def decode(body: str) -> dict[str, Any]:
    """The record that a text stands for."""
    if body.isascii():
        record: dict[str, Any] = jsonl.loads(body.encode("ascii"))
        return record
    return dict(json.loads(body))  # written there by another program
