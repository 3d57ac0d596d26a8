"""The statistics of paired runs, held to published values and to sums in whole numbers."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.estimates import wilson
from corrigenda.core.proportions import mcnemar, paired_difference

COUNT = st.integers(0, 60)


def exact(fixed: int, regressed: int) -> tuple[Fraction, Fraction]:
    """The exact and the mid-p from every way that n coins can fall, in whole numbers."""
    n, least = fixed + regressed, min(fixed, regressed)
    tail = sum(math.comb(n, k) for k in range(least + 1))
    p = min(Fraction(1), Fraction(2 * tail, 2**n))
    observed = Fraction(math.comb(n, least), 2**n)
    return p, (1 - observed / 2 if fixed == regressed else p - observed)


@given(COUNT, COUNT)
def test_mcnemar_is_the_sum_of_all_ways(fixed: int, regressed: int) -> None:
    found = mcnemar(fixed, regressed)
    if fixed + regressed == 0:
        assert found.exact == found.mid == 1
        return
    p, mid = exact(fixed, regressed)
    assert found.exact == pytest.approx(float(p), rel=1e-9, abs=1e-15)
    assert found.mid == pytest.approx(float(mid), rel=1e-9, abs=1e-15)
    assert mcnemar(regressed, fixed) == found


@pytest.mark.parametrize(("fixed", "regressed"), [(2500, 2400), (260, 88), (1200, 900)])
def test_mcnemar_of_many(fixed: int, regressed: int) -> None:
    p, mid = exact(fixed, regressed)
    found = mcnemar(fixed, regressed)
    assert (found.exact, found.mid) == pytest.approx((float(p), float(mid)), rel=1e-8)


def test_mcnemar_of_more_than_a_float_can_hold() -> None:
    assert mcnemar(500_000, 0).exact == 0
    assert mcnemar(250_000, 250_000).exact == 1
    # The normal approximation: 1000 / √500,000 standard deviations.
    assert mcnemar(250_500, 249_500).mid == pytest.approx(math.erfc(1), rel=0.01)


PUBLISHED = [
    # Newcombe 1998, table II: method 10.
    ((36, 12, 2, 0), (0.2, 0.0569, 0.3404)),
    # Fagerland, Lydersen, Laake, "Statistical analysis of contingency tables", 2017, chapter 8:
    # what its R package `contingencytables` gives for the consolidation therapy of 161 patients.
    ((59, 6, 16, 80), (-0.0621, -0.1186, -0.0046)),
]


@pytest.mark.parametrize(("table", "expected"), PUBLISHED)
def test_the_difference_as_published(
    table: tuple[int, int, int, int], expected: tuple[float, float, float]
) -> None:
    found = paired_difference(*table)
    assert (found.share, found.low, found.high) == pytest.approx(expected, abs=6e-5)


@given(COUNT, COUNT, COUNT, COUNT)
def test_the_difference_turns_over_with_the_runs(
    kept: int, fixed: int, regressed: int, failed: int
) -> None:
    found = paired_difference(kept, fixed, regressed, failed)
    turned = paired_difference(kept, regressed, fixed, failed)
    assert -1 <= found.low <= found.share <= found.high <= 1
    assert (turned.low, turned.share, turned.high) == pytest.approx(
        (-found.high, -found.share, -found.low), abs=1e-12
    )


def test_nothing_is_known_of_no_prompt() -> None:
    found = paired_difference(0, 0, 0, 0)
    assert (found.low, found.share, found.high) == (-1, 0, 1)


def test_wilson_as_published() -> None:
    # Newcombe 1998 (Statistics in Medicine 17, pp. 857-872), table I: method 3.
    for successes, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
                                    (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]:  # fmt: skip
        found = wilson(successes, n)
        assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
