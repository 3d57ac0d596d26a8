"""Outcomes counted, and what follows from the counts: shares with intervals, a test.

The rates, each with Wilson's 95 % interval; `None` where there is nothing to divide by:

    fixed_rate, same_failure_rate, different_failure_rate    of the prompts that run A failed
    regressed_rate, kept_rate                                of those that it passed
    flaky_rate                                               of all that both runs have
    pass_rate_a, pass_rate_b                                 of all but the flaky ones
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from corrigenda.core.estimates import Share, wilson
from corrigenda.core.proportions import McNemar, mcnemar, paired_difference

_FIXED, _SAME, _DIFFERENT = "fixed", "same_failure", "different_failure"
_REGRESSED, _KEPT, _FLAKY = "regressed", "kept", "flaky"
COUNTED = (_FIXED, _SAME, _DIFFERENT, _REGRESSED, _KEPT, _FLAKY)

RATES = (*(f"{name}_rate" for name in COUNTED), "pass_rate_a", "pass_rate_b")


@dataclass(frozen=True)
class Figures:
    """The outcomes of some prompts; `counts` has how many prompts each outcome has.

    Example:
        >>> found = Figures({"fixed": 12, "kept": 36, "regressed": 2})
        >>> found.n, found.rates["fixed_rate"].share, round(found.difference.share, 2)
        (50, 1.0, 0.2)
    """

    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, name: str) -> int:
        """How many prompts have an outcome."""
        return self.counts.get(name, 0)

    @property
    def n(self) -> int:
        """How many prompts there are."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """How many run A failed, the flaky ones aside."""
        return self.of(_FIXED) + self.of(_SAME) + self.of(_DIFFERENT)

    @property
    def passed(self) -> int:
        """How many run A passed, the flaky ones aside."""
        return self.of(_KEPT) + self.of(_REGRESSED)

    @cached_property
    def rates(self) -> dict[str, Share | None]:
        """See the module."""
        steady = self.failed + self.passed
        wanted = {
            **{f"{name}_rate": (self.of(name), self.failed) for name in COUNTED[:3]},
            **{f"{name}_rate": (self.of(name), self.passed) for name in COUNTED[3:5]},
            f"{_FLAKY}_rate": (self.of(_FLAKY), self.n),
            "pass_rate_a": (self.passed, steady),
            "pass_rate_b": (self.of(_KEPT) + self.of(_FIXED), steady),
        }
        return {name: wilson(part, of) if of else None for name, (part, of) in wanted.items()}

    @cached_property
    def difference(self) -> Share | None:
        """The pass rate of run B less that of run A, the flaky prompts aside.

        `None` where run A passed none of these prompts, or all. They are mostly chosen by that
        (failures that were trained on, failures of one category), and of prompts that were chosen
        for a bad result some get better by chance alone: regression toward the mean.
        """
        if not self.failed or not self.passed:
            return None
        still = self.of(_SAME) + self.of(_DIFFERENT)
        return paired_difference(self.of(_KEPT), self.of(_FIXED), self.of(_REGRESSED), still)

    @cached_property
    def test(self) -> McNemar | None:
        """McNemar's test of fixed against regressed; `None` as for the difference."""
        if not self.failed or not self.passed:
            return None
        return mcnemar(self.of(_FIXED), self.of(_REGRESSED))

    def as_dict(self) -> dict[str, Any]:
        """As JSON.

        Example:
            {"n": 50, "fixed": 12, "same_failure": 0, …, "rates": {"fixed_rate": {"share": 1.0,
             "low": 0.7575, "high": 1.0}, …}, "difference": {"share": 0.2, "low": 0.0569,
             "high": 0.3404}, "mcnemar": {"exact_p": 0.0129, "mid_p": 0.0074}}
        """
        return {
            "n": self.n,
            **{name: self.of(name) for name in COUNTED},
            "rates": {name: _share(rate) for name, rate in self.rates.items()},
            "difference": _share(self.difference),
            "mcnemar": self.test and {"exact_p": self.test.exact, "mid_p": self.test.mid},
        }

    def values(self) -> dict[str, float | None]:
        """The counts and the rates by name; `None` is what cannot be told of no prompt.

        Where run A has no passes, say, nothing can have regressed, and that shows nothing.
        """
        rates = {name: rate.share if rate else None for name, rate in self.rates.items()}
        counts = {
            name: None if rates[f"{name}_rate"] is None else self.of(name) for name in COUNTED
        }
        return {**counts, **rates}


class Breakdown:
    """Counts prompts by the names that they have in one dimension.

    Beyond `most` names nothing is told apart any more, so that names without end take no memory.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._counts: dict[str, Counter[str]] = {}
        self.too_many = False

    def add(self, name: str, outcome: str) -> None:
        """Count one prompt."""
        if self.too_many:
            return
        if name not in self._counts and len(self._counts) == self._most:
            self.too_many = True
            self._counts.clear()
            return
        self._counts.setdefault(name, Counter())[outcome] += 1

    def figures(self) -> dict[str, Figures]:
        """The figures by name, those of most prompts first."""
        found = {name: Figures(dict(counts)) for name, counts in self._counts.items()}
        return dict(sorted(found.items(), key=lambda item: (-item[1].n, item[0])))


def _share(found: Share | None) -> dict[str, float] | None:
    return None if found is None else dict(vars(found))
