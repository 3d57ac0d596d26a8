"""A recipe: everything that decides what an export contains.

As JSON, in requests, in `corrigenda export --recipe` and in a manifest; every key may be missing:

    {"format": "prompt_completion", "filter": {"exclude_category": ["scoring_artifact"]},
     "deduplicate": true, "near_duplicates": 0.9, "keep": "first", "conflicts": "list",
     "format_pairs": false, "caps": {"category": 500}, "replay": 0.1, "seed": 0,
     "splits": [0.8, 0.1, 0.1], "group_by": ["prompt", "cluster", "document"],
     "holdout_tasks": ["gsm8k"], "allow_protected": false, "secrets": "list",
     "max_length": 2048, "keep_long": false, "strict": false}

A recipe without keys is the bare export: everything approved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from corrigenda.core.decisions import ARTIFACT
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput

SPLITS = ("train", "validation", "test")
"""The names of the splits, in the order of `Recipe.splits`."""

GROUPS = ("prompt", "cluster", "document", "template", "task")
"""What may hold rows together in one split."""

CAPS = ("category", "task", "model")
"""By what a cap may be set."""

KEEP = ("first", "latest")
CONFLICTS = ("list", "latest", "drop")
SECRETS = ("off", "list", "drop", "redact")

_LARGEST = 2**53 - 1  # what every JSON reader gives back as it was


@dataclass(frozen=True)
class Recipe:
    """See the module.

    Attributes:
        format: The name of the export format.
        selection: Which candidates; those that are not approved are never trained on.
        deduplicate: One row for each prompt and answer, however many models failed it.
        near_duplicates: The Jaccard similarity of prompt and answer from which two rows are
            one; `None` does not look.
        keep: Which of several duplicates stays: the `first` to arrive or the `latest` decided.
        conflicts: What becomes of different corrections of one prompt: all stay and are
            listed, the `latest` decided stays, or all are left out (`drop`).
        format_pairs: Whether preference pairs stay that differ only in format.
        caps: At most so many rows for each value of a dimension of `CAPS`.
        replay: The share of passes in the training split, from 0 to 0.9.
        seed: Of everything that chance decides.
        splits: The shares of train, validation and test, with the sum 1; `None`: one file.
        group_by: What holds rows together in one split; `prompt` always does.
        holdout_tasks: Tasks that go to the test split as a whole.
        allow_protected: Whether prompts of protected benchmarks may be trained on.
        secrets: What becomes of rows with secrets or personal data.
        max_length: The length from which an example would be truncated: tokens, or characters
            where there is no tokenizer.
        keep_long: Whether longer ones stay, and are only listed.
        strict: Refuse the export where a row breaks a rule of its format.
    """

    format: str = "messages"
    selection: Selection = EVERYTHING
    deduplicate: bool = False
    near_duplicates: float | None = None
    keep: str = "first"
    conflicts: str = "list"
    format_pairs: bool = False
    caps: Mapping[str, int] = field(default_factory=dict)
    replay: float = 0.0
    seed: int = 0
    splits: tuple[float, float, float] | None = None
    group_by: tuple[str, ...] = ("prompt", "cluster", "document")
    holdout_tasks: tuple[str, ...] = ()
    allow_protected: bool = False
    secrets: str = "off"
    max_length: int | None = None
    keep_long: bool = False
    strict: bool = False

    def checked(self, taxonomy: Taxonomy) -> Self:
        """Return the same recipe, in its one form, if every value can be what it is.

        Raises:
            UnknownCategory: A category of the filter is not known.
            InvalidInput: A value is out of its range, or two do not go together.
        """
        # A program may have made it with any values: they are read as those of a request.
        self = type(self).from_json(self.as_json())
        self.selection.checked(taxonomy)
        if self.near_duplicates is not None and not 0.5 <= self.near_duplicates <= 1:
            raise InvalidInput(
                f"`near_duplicates` is a similarity from 0.5 to 1, not {self.near_duplicates}."
            )
        if not 0 <= self.replay <= 0.9:
            raise InvalidInput(f"`replay` is a share from 0 to 0.9, not {self.replay}.")
        if self.splits is not None and (
            min(self.splits) < 0 or self.splits[0] == 0 or abs(sum(self.splits) - 1) > 1e-6
        ):
            raise InvalidInput(
                "`splits` are the shares of train, validation and test, with a sum of 1, not "
                f"{', '.join(f'{share:g}' for share in self.splits)}."
            )
        if self.holdout_tasks and self.splits is None:
            raise InvalidInput("`holdout_tasks` go to the test split: give `splits` as well.")
        return self

    def as_json(self) -> dict[str, Any]:
        """The recipe as plain JSON, without what is as in a recipe that says nothing.

        Example:
            >>> Recipe(format="kto", replay=0.1).as_json()
            {'format': 'kto', 'replay': 0.1}
        """
        plain = Recipe()
        found: dict[str, Any] = {"format": self.format}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "format" and value != getattr(plain, each.name):
                found[_JSON_NAMES.get(each.name, each.name)] = _plain(value)
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any], start: Self | None = None) -> Self:
        """Read what `as_json` or a client wrote, on top of `start`; `null` is no key.

        Raises:
            InvalidInput: A name or a value is not one of a recipe; the error names it.
        """
        values = {}
        for name, value in data.items():
            if name not in _READ:
                raise InvalidInput(f"`{name}` is no field of a recipe; use {', '.join(_READ)}.")
            if value is not None:
                field_name = "selection" if name == "filter" else name
                values[field_name] = _READ[name](name, value)
        return replace(start or cls(), **values)


BARE = Recipe()
"""Everything approved, as it is."""

CURATED = Recipe(
    format="prompt_completion",
    selection=Selection(exclude_categories=(ARTIFACT,)),
    deduplicate=True,
    near_duplicates=0.95,
    secrets="list",
)
"""What the export builder, `corrigenda export --curated` and training start with."""

_JSON_NAMES = {"selection": "filter"}


def _plain(value: Any) -> Any:
    if isinstance(value, Selection):
        return value.as_json()
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _refused(name: str, wanted: str, value: object) -> InvalidInput:
    return InvalidInput(f"`{name}` of a recipe must be {wanted}, found {shown(value)}.")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refused(name, "text", value)
    return value


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused(name, "true or false", value)
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _small(value):
        raise _refused(name, "a number", value)
    return float(value)


def _small(value: float) -> bool:
    return abs(value) <= _LARGEST  # NaN is not; and a whole number may be of any length


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise _refused(name, "a whole number from 0 up", value)
    return value


def _length(name: str, value: object) -> int:
    if (found := _whole(name, value)) == 0:
        raise _refused(name, "a whole number from 1 up", value)
    return found


def _one_of(names: tuple[str, ...]) -> Callable[[str, object], str]:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise _refused(name, f"one of {', '.join(names)}", value)
        return value

    return read


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise _refused(name, "a list of texts", value)
    return tuple(value)


def _groups(name: str, value: object) -> tuple[str, ...]:
    found = _texts(name, value)
    for each in found:
        if each not in GROUPS:
            raise _refused(name, f"a list of {', '.join(GROUPS)}", each)
    # In one order and with `prompt`, so that what means the same is the same.
    return tuple(each for each in GROUPS if each == "prompt" or each in found)


def _shares(name: str, value: object) -> tuple[float, float, float]:
    if not isinstance(value, list | tuple) or len(value) != len(SPLITS):
        raise _refused(name, "three shares: train, validation, test", value)
    train, validation, test = (_number(name, each) for each in value)
    return train, validation, test


def _caps(name: str, value: object) -> Mapping[str, int]:
    if not isinstance(value, Mapping):
        raise _refused(name, "an object", value)
    for key in value:
        if key not in CAPS:
            raise _refused(name, f"an object with the keys {', '.join(CAPS)}", key)
    return {key: _length(f"{name}.{key}", value[key]) for key in CAPS if value.get(key) is not None}


def _filter(name: str, value: object) -> Selection:
    if not isinstance(value, Mapping):
        raise _refused(name, "an object", value)
    return Selection.from_json(value)


_READ: dict[str, Callable[[str, object], Any]] = {
    "format": _text,
    "filter": _filter,
    "deduplicate": _yes_or_no,
    "near_duplicates": _number,
    "keep": _one_of(KEEP),
    "conflicts": _one_of(CONFLICTS),
    "format_pairs": _yes_or_no,
    "caps": _caps,
    "replay": _number,
    "seed": _whole,
    "splits": _shares,
    "group_by": _groups,
    "holdout_tasks": _texts,
    "allow_protected": _yes_or_no,
    "secrets": _one_of(SECRETS),
    "max_length": _length,
    "keep_long": _yes_or_no,
    "strict": _yes_or_no,
}
