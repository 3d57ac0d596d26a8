"""Recipes: read from JSON and written back, refused with one sentence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.recipe import (
    BARE,
    CAPS,
    CONFLICTS,
    CURATED,
    GROUPS,
    KEEP,
    SECRETS,
    Recipe,
)
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, UnknownCategory

TEXT = st.text(max_size=20)
RECIPES = st.fixed_dictionaries(
    {},
    optional={
        "format": TEXT,
        "filter": st.fixed_dictionaries(
            {}, optional={"task": st.lists(TEXT, min_size=1), "q": st.text(min_size=1)}
        ),
        "deduplicate": st.booleans(),
        "near_duplicates": st.floats(0.5, 1),
        "keep": st.sampled_from(KEEP),
        "conflicts": st.sampled_from(CONFLICTS),
        "format_pairs": st.booleans(),
        "caps": st.dictionaries(st.sampled_from(CAPS), st.integers(1, 10**9)),
        "replay": st.floats(0, 0.9),
        "seed": st.integers(0, 2**53 - 1),
        "splits": st.sampled_from([[0.8, 0.1, 0.1], [1, 0, 0], [0.5, 0.5, 0]]),
        "group_by": st.lists(st.sampled_from(GROUPS)),
        "allow_protected": st.booleans(),
        "secrets": st.sampled_from(SECRETS),
        "max_length": st.integers(1, 10**9),
        "keep_long": st.booleans(),
        "strict": st.booleans(),
    },
)


@given(RECIPES)
def test_what_is_read_is_written_and_read_the_same(data: dict[str, Any]) -> None:
    recipe = Recipe.from_json(data).checked(Taxonomy())
    assert Recipe.from_json(recipe.as_json()) == recipe


def test_a_recipe_that_says_nothing_is_the_bare_one() -> None:
    assert Recipe.from_json({}) == BARE == Recipe.from_json({"seed": None})
    assert BARE.as_json() == {"format": "messages"}


def test_keys_change_what_is_there_already() -> None:
    recipe = Recipe.from_json({"format": "kto", "filter": {"q": "sum"}}, CURATED)
    assert (recipe.format, recipe.selection.text, recipe.deduplicate) == ("kto", "sum", True)


def test_the_curated_one_leaves_the_scorers_mistakes_out() -> None:
    assert CURATED.checked(Taxonomy()).as_json()["filter"] == {
        "exclude_category": ["scoring_artifact"]
    }


def test_groups_always_hold_a_prompt_together() -> None:
    assert Recipe.from_json({"group_by": ["task"]}).group_by == ("prompt", "task")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"formats": "x"}, "`formats` is no field of a recipe; use format, filter,"),
        ({"format": 1}, "`format` of a recipe must be text, found `1`."),
        ({"deduplicate": 1}, "`deduplicate` of a recipe must be true or false, found `1`."),
        ({"near_duplicates": 0.2}, "a similarity from 0.5 to 1, not 0.2"),
        ({"near_duplicates": float("nan")}, "must be a number"),
        ({"replay": 10**400}, "`replay` of a recipe must be a number"),
        ({"filter": {"score_min": 10**400}}, "must be a score from 0 to 1"),
        ({"keep": "last"}, "`keep` of a recipe must be one of first, latest"),
        ({"caps": {"colour": 1}}, "the keys category, task, model"),
        ({"caps": {"task": 0}}, "`caps.task` of a recipe must be a whole number from 1 up"),
        ({"caps": 3}, "`caps` of a recipe must be an object"),
        ({"replay": 1}, "`replay` is a share from 0 to 0.9, not 1.0."),
        ({"seed": -1}, "`seed` of a recipe must be a whole number from 0 up"),
        ({"seed": 2**53}, "`seed` of a recipe must be a whole number from 0 up"),
        ({"splits": [1, 0]}, "three shares: train, validation, test"),
        ({"splits": [0.5, 0.1, 0.1]}, "with a sum of 1, not 0.5, 0.1, 0.1"),
        ({"splits": [0, 0.5, 0.5]}, "with a sum of 1"),
        ({"splits": [1.5, -0.5, 0]}, "with a sum of 1"),
        ({"holdout_tasks": ["a"]}, "give `splits` as well"),
        ({"group_by": ["row"]}, "a list of prompt, cluster, document, template, task"),
        ({"secrets": "yes"}, "`secrets` of a recipe must be one of off, list, drop, redact"),
        ({"max_length": 0}, "`max_length` of a recipe must be a whole number from 1 up"),
        ({"filter": ["a"]}, "`filter` of a recipe must be an object"),
        ({"filter": {"colour": "red"}}, "`colour` is no field of a filter"),
        ({"filter": {"decided_from": "1.11.2026"}}, "`decided_from` is a day such as 2026-11-01"),
        (
            {"filter": {"decided_from": "2026-11-02", "decided_until": "2026-11-01"}},
            "`decided_from` (2026-11-02) is after `decided_until` (2026-11-01).",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(data: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Recipe.from_json(data).checked(Taxonomy())
    assert said in refused.value.message


@pytest.mark.parametrize(
    "fields",
    [
        {"keep": "newest"},
        {"caps": {"colour": 1}},
        {"seed": -1},
        {"replay": 10**400},
        {"group_by": ("row",)},
        {"splits": (0.5, 0.5)},
    ],
)
def test_a_recipe_of_a_program_is_read_like_one_of_a_request(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Recipe(**fields).checked(Taxonomy())
    assert Recipe(group_by=("task",)).checked(Taxonomy()).group_by == ("prompt", "task")


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(UnknownCategory):
        Recipe.from_json({"filter": {"category": ["colour"]}}).checked(Taxonomy())
