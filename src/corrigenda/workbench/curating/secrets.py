"""Secrets and personal data in what goes out: listed, left out, or replaced.

    off      nothing is looked through
    list     rows with findings stay, and are counted in a warning
    drop     rows with findings are left out
    redact   findings are replaced by their kind in brackets: `[EMAIL_ADDRESS]`

Looked through is the row, that is what would be written; with `redact` it is the example, so
that duplicates are found among what is written, too.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from corrigenda.core.example import Example
from corrigenda.core.recipe import Recipe
from corrigenda.errors import InvalidInput, shorten
from corrigenda.exports import Row
from corrigenda.workbench import redacting
from corrigenda.workbench.curating.examining import Objection, Rewrite
from corrigenda.workbench.curating.items import Item, Reason
from corrigenda.workbench.making import redacted
from corrigenda.workbench.redacting import Finder

_REMEMBERED = 512
"""Texts whose findings are kept: a system prompt or the examples before a question come often."""

_NAMES = ("id", "source", "benchmark_run_id", "status")
_NAMED = 10
"""Ids that a warning names."""


class Secrets:
    """An examiner (see `examining.Examiner`) for `list` and `drop`, and for what `redact` did.

    Attributes:
        checked: Whether rows are looked through.
        n: How many of those seen have findings.
    """

    def __init__(self, mode: str, find: Finder | None) -> None:
        """Look through rows; without a detector only say that nothing was looked through."""
        self.checked = find is not None
        self.n = 0
        self._mode = mode
        self._find = find
        self._kinds: Counter[str] = Counter()
        self._ids: list[str] = []

    def examine(self, item: Item, example: Example, row: Row) -> Objection | None:  # noqa: ARG002
        """See `Examiner.examine`."""
        if self._find is None or self._mode == "redact":
            return None
        found: dict[str, set[str]] = {}
        for place, text in _texts(row):
            for _, _, kind in self._find(text):
                found.setdefault(kind, set()).add(place)
        if not found:
            return None
        self.n += 1
        self._kinds.update(found.keys())
        self._ids += [item.id] * (len(self._ids) < _NAMED)
        if self._mode == "list":
            return None
        said = "; ".join(
            f"{kind} in {', '.join(f'`{shorten(place)}`' for place in sorted(places))}"
            for kind, places in sorted(found.items())
        )
        return Reason.SECRET, f"It has {said}."

    def warnings(self) -> list[str]:
        """See `Examiner.warnings`."""
        if self._find is None:
            return [
                "Nothing was looked through for secrets and personal data, since the detectors "
                f"are missing: {redacting.NEEDED}."
            ]
        if not self.n or self._mode != "list":
            return []
        kinds = ", ".join(f"{kind} in {n}" for kind, n in sorted(self._kinds.items()))
        more = ", …" if self.n > len(self._ids) else ""
        ids = ", ".join(f"`{shorten(each)}`" for each in self._ids)
        return [
            f"Secrets or personal data may be in {self.n} rows that go out ({kinds}): {ids}{more}. "
            "Leave them out with `secrets: drop`, or replace what was found with `redact`."
        ]


def looking(recipe: Recipe) -> tuple[Secrets | None, Rewrite | None]:
    """What looks through the rows of a recipe, and what replaces findings in its examples.

    Raises:
        InvalidInput: The detectors are missing, and `drop` or `redact` needs them.
    """
    mode = recipe.secrets
    if mode == "off":
        return None, None
    if not redacting.available():
        if mode != "list":
            raise InvalidInput(
                f"`secrets: {mode}` needs detectors of secrets and personal data: "
                f"{redacting.NEEDED}."
            )
        return Secrets(mode, None), None
    find = _remembering(redacting.detector())
    return Secrets(mode, find), _rewriting(find) if mode == "redact" else None


def _remembering(find: Finder) -> Finder:
    return lru_cache(maxsize=_REMEMBERED)(lambda text: tuple(find(text)))


def _rewriting(find: Finder) -> Rewrite:
    def redact(text: str) -> str:
        spans = tuple(find(text))
        return redacting.replaced(text, spans) if spans else text

    def rewrite(example: Example) -> Example:
        record = redacted(dict(example.record), redact)
        said = _through((list(example.prompt), example.answer, example.rejected), redact)
        prompt, answer, rejected = said
        tools = _through(list(example.tools), redact)
        changed = replace(
            example,
            prompt=tuple(prompt),
            answer=answer,
            rejected=rejected,
            tools=tuple(tools),
            record=record,
        )
        return example if changed == example else changed

    return rewrite


def _through(value: Any, change: Callable[[str], str]) -> Any:
    """A value in which every text is changed; names of fields stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [_through(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _through(each, change) for key, each in value.items()}
    return value


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a row with its place, such as `messages[1].content`."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _texts(each, f"{place}[{number}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            if place or key not in _NAMES:
                yield from _texts(each, f"{place}.{key}" if place else key)
