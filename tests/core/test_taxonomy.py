"""The failure categories, and what is checked besides."""

from typing import get_args

import pytest

from corrigenda.core.problem import Problem
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import BUILT_IN, COLORS, Category, FailureCategory, Taxonomy
from corrigenda.errors import ConfigError, UnknownCategory

SIX = (
    "scoring_artifact",
    "style_violation",
    "partial_answer",
    "wrong_answer",
    "format_error",
    "hallucination",
)


def test_six_are_built_in_in_the_order_of_their_keys() -> None:
    assert Taxonomy().names == get_args(FailureCategory) == SIX
    for category in BUILT_IN:
        assert category.built_in
        assert category.label
        assert category.definition
        assert category.example


def test_a_workspace_adds_its_own_after_them() -> None:
    taxonomy = Taxonomy.with_extra([Category("unsafe", "Unsafe"), Category("rude_2", "Rude")])
    assert taxonomy.names == (*SIX, "unsafe", "rude_2")
    assert taxonomy.check("rude_2") == "rude_2"


@pytest.mark.parametrize("name", [*SIX, None])
def test_what_is_known_passes(name: str | None) -> None:
    assert Taxonomy().check(name) == name


@pytest.mark.parametrize("name", ["nonsense", "", "none", "Wrong_answer", "wrong_answer ", "\x00"])
def test_what_is_not_known_is_refused_with_those_allowed(name: str) -> None:
    with pytest.raises(UnknownCategory) as caught:
        Taxonomy().check(name)
    assert caught.value.details == {"allowed": list(SIX)}
    assert all(f"`{allowed}`" in str(caught.value) for allowed in SIX)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Unsafe", "lower_snake_case"),
        ("1st", "lower_snake_case"),
        ("", "lower_snake_case"),
        ("un-safe", "lower_snake_case"),
        ("unsafe\n", "lower_snake_case"),
        ("x" * 65, "lower_snake_case"),
        ("none", "there already"),
    ],
)
def test_a_name_that_cannot_be_added(name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Taxonomy.with_extra([Category(name, "x")])


@pytest.mark.parametrize("name", ["unsafe", "wrong_answer"])
def test_one_name_twice(name: str) -> None:
    with pytest.raises(ConfigError, match="there already"):
        Taxonomy.with_extra([Category(name, "a"), Category(name, "b")])


def test_a_built_in_one_is_reworded_in_its_place() -> None:
    taxonomy = Taxonomy.with_extra([Category("wrong_answer", "Wrong", color="brown", key="9")])
    assert taxonomy.names == SIX
    assert taxonomy.categories[3] == Category(
        "wrong_answer", "Wrong", built_in=True, color="brown", key="9"
    )


def test_every_built_in_one_has_its_own_colour() -> None:
    colors = [category.color for category in BUILT_IN]
    assert colors == ["grey", "violet", "ochre", "blue", "teal", "plum"]
    assert set(colors) < set(COLORS)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"color": "red"}, "unknown color `red`; known are `ochre`"),
        ({"color": ""}, "unknown color"),
        ({"key": "0"}, "from 1 to 9"),
        ({"key": "10"}, "from 1 to 9"),
        ({"key": "x"}, "from 1 to 9"),
    ],
    ids=str,
)
def test_a_colour_or_key_that_is_not_there(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Taxonomy.with_extra([Category("unsafe", "Unsafe", **fields)])  # type: ignore[arg-type]


def test_one_key_twice() -> None:
    with pytest.raises(ConfigError, match="`unsafe` and `rude` have the same key `7`"):
        Taxonomy.with_extra([Category("unsafe", "a", key="7"), Category("rude", "b", key="7")])


@pytest.mark.parametrize(
    "selection",
    [
        Selection(include_categories=("nonsense",)),
        Selection(exclude_categories=("wrong_answer", "nonsense")),
    ],
    ids=["include", "exclude"],
)
def test_a_selection_of_an_unknown_category(selection: Selection) -> None:
    with pytest.raises(UnknownCategory) as caught:
        selection.checked(Taxonomy())
    assert caught.value.details == {"allowed": [*SIX, "none"]}


def test_a_huge_name_is_not_repeated() -> None:
    with pytest.raises(UnknownCategory) as caught:
        Taxonomy().check("x" * 1_000_000)
    assert len(caught.value.message) < 300


def test_a_selection_of_known_categories() -> None:
    chosen = Selection(include_categories=SIX, exclude_categories=("none",))
    assert chosen.checked(Taxonomy()) is chosen
    assert EVERYTHING.checked(Taxonomy()) is EVERYTHING


def test_a_problem_is_one_line_and_json() -> None:
    problem = Problem("f.jsonl", 3, "`id` is missing", "id")
    assert str(problem) == "f.jsonl:3: `id` is missing"
    assert problem.as_dict() == {
        "file": "f.jsonl",
        "line": 3,
        "reason": "`id` is missing",
        "field": "id",
    }
    assert "field" not in Problem("f.jsonl", 3, "not JSON").as_dict()
