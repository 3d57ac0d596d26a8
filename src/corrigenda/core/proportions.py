"""Two runs on the same prompts: is the difference between them more than chance?

Each prompt is right or wrong in both runs, so the answers are paired:

                      second right    second wrong
    first right           kept          regressed
    first wrong           fixed           failed

Intervals of a single share are Wilson's (see `estimates.wilson`).
"""

import math
from dataclasses import dataclass

from corrigenda.core.estimates import Share, wilson

_NEGLIGIBLE = 1e-17


@dataclass(frozen=True)
class McNemar:
    """McNemar's test: how likely it is that nothing but chance makes the two runs differ.

    Attributes:
        exact: The exact two-sided p, which never says too much.
        mid: The mid-p, which says less too seldom (see `mcnemar`).
    """

    exact: float
    mid: float


def mcnemar(fixed: int, regressed: int) -> McNemar:
    """McNemar's test of the prompts that changed; those that did not change say nothing.

    If nothing but chance were at work, each change would go either way like a coin: the exact p
    is twice the smaller tail of a binomial distribution with n = fixed + regressed and p = 1/2
    (Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947, pp. 153-157). The mid-p counts half of the probability
    of what was observed (M. W. Fagerland, S. Lydersen, P. Laake, "The McNemar test for binary
    matched-pairs data: mid-p and asymptotic are better than exact conditional", BMC Medical
    Research Methodology 13:91, 2013, https://doi.org/10.1186/1471-2288-13-91).

    Example:
        The airway hyper-responsiveness of 21 children in that paper, of whom 7 and 1 changed:

        >>> found = mcnemar(7, 1)
        >>> round(found.exact, 4), round(found.mid, 4)
        (0.0703, 0.0391)
    """
    n, least = fixed + regressed, min(fixed, regressed)
    if n == 0:
        return McNemar(1.0, 1.0)
    observed = math.exp(
        math.lgamma(n + 1) - math.lgamma(least + 1) - math.lgamma(n - least + 1) - n * math.log(2)
    )
    if fixed == regressed:
        return McNemar(1.0, 1 - observed / 2)
    # Downwards from the largest term, each from the one before; the rest adds nothing.
    tail, term = observed, observed
    for successes in range(least, 0, -1):
        term *= successes / (n - successes + 1)
        tail += term
        if term <= tail * _NEGLIGIBLE:
            break
    exact = min(1.0, 2 * tail)
    return McNemar(exact, max(0.0, exact - observed))


def paired_difference(kept: int, fixed: int, regressed: int, failed: int) -> Share:
    """The second run's share of right prompts less the first's, with its 95 % interval.

    The interval is Newcombe's for paired data, method 10 (R. G. Newcombe, "Improved confidence
    intervals for the difference between binomial proportions based on paired data", Statistics
    in Medicine 17, 1998, pp. 2635-2650): Wilson's limits of both shares, put together by the
    correlation of the pairs, which is corrected for continuity. Nothing is known of no prompt.

    Returns:
        A share from -1 to 1.

    Example:
        36 right in both, 12 in the second alone, 2 in the first alone:

        >>> found = paired_difference(36, 12, 2, 0)
        >>> round(found.low, 4), round(found.share, 4), round(found.high, 4)
        (0.0569, 0.2, 0.3404)
    """
    n = kept + fixed + regressed + failed
    if n == 0:
        return Share(0.0, -1.0, 1.0)
    second, first = wilson(kept + fixed, n), wilson(kept + regressed, n)
    phi = _correlation(kept, fixed, regressed, failed)
    difference = (fixed - regressed) / n
    below = _together(second.share - second.low, first.high - first.share, phi)
    above = _together(second.high - second.share, first.share - first.low, phi)
    return Share(difference, max(-1.0, difference - below), min(1.0, difference + above))


def _together(one: float, other: float, phi: float) -> float:
    # Not below zero, where rounding would have it so.
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _correlation(kept: int, fixed: int, regressed: int, failed: int) -> float:
    margins = (kept + fixed) * (regressed + failed) * (kept + regressed) * (fixed + failed)
    if margins == 0:
        return 0.0
    n = kept + fixed + regressed + failed
    product = kept * failed - fixed * regressed
    corrected = max(product - n / 2, 0.0) if product >= 0 else float(product)
    return corrected / math.sqrt(margins)
