"""How long examples are: in tokens of the target model, or in characters where there is none.

Training cuts off what is longer than it takes, and often the answer with it. So an example that
is too long is left out, or named where it shall stay.
"""

import bisect
import json
import logging
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corrigenda.core.example import Example, Message
from corrigenda.core.recipe import Recipe
from corrigenda.errors import InvalidInput, shorten
from corrigenda.exports import Kind, Row
from corrigenda.workbench.curating import tokens
from corrigenda.workbench.curating.examining import Objection
from corrigenda.workbench.curating.items import Item, Reason
from corrigenda.workbench.curating.tokens import Tokenizer

TOKENS, CHARACTERS = "tokens", "characters"
_EDGES = (0, *(edge for k in range(4, 60) for edge in (2**k, 3 * 2 ** (k - 1))))
_NAMED = 10
"""Ids that a warning names."""

_NEEDED = f"counting tokens needs transformers ({tokens.NEEDED})"
_log = logging.getLogger(__name__)


class Lengths:
    """An examiner (see `examining.Lengths`): notes the length of each item.

    The length of a pair is that of the prompt with the longer of its two answers.
    """

    def __init__(
        self, recipe: Recipe, kind: Kind, tokenizer: Tokenizer | None = None, note: str = ""
    ) -> None:
        """Measure for a recipe.

        Args:
            recipe: Says from which length an example is too long.
            kind: What the format's rows are about.
            tokenizer: The target model's.
            note: Why there is none, as a sentence.
        """
        self._limit = recipe.max_length
        self._keeps_long = recipe.keep_long
        self._pairs = kind is Kind.PREFERENCE
        self._tokenizer = tokenizer
        self._note = note
        self._over = 0
        self._long: list[str] = []
        self._refused = 0
        self._refusal = ""

    @property
    def unit(self) -> str:
        """What lengths are counted in."""
        return CHARACTERS if self._tokenizer is None else TOKENS

    def examine(self, item: Item, example: Example, row: Row) -> Objection | None:  # noqa: ARG002
        """See `Examiner.examine`."""
        item.length = self._length(example, example.answer)
        if self._pairs and example.rejected is not None:
            item.length = max(item.length, self._length(example, example.rejected))
        if self._limit is None or item.length <= self._limit:
            return None
        self._over += 1
        if self._keeps_long:
            self._long += [item.id] * (len(self._long) < _NAMED)
            return None
        return Reason.TOO_LONG, f"It has {item.length} {self.unit}, more than {self._limit}."

    def warnings(self) -> list[str]:
        """See `Examiner.warnings`."""
        found = []
        if self._note:
            found.append(self._note)
        elif self._tokenizer is None and self._limit is not None:
            found.append("Lengths are counted in characters, since no tokenizer was given.")
        if self._refused:
            found.append(
                f"The chat template of `{self._name}` does not take {self._refused} examples "
                f"({self._refusal}); their texts alone were counted."
            )
        if self._keeps_long and self._over:
            more = ", …" if self._over > len(self._long) else ""
            named = ", ".join(f"`{shorten(each)}`" for each in self._long)
            found.append(
                f"Longer than {self._limit} {self.unit}, and would be cut off in training: "
                f"{self._over} ({named}{more})."
            )
        return found

    def summary(self, items: Iterable[Item]) -> Mapping[str, Any]:
        """See `examining.Lengths.summary`.

        `over` counts what is longer than the recipe allows, left out or not.

        Example:
            {"unit": "tokens", "tokenizer": "Qwen2.5-3B", "median": 118, "p95": 402, "max": 980,
             "over": 0, "bins": [{"from": 96, "to": 128, "n": 14}, …]}
        """
        found = Counter(item.length for item in items)
        return {
            "unit": self.unit,
            "tokenizer": self._name,
            **histogram(found),
            "over": self._over,
        }

    @property
    def _name(self) -> str | None:
        return None if self._tokenizer is None else self._tokenizer.name

    def _length(self, example: Example, answer: Message) -> int:
        messages = [*example.prompt, answer]
        if self._tokenizer is None:
            return sum(map(len, _texts(messages, example.tools)))
        if self._tokenizer.has_template:
            try:
                return self._tokenizer.of_messages(messages, example.tools)
            except ValueError as error:
                self._refused += 1
                self._refusal = self._refusal or shorten(str(error))
        return self._tokenizer.of_text("\n".join(_texts(messages, example.tools)))


def measuring(
    recipe: Recipe,
    kind: Kind,
    *,
    given: str | None = None,
    configured: str | None = None,
    fetch: bool = False,
) -> tuple[Lengths, Tokenizer | None]:
    """What measures for a recipe, and the tokenizer it counts with.

    Args:
        recipe: See `Lengths`.
        kind: See `Lengths`.
        given: The tokenizer that a person asks for.
        configured: The one that the workspace names; without it characters are counted.
        fetch: Whether `given` may be downloaded.

    Raises:
        InvalidInput: The tokenizer that was asked for cannot be used.
    """
    if given is not None:
        found = tokens.load(given, fetch=fetch)
        return Lengths(recipe, kind, found), found
    if configured is None:
        return Lengths(recipe, kind), None
    try:
        found = tokens.load(configured)
    except InvalidInput as error:
        # What is written beside an export names no place of this machine.
        _log.warning("%s", error)
        name = Path(configured).name if Path(configured).is_absolute() else configured
        why = f"the tokenizer `{shorten(name)}` cannot be read" if tokens.available() else _NEEDED
        note = f"Lengths are counted in characters: {why}."
        return Lengths(recipe, kind, note=note), None
    return Lengths(recipe, kind, found), found


def histogram(lengths: Mapping[int, int]) -> dict[str, Any]:
    """Bins, median, 95th percentile and maximum of lengths; all of them are `None` for none.

    The bins double in two steps (…, 64, 96, 128, 192, …), as what trainers take does.

    Args:
        lengths: Length → how many have it.

    Example:
        >>> histogram({100: 3, 130: 1})
        {'bins': [{'from': 96, 'to': 128, 'n': 3}, {'from': 128, 'to': 192, 'n': 1}],
         'median': 100, 'p95': 130, 'max': 130}
    """
    total = sum(lengths.values())
    if not total:
        return {"bins": [], "median": None, "p95": None, "max": None}
    found = Counter[int]()
    for length, n in lengths.items():
        found[bisect.bisect_right(_EDGES, length) - 1] += n
    ordered = sorted(lengths)
    return {
        "bins": [
            {"from": _EDGES[at], "to": _EDGES[at + 1], "n": found[at]}
            for at in range(min(found), max(found) + 1)
        ],
        "median": _rank(ordered, lengths, math.ceil(total / 2)),
        "p95": _rank(ordered, lengths, math.ceil(total * 95 / 100)),
        "max": ordered[-1],
    }


def _rank(ordered: Sequence[int], lengths: Mapping[int, int], rank: int) -> int:
    """The length that so many of them do not pass: a percentile by the nearest rank."""
    seen = 0
    for length in ordered:
        seen += lengths[length]
        if seen >= rank:
            return length
    return ordered[-1]


def _texts(messages: Iterable[Message], tools: Sequence[Any]) -> list[str]:
    """What of a conversation is text that a model reads."""
    found: list[str] = []
    for message in messages:
        for key in ("content", "reasoning_content", "tool_calls"):
            value = message.get(key)
            if isinstance(value, str):
                found.append(value)
            elif value:
                found.append(_said(value))
    return found + [_said(tool) for tool in tools]


def _said(value: Any) -> str:
    """The text of parts that have any, else the value as it is written."""
    if isinstance(value, list) and all(isinstance(part, dict) and "text" in part for part in value):
        return "".join(str(part["text"]) for part in value)
    return json.dumps(value, ensure_ascii=False)
