"""Selections as JSON, cursors, words, samples and estimates: what needs no database."""

import math
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.decisions import Status
from corrigenda.core.estimates import Reviewed, estimate, in_random_order, wilson
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.sampling import Stratum, allocate, draw
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.core.words import Query, words
from corrigenda.errors import InvalidInput, UnknownCategory

EVERY_FIELD = {
    "status": ["approved", "discarded"],
    "model": ["small"],
    "task_type": ["math"],
    "task": ["Sums"],
    "run_id": ["run-1"],
    "category": ["none"],
    "exclude_category": ["hallucination"],
    "tag": ["unclear"],
    "reviewer": ["kim"],
    "score_min": 0.0,
    "score_max": 0.5,
    "q": "median",
    "batch": 3,
    "prompt": "5f0c",
    "held_back": True,
    "lot": "8d2e",
    "decided_from": "2026-11-01",
    "decided_until": "2026-11-30",
}


def test_a_selection_survives_json() -> None:
    selection = Selection.from_json(EVERY_FIELD)
    assert selection.statuses == (Status.APPROVED, Status.DISCARDED)
    assert selection.score_min == 0.0
    assert selection.as_json() == EVERY_FIELD
    assert len(selection.restricted) == len(EVERY_FIELD)
    assert Selection.from_json({"model": [], "q": "", "lot": None}) == EVERYTHING
    assert EVERYTHING.as_json() == {}


@pytest.mark.parametrize(
    "data",
    [
        {"modell": ["small"]},
        {"model": "small"},
        {"model": [1]},
        {"status": ["open"]},
        {"score_min": "0"},
        {"score_min": math.nan},
        {"score_max": True},
        {"batch": "3"},
        {"batch": -1},
        {"held_back": "yes"},
        {"q": ["a"]},
        {"exclude_category": "none"},
        {"decided_from": 20261101},
    ],
    ids=str,
)
def test_json_that_is_no_selection(data: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(data))):
        Selection.from_json(data)


def test_a_selection_is_checked() -> None:
    for field in ("include_categories", "exclude_categories"):
        with pytest.raises(UnknownCategory):
            Selection(**{field: ("typo",)}).checked(Taxonomy())  # type: ignore[arg-type]
    for low, high in ((1.5, None), (None, -0.1), (0.6, 0.5)):
        with pytest.raises(InvalidInput):
            Selection(score_min=low, score_max=high).checked(Taxonomy())


@pytest.mark.parametrize("field", ["decided_from", "decided_until"])
@pytest.mark.parametrize(
    "day", ["", "20261101", "2026-W45-1", "2026-11-31", "1 Nov", "2026-11-01T00:00", "\ud800\x00"]
)
def test_what_is_no_day(field: str, day: str) -> None:
    with pytest.raises(InvalidInput, match=f"`{field}` is a day such as 2026-11-01"):
        Selection(**{field: day}).checked(Taxonomy())  # type: ignore[arg-type]


def test_days() -> None:
    def between(first: str, last: str) -> Selection:
        return Selection(decided_from=first, decided_until=last).checked(Taxonomy())

    assert between("2026-11-01", "2026-11-01").restricted == {"decided_from", "decided_until"}
    with pytest.raises(InvalidInput, match="is after `decided_until` \\(2026-10-31\\)"):
        between("2026-11-01", "2026-10-31")


NUMBERS = st.integers(-(2**63), 2**63 - 1)
CURSORS = st.one_of(
    st.builds(lambda n: Cursor(Order.ARRIVAL, (n,)), st.integers(0, 2**63 - 1)),
    st.builds(lambda score, n: Cursor(Order.LOWEST_SCORE, (score, n)), st.floats(0, 2), NUMBERS),
    st.builds(lambda *n: Cursor(Order.MOST_FAILING, n), NUMBERS, NUMBERS, NUMBERS),
    st.builds(
        lambda at, n: Cursor(Order.BATCH, (at, n), last=True),
        st.just("2026-11-22T20:00:00.000000Z"),
        NUMBERS,
    ),
)


@given(CURSORS)
def test_a_cursor_survives_being_text(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor


@given(st.text() | st.binary().map(lambda b: b.hex()) | CURSORS.map(lambda c: str(c)[:-1] + "x"))
def test_a_made_up_cursor_is_refused_or_read(text: str) -> None:
    try:
        cursor = Cursor.parse(text)
    except InvalidInput:
        return
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["-1", str(2**63), "W10", "bnVsbA", "x" * 600, "²"])
def test_text_that_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        Cursor.parse(text)


def test_orders_by_name() -> None:
    assert Order.named(None) is Order.ARRIVAL
    assert Order.named(None, batch=1) is Order.BATCH
    assert Order.named("newest_run", batch=1) is Order.NEWEST_RUN
    for name in ("newest", "batch", "\ud800"):
        with pytest.raises(InvalidInput):
            Order.named(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Größe: 3,5 m", {"grosse", "3", "5", "m"}),
        ("naïve café ΆΛΦΑ", {"naive", "cafe", "αλφα"}),
        ("snake_case camelCase", {"snake", "case", "camelcase"}),
        ("ﬁne ½ ①", {"fine", "1", "2"}),
        ("東京都 2", {"東", "京", "都", "東京", "京都", "2"}),
        ("がか・き", {"が", "か", "がか", "き"}),
        ("مُحَمَّد", {"محمد"}),
        ("한국어", {"한국어"}),
        ("a\x00b \ud800c", {"a", "b", "c"}),
        ("x" * 100, {"x" * 64}),
        ("!?", set()),
    ],
)
def test_words(text: str, found: set[str]) -> None:
    assert words(text) == found


@given(st.text())
def test_a_text_has_its_own_words(text: str) -> None:
    found = words(text)
    query = Query.of(text)
    assert set(query.words) <= found
    assert query.beginning is None or any(word.startswith(query.beginning) for word in found)
    # Nothing that means something to a database's query language.
    assert all(re.fullmatch(r"[^\x00-/:-`{-\x7f\s]{1,64}", word) for word in found)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("two words", Query(("two",), "words")),
        ("two words.", Query(("two", "words"), None)),
        ("東京都", Query(("東京", "京都"), None)),
        ("x", Query(("x",), None)),
        ("?!", Query((), None)),
        ("a " * 50, Query(("a",), None)),
    ],
)
def test_queries(text: str, query: Query) -> None:
    assert Query.of(text) == query


STRATA: st.SearchStrategy[dict[Stratum, int]] = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh") | st.none()), st.integers(1, 60), min_size=1
)


@given(STRATA, st.integers(0, 200))
def test_strata_get_their_share(populations: dict[Stratum, int], size: int) -> None:
    sizes = allocate(populations, size)
    total = sum(populations.values())
    assert sum(sizes.values()) == min(size, total)
    assert all(0 <= sizes[s] <= n for s, n in populations.items())
    if size >= len(populations):
        assert min(sizes.values()) >= 1
        # Nobody gets more than one above the share, but for the least of one.
        assert all(
            sizes[s] <= max(1, size * n / total + 1) or size >= total
            for s, n in populations.items()
        )


@given(STRATA, st.integers(1, 100), st.integers(0, 2**63 - 1), st.randoms())
def test_a_sample_does_not_depend_on_the_order(
    populations: dict[Stratum, int], size: int, seed: int, chance: object
) -> None:
    people = [(n, f"{s[0]}{n}", s) for s, many in populations.items() for n in range(many)]
    people = [(key, name, stratum) for key, (_, name, stratum) in enumerate(people)]
    sample = draw(people, size, seed)
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(shuffled, size, seed) == sample
    assert len({key for key, _ in sample.members}) == len(sample.members) == min(size, len(people))
    drawn = Counter(place for _, place in sample.members)
    assert [drawn[place] for place in range(len(sample.strata))] == [n for _, _, n in sample.strata]


def test_any_beginning_of_a_sample_is_a_random_sample() -> None:
    """One stratum in ten is `rare`; among the first 50 of 200 it is about one in ten, too."""
    people = [(n, f"c{n}", ("rare" if n % 10 == 0 else "common",)) for n in range(2000)]
    shares = []
    for seed in range(40):
        sample = draw(people, 200, seed)
        rare = next(i for i, (values, _, _) in enumerate(sample.strata) if values == ("rare",))
        shares.append(sum(place == rare for _, place in sample.members[:50]) / 50)
    assert 0.08 < sum(shares) / len(shares) < 0.12
    assert draw(people, 200, 1).members != draw(people, 200, 2).members


# From R: binom::binom.wilson(x, n); checked against Wilson's formula by hand.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1)],
)
def test_wilson(successes: int, n: int, low: float, high: float) -> None:
    found = wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_estimates_weigh_strata_by_their_population() -> None:
    strata = [Reviewed(900, {"none": 10}), Reviewed(100, {"wrong_answer": 10})]
    found = estimate(strata, ["wrong_answer", "none", "hallucination"])
    assert found["wrong_answer"].share == pytest.approx(0.1)
    assert found["none"].share == pytest.approx(0.9)
    assert found["hallucination"].share == 0
    assert found["wrong_answer"].low < 0.1 < found["wrong_answer"].high
    # 20 reviewed, but 10 of them stand for 900: the interval is that of about 12.
    assert found["wrong_answer"].high > wilson(2, 20).high


def test_an_estimate_from_everything_is_certain() -> None:
    found = estimate([Reviewed(4, {"none": 4}), Reviewed(2, {"a": 1, "none": 1})], ["a"])["a"]
    assert found.low == found.share == found.high == pytest.approx(1 / 6)


def test_an_unseen_stratum_says_nothing() -> None:
    seen = Reviewed(50, {"a": 5, "none": 5})
    assert estimate([seen, Reviewed(50, {})], ["a"])["a"].share == pytest.approx(0.5)
    assert estimate([Reviewed(50, {})], ["a"])["a"] == wilson(0, 0)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 500))
def test_intervals_hold_the_share(hits: int, others: int, rest: int) -> None:
    counts = {"a": hits, "none": others}
    found = estimate([Reviewed(hits + others + rest, counts)], ["a"])["a"]
    assert 0 <= found.low <= found.share <= found.high <= 1


@pytest.mark.parametrize(
    ("done", "random"),
    [
        ("", False),
        ("....", False),
        ("xx..", True),
        ("xxxx", True),
        ("xlx.", True),
        (".x..", False),
        ("x" * 19 + ".x", True),
        ("x" * 10 + "..x", False),
    ],
)
def test_what_was_picked_is_not_random(done: str, random: bool) -> None:
    found = in_random_order([each == "x" for each in done], [each == "l" for each in done])
    assert found is random
