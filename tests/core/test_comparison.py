"""What becomes of a prompt, the figures that follow, and the checks of them."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.comparison import COMPARED, Comparison, Outcome, Run, Table, outcome
from corrigenda.core.packed import Packed
from corrigenda.core.tallies import COUNTED, RATES, Breakdown, Figures
from corrigenda.core.thresholds import Threshold
from corrigenda.errors import InvalidInput

SAMPLES = st.lists(st.booleans(), max_size=3)
SWAPPED = {
    Outcome.FIXED: Outcome.REGRESSED,
    Outcome.REGRESSED: Outcome.FIXED,
    Outcome.ONLY_A: Outcome.ONLY_B,
    Outcome.ONLY_B: Outcome.ONLY_A,
}


@pytest.mark.parametrize(
    ("a", "b", "same", "expected"),
    [
        ("x", "o", True, "fixed"),
        ("x", "x", True, "same_failure"),
        ("xx", "x", False, "different_failure"),
        ("o", "x", True, "regressed"),
        ("oo", "o", True, "kept"),
        ("ox", "o", True, "flaky"),
        ("x", "xo", True, "flaky"),
        ("x", "", True, "only_a"),
        ("", "xo", True, "only_b"),
    ],
)
def test_each_outcome(a: str, b: str, same: bool, expected: str) -> None:
    first, second = ([mark == "o" for mark in side] for side in (a, b))
    assert outcome(first, second, lambda: same) == expected


@given(SAMPLES, SAMPLES, st.booleans())
def test_the_outcomes_turn_over_with_the_runs(a: list[bool], b: list[bool], same: bool) -> None:
    if not a and not b:
        return
    found = outcome(a, b, lambda: same)
    assert outcome(b, a, lambda: same) == SWAPPED.get(found, found)
    assert (found in COMPARED) == bool(a and b)


def test_what_is_counted_is_what_is_compared() -> None:
    assert tuple(each.value for each in COMPARED) == COUNTED


def test_the_figures() -> None:
    figures = Figures({"fixed": 6, "same_failure": 2, "kept": 9, "regressed": 1, "flaky": 2})
    assert (figures.n, figures.failed, figures.passed) == (20, 8, 10)
    shares = {name: rate.share for name, rate in figures.rates.items() if rate}
    assert shares == pytest.approx(
        {
            "fixed_rate": 6 / 8,
            "same_failure_rate": 2 / 8,
            "different_failure_rate": 0,
            "regressed_rate": 1 / 10,
            "kept_rate": 9 / 10,
            "flaky_rate": 2 / 20,
            "pass_rate_a": 10 / 18,
            "pass_rate_b": 15 / 18,
        }
    )
    assert set(shares) == set(RATES)
    assert figures.difference is not None
    assert figures.difference.share == pytest.approx(5 / 18)
    assert figures.as_dict()["mcnemar"]["exact_p"] == pytest.approx(16 / 128)


def test_figures_of_nothing_say_nothing() -> None:
    nothing = Figures().as_dict()
    assert nothing["difference"] is nothing["mcnemar"] is None
    assert set(nothing["rates"].values()) == {None}
    assert set(Figures().values().values()) == {None}
    # Chosen because A failed them: nothing is tested by such prompts.
    chosen = Figures({"fixed": 5, "same_failure": 2})
    assert (chosen.difference, chosen.test) == (None, None)
    flaky = Figures({"flaky": 3})
    assert (flaky.difference, flaky.test, flaky.rates["pass_rate_a"]) == (None, None, None)


def test_names_without_end_are_not_told_apart() -> None:
    breakdown = Breakdown(most=3)
    for name in "aabbc":
        breakdown.add(name, "kept")
    assert [(name, f.n) for name, f in breakdown.figures().items()] == [
        ("a", 2),
        ("b", 2),
        ("c", 1),
    ]
    breakdown.add("d", "kept")
    breakdown.add("a", "kept")
    assert breakdown.too_many
    assert breakdown.figures() == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=3)))
def test_packed_objects_come_back(objects: list[dict[str, Any]]) -> None:
    packed = Packed.of(objects)
    assert (len(packed), list(packed)) == (len(objects), objects)
    assert packed == Packed.of(iter(objects))


def comparison(counts: dict[str, int], adjusted: dict[str, int] | None = None) -> Comparison:
    sides = {"split": {"held_out": Figures({"fixed": 1, "same_failure": 3})}}
    return Comparison(
        Run("a"), Run("b"), None,
        Table(Figures(counts), sides), Table(Figures(adjusted or counts)), only_a=2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("check", "broken"),
    [
        ("regressed>0", True),
        ("regressed > 2", False),
        ("regressed>=2", True),
        ("regressed<2", False),
        ("regressed<=2", True),
        ("regressed == 2", True),
        ("regressed_rate>0.02", True),
        ("regressed_rate>50%", False),
        ("adjusted.regressed>0", False),
        ("held_out.fixed_rate<0.5", True),
        ("only_a>1", True),
        ("only_b>0", False),
        ("contaminated>0", False),
        ("pass_rate_b<1e-3", False),
        # Nothing of it is there to show anything.
        ("replayed.regressed>0", True),
        ("adjusted.trained.fixed_rate<0.95", True),
        ("held_out.regressed>0", True),
        ("adjusted.fixed_rate<0.1", True),
    ],
)
def test_a_check(check: str, broken: bool) -> None:
    found = comparison({"regressed": 2, "kept": 8, "fixed": 1}, {"kept": 10})
    assert (Threshold.parse(check).broken_by(found.values()) is not None) == broken


@pytest.mark.parametrize(
    "text",
    [
        "", "regressed", "regressed>", "regressed>many", "regressed>nan", "regressed=>0",
        "regressed!=0", "moon>0", "adjusted.only_a>0", "held_out.only_a>0",
        "adjusted.adjusted.kept>0", "moon.kept>0", "held_out.trained.kept>0", ".kept>0",
        "kept.>0", "regressed>0; rm",
    ],
)  # fmt: skip
def test_what_is_no_check(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"is no check|cannot be checked") as refused:
        Threshold.parse(text)
    assert "\n" not in refused.value.message


def test_every_figure_can_be_checked() -> None:
    values = comparison(dict(Counter(COUNTED))).values()
    for name in values:
        assert Threshold.parse(f"{name}>0").name == name


def test_where_nothing_is_compared_every_check_fails() -> None:
    values = comparison({}).values()
    assert all(Threshold.parse(f"{name}<0").broken_by(values) for name in ("kept", "only_a"))
