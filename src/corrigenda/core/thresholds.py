"""Checks of a comparison for continuous integration, such as `regressed>0`.

A check is a name, one of `>`, `>=`, `<`, `<=`, `==`, and a number; what it says must not be so.
What cannot be told (a rate of no prompt) fails as well: nothing was shown.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from corrigenda.core.comparison import ADJUSTED, Outcome, Split
from corrigenda.core.tallies import COUNTED, RATES
from corrigenda.errors import InvalidInput, shorten

_CHECK = re.compile(r"\s*([a-z_.]+)\s*(>=|<=|==|>|<)\s*([-+0-9.eE]+)\s*(%?)\s*")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}
NAMES = (*Outcome, *RATES, "contaminated")
"""What can be checked of all prompts."""


@dataclass(frozen=True)
class Threshold:
    """A check; see the module.

    Example:
        >>> check = Threshold.parse("regressed_rate > 2%")
        >>> check.broken_by({"regressed_rate": 0.03}), check.broken_by({"regressed_rate": 0.01})
        ('`regressed_rate` is 0.03: it is > 0.02.', None)
    """

    name: str
    sign: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> "Threshold":
        """Read a check.

        Raises:
            InvalidInput: It is none, or its name is not known.
        """
        match = _CHECK.fullmatch(text)
        limit = _number(match[3]) if match else None
        if match is None or limit is None:
            raise InvalidInput(
                f"`{shorten(text)}` is no check; write a name, one of > >= < <= ==, and a number, "
                "such as `regressed>0`."
            )
        if not _known(match[1]):
            raise InvalidInput(
                f"`{shorten(match[1])}` cannot be checked; use one of {', '.join(NAMES)}, also of "
                f"a part, such as `{ADJUSTED}.regressed` or `{Split.HELD_OUT}.fixed_rate`."
            )
        return cls(match[1], match[2], limit / 100 if match[4] else limit)

    def broken_by(self, values: Mapping[str, float | None]) -> str | None:
        """Why the check fails, in a sentence; `None` if it does not.

        Args:
            values: `Comparison.values()`.
        """
        value = values.get(self.name)
        if value is None:
            return f"`{self.name}` cannot be told: no prompt shows it."
        if _OPERATORS[self.sign](value, self.limit):
            return f"`{self.name}` is {value:.6g}: it is {self.sign} {self.limit:g}."
        return None


def _known(name: str) -> bool:
    if name in NAMES:
        return True
    *parts, last = name.removeprefix(f"{ADJUSTED}.").split(".")
    of_a_part = last in COUNTED or last in RATES
    return of_a_part and (not parts or (len(parts) == 1 and parts[0] in tuple(Split)))


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
