"""What a reviewed sample says of all that it was drawn from.

Intervals are Wilson's (E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", Journal of the American Statistical Association 22, 1927, pp. 209-212): they stay
within 0 and 1 and keep their promise for small samples and rare categories.

In a stratified sample each stratum counts by its share of the population, and Wilson's formula is
given the effective sample size: Kish's n = 1 / sum(W_h² / n_h) (L. Kish, "Survey Sampling", 1965),
which is smaller where strata were reviewed unevenly. What stratification gains is left out, so the
intervals are rather too wide than too narrow. The finite population correction makes them narrow
as the sample becomes the population.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054
"""The quantile of the normal distribution for 95 % intervals."""


@dataclass(frozen=True)
class Share:
    """An estimated share with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Reviewed:
    """A stratum: its size in the population, and its reviewed members by category."""

    population: int
    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        """How many were reviewed."""
        return sum(self.counts.values())


def wilson(successes: float, n: float) -> Share:
    """The share `successes / n` with its interval; nothing is known of none.

    Example:
        >>> found = wilson(2, 10)
        >>> round(found.low, 3), found.share, round(found.high, 3)
        (0.057, 0.2, 0.51)
        >>> wilson(0, 0)
        Share(share=0.0, low=0.0, high=1.0)
    """
    if n <= 0:
        return Share(0.0, 0.0, 1.0)
    p = successes / n
    if math.isinf(n):
        return Share(p, p, p)
    z2 = Z95 * Z95 / n
    middle = (p + z2 / 2) / (1 + z2)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2)
    return Share(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))


def estimate(strata: Sequence[Reviewed], categories: Iterable[str]) -> dict[str, Share]:
    """The share of each category in the population.

    A stratum of which nothing was reviewed yet says nothing: the others stand for it.

    Example:
        >>> half = Reviewed(50, {"wrong_answer": 5, "none": 5})
        >>> rare = Reviewed(950, {"none": 10})
        >>> round(estimate([half, rare], ["wrong_answer"])["wrong_answer"].share, 3)
        0.025
    """
    seen = [stratum for stratum in strata if stratum.n]
    known = sum(stratum.population for stratum in seen)
    weights = [stratum.population / known for stratum in seen]
    n = _effective_size(seen, weights, sum(stratum.population for stratum in strata))
    found = {}
    for category in categories:
        p = sum(
            weight * stratum.counts.get(category, 0) / stratum.n
            for weight, stratum in zip(weights, seen, strict=True)
        )
        found[category] = _share(min(1.0, p), n)
    return found


def _effective_size(seen: Sequence[Reviewed], weights: Sequence[float], population: int) -> float:
    if not seen:
        return 0.0
    n = sum(stratum.n for stratum in seen)
    kish = 1 / sum(w * w / s.n for w, s in zip(weights, seen, strict=True))
    return math.inf if n >= population else kish * (population - 1) / (population - n)


def _share(p: float, n: float) -> Share:
    if math.isinf(n):
        return Share(p, p, p)
    return wilson(p * n, n)


TOLERANCE = 20


def in_random_order(reviewed: Sequence[bool], put_off: Sequence[bool]) -> bool:
    """Whether the reviewed members of a sample, given in its order, are a random sample, too.

    They are, if they are the first ones. Members that somebody put off may be missing, and one
    in twenty of the others: cards that reviewers have open at the moment. More than that are
    taken to be picked, and what was picked says nothing of the rest.

    Example:
        >>> in_random_order([True, True, False, True], [False, False, True, False])
        True
        >>> in_random_order([False, True, False, True], [False, False, False, False])
        False
    """
    n = sum(reviewed)
    if not n:
        return False
    last = max(place for place, done in enumerate(reviewed) if done)
    missing = sum(
        not done and not later for done, later in zip(reviewed[:last], put_off[:last], strict=True)
    )
    return missing * TOLERANCE <= n
