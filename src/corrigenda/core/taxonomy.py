"""Why a response was wrong, or was said to be: the failure categories.

Six are built in; a workspace may reword them, and add its own, in `label_tool.yaml`:

    sft:
      categories:
        - name: unsafe_answer
          label: Unsafe
          definition: The answer helps to do harm.
          example: Gives the dose that kills.
          color: brown
          key: 7
        - name: format_error
          label: Broken format
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from corrigenda.errors import ConfigError, UnknownCategory, shorten

FailureCategory = Literal[
    "scoring_artifact",
    "style_violation",
    "partial_answer",
    "wrong_answer",
    "format_error",
    "hallucination",
]
"""The six built-in categories."""

UNCATEGORISED = "none"
"""How a filter names candidates without a category."""

COLORS = ("ochre", "green", "blue", "violet", "teal", "plum", "brown", "grey")
"""The colours that the page has for categories, by name."""

KEYS = tuple("123456789")
"""The keys that can choose a category."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Category:
    """One failure category: a name for programs, words for people.

    `color` is one of `COLORS` or `None` for none of its own; `key` is one of `KEYS`, or `None`
    for the key of its position.

    Example:
        >>> BUILT_IN[0].name, BUILT_IN[0].label
        ('scoring_artifact', 'Scoring artifact')
    """

    name: str
    label: str
    definition: str = ""
    example: str = ""
    built_in: bool = False
    color: str | None = None
    key: str | None = None


BUILT_IN: tuple[Category, ...] = (
    Category(
        "scoring_artifact",
        "Scoring artifact",
        "The answer is fine; the scorer or the reference erred.",
        "Expected `18`, the answer says `$18.00`.",
        built_in=True,
        color="grey",
    ),
    Category(
        "style_violation",
        "Style violation",
        "Right in substance, but against the style that was asked for.",
        "Asked for two sentences, wrote two pages.",
        built_in=True,
        color="violet",
    ),
    Category(
        "partial_answer",
        "Partial answer",
        "What is there is right, but something asked for is missing.",
        "Names two of the three causes.",
        built_in=True,
        color="ochre",
    ),
    Category(
        "wrong_answer",
        "Wrong answer",
        "The substance is wrong.",
        "Asked for 16 minus 7, says 10.",
        built_in=True,
        color="blue",
    ),
    Category(
        "format_error",
        "Format error",
        "The content is right, but not in the form that was asked for.",
        "Asked for JSON only, wrapped it in prose.",
        built_in=True,
        color="teal",
    ),
    Category(
        "hallucination",
        "Hallucination",
        "States something made up as a fact.",
        "Cites a paper that does not exist.",
        built_in=True,
        color="plum",
    ),
)

BUILT_IN_NAMES = frozenset(category.name for category in BUILT_IN)


@dataclass(frozen=True)
class Taxonomy:
    """The categories of a workspace, in the order of their keys.

    Example:
        >>> taxonomy = Taxonomy.with_extra([Category("unsafe_answer", "Unsafe")])
        >>> taxonomy.names[-1]
        'unsafe_answer'
        >>> taxonomy.check("wrong_answer"), taxonomy.check(None)
        ('wrong_answer', None)
    """

    categories: tuple[Category, ...] = BUILT_IN

    @classmethod
    def with_extra(cls, extra: Iterable[Category]) -> "Taxonomy":
        """The six built-in categories and then `extra`; one with a built-in's name rewords it.

        Raises:
            ConfigError: A name is not lower_snake_case, is there twice, or is `none`; a colour
                or key is not known, or two categories have one key.
        """
        found = {category.name: category for category in BUILT_IN}
        seen = {UNCATEGORISED}
        for category in extra:
            _check_shape(category)
            if category.name in seen:
                raise ConfigError(f"The failure category `{category.name}` is there already.")
            seen.add(category.name)
            built_in = category.name in BUILT_IN_NAMES
            found[category.name] = replace(category, built_in=built_in)
        _check_keys(found.values())
        return cls(tuple(found.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """The categories' names, in order."""
        return tuple(category.name for category in self.categories)

    def check(self, name: str | None, *also: str) -> str | None:
        """Return `name` if it is a category, one of `also`, or `None`.

        Raises:
            UnknownCategory: It is neither; the error names those allowed.
        """
        allowed = (*self.names, *also)
        if name is not None and name not in allowed:
            raise UnknownCategory(name, allowed)
        return name


def _check_shape(category: Category) -> None:
    if not _NAME.fullmatch(category.name):
        raise ConfigError(
            f"The failure category `{shorten(category.name)}` must be lower_snake_case, "
            "1 to 64 characters."
        )
    if category.color is not None and category.color not in COLORS:
        raise ConfigError(
            f"The failure category `{category.name}` has the unknown color "
            f"`{shorten(category.color)}`; known are " + ", ".join(f"`{c}`" for c in COLORS) + "."
        )
    if category.key is not None and category.key not in KEYS:
        raise ConfigError(
            f"The failure category `{category.name}` has the key `{shorten(category.key)}`; "
            "it must be a digit from 1 to 9."
        )


def _check_keys(categories: Iterable[Category]) -> None:
    taken: dict[str, str] = {}
    for category in categories:
        if category.key is None:
            continue
        if category.key in taken:
            raise ConfigError(
                f"The failure categories `{taken[category.key]}` and `{category.name}` "
                f"have the same key `{category.key}`."
            )
        taken[category.key] = category.name


if set(get_args(FailureCategory)) != BUILT_IN_NAMES:
    raise AssertionError("FailureCategory and BUILT_IN have drifted apart")
