"""Orders of the queue, and the cursor that says how far somebody has come in one."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from corrigenda.core.candidate import storable
from corrigenda.errors import InvalidInput


class Order(StrEnum):
    """In which order candidates come; `seq`, the order of arrival, decides between equals."""

    ARRIVAL = "arrival"
    LOWEST_SCORE = "lowest_score"
    NEWEST_RUN = "newest_run"
    SIMILAR_PROMPTS = "similar_prompts"
    MOST_FAILING = "most_failing"
    BATCH = "batch"

    @classmethod
    def named(cls, name: str | None, *, batch: int | None = None) -> "Order":
        """The order of this name; without one that of the batch, if there is one, or arrival.

        Raises:
            InvalidInput: There is no such order, or no batch whose order it could be.
        """
        if name is None:
            return cls.ARRIVAL if batch is None else cls.BATCH
        try:
            order = cls(name)
        except ValueError:
            raise InvalidInput(f"Unknown order {name!a}; use {', '.join(cls)}.") from None
        if order is cls.BATCH and batch is None:
            raise InvalidInput("The order `batch` needs a filter by `batch`.")
        return order


Value = int | float | str
_LONGEST = 500


@dataclass(frozen=True)
class Cursor:
    """The place of the last candidate seen: the next page begins after it.

    `last` is true among the candidates that the reviewer put off, which come at the end.

    As text it is opaque, but for the order of arrival: there it is the plain number.

    Example:
        >>> str(Cursor(Order.ARRIVAL, (17,)))
        '17'
        >>> Cursor.parse(str(Cursor(Order.LOWEST_SCORE, (0.25, 17)))).values
        (0.25, 17)
    """

    order: Order
    values: tuple[Value, ...]
    last: bool = False

    def __str__(self) -> str:
        if self.order is Order.ARRIVAL and not self.last:
            return str(self.values[0])
        told = json.dumps([self.order, int(self.last), *self.values], separators=(",", ":"))
        return base64.urlsafe_b64encode(told.encode("ascii")).decode("ascii").rstrip("=")

    @classmethod
    def parse(cls, text: str | int) -> Self:
        """Read a cursor.

        Raises:
            InvalidInput: It was not made here.
        """
        text = str(text)
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63:
            return cls(Order.ARRIVAL, (int(text),))
        try:
            if len(text) > _LONGEST:
                raise ValueError
            padded = text + "=" * (-len(text) % 4)
            told = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            name, last, *values = told
            cursor = cls(Order(name), tuple(values), last == 1)
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise _refused(text) from None
        kinds = (str, int) if cursor.last else _KINDS[cursor.order]
        if len(values) != len(kinds) or not all(map(_is, values, kinds)):
            raise _refused(text)
        return cursor


_KINDS: dict[Order, tuple[type, ...]] = {
    Order.ARRIVAL: (int,),
    Order.LOWEST_SCORE: (float, int),
    Order.NEWEST_RUN: (int, int),
    Order.SIMILAR_PROMPTS: (int, int),
    Order.MOST_FAILING: (int, int, int),
    Order.BATCH: (int,),
}


def _refused(text: str) -> InvalidInput:
    message = "`cursor` is not one that a page gave."
    return InvalidInput(
        message, errors=[{"field": "cursor", "message": message, "value": text[:100]}]
    )


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    if kind is str:
        return isinstance(value, str) and storable(value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return kind is float and isinstance(value, float) and math.isfinite(value)
