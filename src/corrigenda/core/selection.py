"""Which candidates: the filter that queues, browsing, exports, lots, batches and counts share.

As JSON, in requests and where a filter is kept, it has the names of the HTTP query; each is
optional, several values of one mean *or*, different ones *and*:

    {"status": ["needs_review"], "model": ["Qwen2.5-3B"], "task_type": ["math"],
     "task": ["Sums"], "run_id": ["2026-04-07-143022"], "category": ["wrong_answer", "none"],
     "exclude_category": ["hallucination"], "tag": ["unclear"], "reviewer": ["kim"],
     "score_min": 0.2, "score_max": 0.5, "q": "median list", "batch": 3,
     "prompt": "5f0c…", "held_back": true, "lot": "8d2e…",
     "decided_from": "2026-11-01", "decided_until": "2026-11-30"}
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from corrigenda.core.decisions import Status
from corrigenda.core.taxonomy import UNCATEGORISED, Taxonomy
from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput


@dataclass(frozen=True)
class Selection:
    """A filter; what is empty, `None` or false restricts nothing.

    `include_categories` and `exclude_categories` hold category names or `none` for candidates
    without one; what is excluded is out even if it is included, too. `models` matches a
    model's name or id. `reviewers` are those whose decision stands, `tags` those of the last
    decision. With a bound on the score, candidates without one are out. Every word of `text`
    must occur, see `core.words`. `lot` is a bulk action that decided the candidate. What stands
    was decided on the days from `decided_from` to `decided_until`, both included, in UTC.

    Example:
        >>> Selection(include_categories=("wrong_answer", "none")) == EVERYTHING
        False
    """

    statuses: tuple[Status, ...] = ()
    include_categories: tuple[str, ...] = ()
    exclude_categories: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    score_min: float | None = None
    score_max: float | None = None
    text: str = ""
    batch: int | None = None
    prompt_key: str | None = None
    held_back: bool = False
    lot: str | None = None
    decided_from: str | None = None
    decided_until: str | None = None

    def checked(self, taxonomy: Taxonomy) -> Self:
        """Return self if every category is known and the scores are scores.

        Raises:
            UnknownCategory: A category is not known; the error names those allowed, and `none`.
            InvalidInput: A score is not from 0 to 1, a day is none, or nothing lies between.
        """
        for name in (*self.include_categories, *self.exclude_categories):
            taxonomy.check(name, UNCATEGORISED)
        for score in (self.score_min, self.score_max):
            if score is not None and not 0 <= score <= 1:
                raise InvalidInput(f"A score is from 0 to 1, not {score}.")
        low, high = self.score_min, self.score_max
        if low is not None and high is not None and low > high:
            raise InvalidInput(f"`score_min` ({low}) is above `score_max` ({high}).")
        days = [_day(name, getattr(self, name)) for name in ("decided_from", "decided_until")]
        if all(days) and days[0] > days[1]:
            raise InvalidInput(f"`decided_from` ({days[0]}) is after `decided_until` ({days[1]}).")
        return self

    @property
    def restricted(self) -> frozenset[str]:
        """The names of the fields that restrict something.

        Example:
            >>> sorted(Selection(text="sum", tags=("unclear",)).restricted)
            ['tags', 'text']
        """
        return frozenset(
            field.name for field in fields(self) if not _empty(getattr(self, field.name))
        )

    def as_json(self) -> dict[str, Any]:
        """The filter as plain JSON, without what restricts nothing.

        Example:
            >>> Selection(statuses=(Status.APPROVED,), text="sum").as_json()
            {'status': ['approved'], 'q': 'sum'}
        """
        found = {}
        for name, (field, _) in _JSON.items():
            value = getattr(self, field)
            if not _empty(value):
                found[name] = [str(each) for each in value] if isinstance(value, tuple) else value
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `as_json` or a client wrote; `null` and `[]` restrict nothing.

        Raises:
            InvalidInput: A name or a value is not one of a filter; the error names it.
        """
        values = {}
        for name, value in data.items():
            if name not in _JSON:
                raise InvalidInput(f"`{name}` is no field of a filter; use {', '.join(_JSON)}.")
            field, read = _JSON[name]
            if value is not None:
                values[field] = read(name, value)
        return cls(**values)


EVERYTHING = Selection()
"""The filter that leaves nothing out."""


def _empty(value: object) -> bool:
    # Not falsity: 0 is a score, and the batch 0 is one that nobody is in.
    return value is None or value is False or value in ((), "")


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise InvalidInput(f"`{name}` of a filter must be a list of texts.")
    return tuple(value)


def _statuses(name: str, value: object) -> tuple[Status, ...]:
    try:
        return tuple(Status(each) for each in _texts(name, value))
    except ValueError:
        raise InvalidInput(f"`{name}` of a filter must be of {', '.join(Status)}.") from None


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"`{name}` of a filter must be text.")
    return value


def _score(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput(f"`{name}` of a filter must be a score from 0 to 1.")
    return value


def _day(name: str, value: str | None) -> str:
    """A day as text that sorts; `""` for none."""
    if value is None:
        return ""
    try:
        # Read back, since what is read may be written in other ways: as `20261101`.
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise InvalidInput(f"`{name}` is a day such as 2026-11-01, not {shown(value)}.")


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise InvalidInput(f"`{name}` of a filter must be the number of a batch.")
    return value


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"`{name}` of a filter must be true or false.")
    return value


_JSON: dict[str, tuple[str, Callable[[str, object], Any]]] = {
    "status": ("statuses", _statuses),
    "model": ("models", _texts),
    "task_type": ("task_types", _texts),
    "task": ("tasks", _texts),
    "run_id": ("run_ids", _texts),
    "category": ("include_categories", _texts),
    "exclude_category": ("exclude_categories", _texts),
    "tag": ("tags", _texts),
    "reviewer": ("reviewers", _texts),
    "score_min": ("score_min", _score),
    "score_max": ("score_max", _score),
    "q": ("text", _text),
    "batch": ("batch", _number),
    "prompt": ("prompt_key", _text),
    "held_back": ("held_back", _yes_or_no),
    "lot": ("lot", _text),
    "decided_from": ("decided_from", _text),
    "decided_until": ("decided_until", _text),
}
