"""Splits by group, for rows and keys of every shape."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.division import Division, Groups
from corrigenda.core.groups import documents, draw, key, template
from corrigenda.core.recipe import SPLITS

SHARES = (0.5, 0.25, 0.25)
KEYS = [key("prompt", str(number)) for number in range(12)]

rows = st.lists(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3), max_size=25)
known = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(SPLITS))


def drawn(smallest: bytes) -> str:
    return SPLITS[draw(0, smallest, SHARES)]


def divided(
    found: Sequence[Sequence[bytes]], before: Mapping[bytes, str] | None = None
) -> Division:
    groups = Groups()
    for keys in found:
        groups.add(keys)
    return groups.divide(before or {}, drawn)


@given(rows, known)
def test_no_key_is_in_two_splits(found: list[list[bytes]], before: dict[bytes, str]) -> None:
    division = divided(found, before)
    seen = dict(before)
    for keys, split in zip(found, division.splits, strict=True):
        if split is not None:
            assert {seen.setdefault(each, split) for each in keys} == {split}
    assert {name: seen[name] for name in division.new} == division.new
    assert not division.new.keys() & before.keys()


@given(rows, known)
def test_only_what_touches_two_splits_is_left_out(
    found: list[list[bytes]], before: dict[bytes, str]
) -> None:
    division = divided(found, before)
    after = {**before, **division.new}
    for number, (keys, split) in enumerate(zip(found, division.splits, strict=True)):
        touched = {after[each] for each in keys if each in after}
        assert (split is None) == (len(touched) > 1) == (number in division.touched)
        if split is None:
            assert set(division.touched[number]) <= touched


@given(rows, rows)
def test_no_row_moves_when_more_arrive(first: list[list[bytes]], more: list[list[bytes]]) -> None:
    before = divided(first)
    after = divided([*first, *more], before.new)
    assert after.splits[: len(first)] == before.splits
    assert divided([*more, *first], before.new).splits[len(more) :] == before.splits


@given(rows.flatmap(lambda found: st.tuples(st.just(found), st.permutations(range(len(found))))))
def test_without_earlier_splits_the_order_does_not_matter(
    drawn_rows: tuple[list[list[bytes]], list[int]],
) -> None:
    found, order = drawn_rows
    straight, mixed = divided(found), divided([found[place] for place in order])
    assert [straight.splits[place] for place in order] == mixed.splits
    assert straight.new == mixed.new


@given(rows, known)
def test_dividing_again_changes_nothing(found: list[list[bytes]], before: dict[bytes, str]) -> None:
    once = divided(found, before)
    again = divided(found, {**before, **once.new})
    assert (again.splits, again.new) == (once.splits, {})


@pytest.mark.parametrize("shares", [(0.8, 0.1, 0.1), (0.98, 0.01, 0.01), (0.5, 0.0, 0.5)])
def test_the_shares_are_met(shares: tuple[float, float, float]) -> None:
    n = 20_000
    places = [draw(7, key("prompt", str(number)), shares) for number in range(n)]
    for place, share in enumerate(shares):
        # Five standard deviations of the binomial distribution.
        assert abs(places.count(place) - n * share) <= 5 * sqrt(n * share * (1 - share))


def test_another_seed_is_another_plan() -> None:
    plans = [[draw(seed, name, SHARES) for name in KEYS] for seed in (0, 1)]
    assert plans[0] != plans[1]


def test_keys_of_another_length_hold_only_now() -> None:
    for_now = b"cluster"
    division = divided([[KEYS[0], for_now], [KEYS[1], for_now], [KEYS[2]]])
    assert division.splits[0] == division.splits[1]
    assert for_now not in division.new


def test_those_who_were_there_stay_and_the_row_between_them_is_left_out() -> None:
    one, other, document = KEYS[:3]
    before = {one: "train", other: "test"}
    # The row that connects them comes first, and still is the one to go.
    division = divided([[one, other], [one], [other, document], [document]], before)
    assert division.splits == [None, "train", "test", "test"]
    assert division.touched == {0: ("test", "train")}
    assert division.new == {document: "test"}


def test_a_long_chain_is_one_group() -> None:
    names = [key("prompt", str(number)) for number in range(50_000)]
    groups = Groups()
    for pair in pairwise(names):
        groups.add(pair)
    assert groups.largest() == len(names) - 1
    assert len(set(groups.divide({}, drawn).splits)) == 1


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


TEMPLATES = {
    "numbers": ("Add 3 and 4.", "Add 17 and 0.5.", True),
    "quoted texts": ('Translate "Hi" now.', "Translate “Good day” now.", True),
    "apostrophes": ("What's Tom's age, 3?", "What's Tom's age, 5?", True),
    "words": ("Add 3 and 4.", "Subtract 3 and 4.", False),
}


@pytest.mark.parametrize("case", TEMPLATES)
def test_templates(case: str) -> None:
    one, other, same = TEMPLATES[case]
    found = [template({"id": "a", "prompt_messages": [user(text)]}) for text in (one, other)]
    assert (found[0] == found[1]) is same


def test_the_system_message_belongs_to_the_template() -> None:
    asked = [user("Add 3 and 4.")]
    spoken = [{"role": "system", "content": "Be brief."}, *asked]
    assert template({"id": "a", "prompt_messages": asked}) != template(
        {"id": "a", "prompt_messages": spoken}
    )
    assert template({"id": "a"}) is None


@pytest.mark.parametrize(
    ("record", "n"),
    [
        ({}, 0),
        ({"metadata": {"document": "d"}}, 1),
        ({"metadata": {"plain": {"source_document": "d", "passage_id": "d"}}}, 1),
        ({"metadata": {"inspect": {"metadata": {"article_id": "x"}}}, "document": "y"}, 2),
        ({"metadata": {"document": ""}, "document": True}, 0),
        ({"metadata": "document"}, 0),
    ],
    ids=str,
)
def test_documents(record: dict[str, Any], n: int) -> None:
    assert len(documents(record, "task")) == n


def test_a_bare_number_is_a_document_of_its_task() -> None:
    record = {"metadata": {"document_id": 3}}
    assert documents(record, "a") == documents(record, "a") != documents(record, "b")
