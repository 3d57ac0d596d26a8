"""The shape that values have in common, found while they pass, one after another.

    {"role": "user", "content": "Hi"}, {"role": "tool", "content": "4"}     object: text, text
    [1, 2.5], []                                                            list of numbers
    {"a": 1}, {"b": 2}                                                      anything
    "Hi", [{"type": "text", "text": "Hi"}]                                  anything

An object has a shape of its own only if all have the same keys. So nothing is ever filled up:
where `{"a": 1}` and `{"b": 2}` stand in one column, a table that knows only columns would give
back `{"a": 1, "b": null}`.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

_DEEPEST = 8
_MOST_KEYS = 100
_EXACT = 2**53  # up to here a float holds every whole number
_LARGEST = 2**63
_SURROGATE = re.compile("[\ud800-\udfff]")


class Kind(StrEnum):
    """What a value is."""

    NULL = "null"
    BOOL = "bool"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    LIST = "list"
    OBJECT = "object"
    ANY = "any"
    """Values of several kinds, or objects of several shapes."""


_KINDS = {
    bool: Kind.BOOL,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    str: Kind.TEXT,
    list: Kind.LIST,
    tuple: Kind.LIST,
}
_NUMBERS = (Kind.WHOLE, Kind.NUMBER)


class Shape:
    """What the values seen so far have in common.

    Attributes:
        kind: What they are; `NULL` where there was nothing else.
        items: The shape of a list's items.
        fields: The shape of each value of an object.
    """

    __slots__ = ("_depth", "_exact", "fields", "items", "kind")

    def __init__(self, depth: int = 0) -> None:
        self.kind = Kind.NULL
        self.items: Shape | None = None
        self.fields: dict[str, Shape] = {}
        self._depth = depth
        self._exact = True

    def see(self, value: Any) -> None:
        """Take one more value into account."""
        if value is None or self.kind is Kind.ANY:
            return
        kind = _KINDS.get(type(value), Kind.OBJECT)
        if kind is not self.kind:
            kind = self._together(kind)
        self.kind = kind
        if kind is Kind.OBJECT:
            self._see_fields(value)
        elif kind is Kind.LIST:
            self._see_items(value)
        elif kind in _NUMBERS:
            self._see_number(value)

    def _together(self, kind: Kind) -> Kind:
        if self.kind is Kind.NULL:
            return Kind.ANY if self._depth >= _DEEPEST else kind
        return Kind.NUMBER if kind in _NUMBERS and self.kind in _NUMBERS else Kind.ANY

    def _see_number(self, value: float) -> None:
        if isinstance(value, int):
            self._exact = self._exact and -_EXACT <= value <= _EXACT
            if not -_LARGEST <= value < _LARGEST:
                self.kind = Kind.ANY
        if self.kind is Kind.NUMBER and not self._exact:
            self.kind = Kind.ANY

    def _see_items(self, value: list[Any]) -> None:
        if self.items is None:
            self.items = Shape(self._depth + 1)
        for each in value:
            self.items.see(each)

    def _see_fields(self, value: Mapping[str, Any]) -> None:
        if not self.fields and len(value) <= _MOST_KEYS and all(map(_is_name, value)):
            self.fields = {key: Shape(self._depth + 1) for key in value}
        if not value or value.keys() != self.fields.keys():
            self.kind, self.fields = Kind.ANY, {}
        for key, shape in self.fields.items():
            shape.see(value[key])


def _is_name(key: str) -> bool:
    """Whether a column may be called so: a lone surrogate has no bytes."""
    return key.isascii() or not _SURROGATE.search(key)


class Columns:
    """The shapes of the columns of one table or of several that are read together."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}

    def see(self, row: Mapping[str, Any]) -> None:
        """Take one more row into account; a column that it lacks is null in it."""
        for name, value in row.items():
            shape = self.shapes.get(name)
            if shape is None:
                shape = self.shapes[name] = Shape()
            shape.see(value)
