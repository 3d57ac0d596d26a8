"""Why a response was wrong, or was said to be: the failure categories.

Six are built in; a workspace may add its own in `label_tool.yaml`:

    sft:
      categories:
        - name: unsafe_answer
          label: Unsafe
          definition: The answer helps to do harm.
          example: Gives the dose that kills.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from corrigenda.errors import ConfigError, UnknownCategory

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

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Category:
    """One failure category: a name for programs, words for people.

    Example:
        >>> BUILT_IN[0].name, BUILT_IN[0].label
        ('scoring_artifact', 'Scoring artifact')
    """

    name: str
    label: str
    definition: str = ""
    example: str = ""
    built_in: bool = False


BUILT_IN: tuple[Category, ...] = (
    Category(
        "scoring_artifact",
        "Scoring artifact",
        "The answer is fine; the scorer or the reference erred.",
        "Expected `18`, the answer says `$18.00`.",
        built_in=True,
    ),
    Category(
        "style_violation",
        "Style violation",
        "Right in substance, but against the style that was asked for.",
        "Asked for two sentences, wrote two pages.",
        built_in=True,
    ),
    Category(
        "partial_answer",
        "Partial answer",
        "What is there is right, but something asked for is missing.",
        "Names two of the three causes.",
        built_in=True,
    ),
    Category(
        "wrong_answer",
        "Wrong answer",
        "The substance is wrong.",
        "Asked for 16 minus 7, says 10.",
        built_in=True,
    ),
    Category(
        "format_error",
        "Format error",
        "The content is right, but not in the form that was asked for.",
        "Asked for JSON only, wrapped it in prose.",
        built_in=True,
    ),
    Category(
        "hallucination",
        "Hallucination",
        "States something made up as a fact.",
        "Cites a paper that does not exist.",
        built_in=True,
    ),
)


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
        """The six built-in categories and then `extra`.

        Raises:
            ConfigError: A name is not lower_snake_case, is taken, or is `none`.
        """
        seen = {category.name for category in BUILT_IN} | {UNCATEGORISED}
        added: list[Category] = []
        for category in extra:
            if not _NAME.fullmatch(category.name):
                raise ConfigError(
                    f"The failure category `{category.name}` must be lower_snake_case, "
                    "1 to 64 characters."
                )
            if category.name in seen:
                raise ConfigError(f"The failure category `{category.name}` is there already.")
            seen.add(category.name)
            added.append(category)
        return cls(BUILT_IN + tuple(added))

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


if {category.name for category in BUILT_IN} != set(get_args(FailureCategory)):
    raise AssertionError("FailureCategory and BUILT_IN have drifted apart")
