"""The ancestors of a candidate that was asked again: what was decided on them, and why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.workbench import Workspace
from corrigenda.workbench.siblings import ANCESTORS
from tests.workbench.desk import fill, opened, record


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def ancestors(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workspace.siblings(name)["ancestors"]
    return found


def names(workspace: Workspace, name: str) -> list[str]:
    return [each["id"] for each in ancestors(workspace, name)]


def test_the_earlier_one_with_what_was_decided_on_it(workspace: Workspace) -> None:
    fill(
        workspace,
        record("first", benchmark_run_id="base", tools=None),
        record("again", benchmark_run_id="sums-1", model_response="6", parent_id="first"),
    )
    workspace.submit("first", "discard", reviewer="lee", note="Is 2 + 2 asked?")
    workspace.undo("first", reviewer="kim")
    workspace.submit(
        "first",
        "correct",
        corrected_response="2 + 2 = 4",
        failure_category="wrong_answer",
        reviewer="kim",
        note="It cannot add.",
    )
    (found,) = ancestors(workspace, "again")
    assert (found["id"], found["benchmark_run_id"], found["status"]) == (
        "first",
        "base",
        "approved",
    )
    assert (found["model_response"], found["corrected_response"]) == ("5", "2 + 2 = 4")
    assert (found["decided_by"], found["failure_category"]) == ("kim", "wrong_answer")
    assert (found["same_prompt"], found["identical"]) == (True, False)
    assert [(each["action"], each["reviewer"], each["note"]) for each in found["decisions"]] == [
        ("discard", "lee", "Is 2 + 2 asked?"),
        ("undo", "kim", None),
        ("correct", "kim", "It cannot add."),
    ]
    # It is a sibling as well, as it has always been.
    assert [each["id"] for each in workspace.siblings("again")["items"]] == ["first"]
    assert names(workspace, "first") == []


def test_one_that_was_asked_something_else_is_no_sibling(workspace: Workspace) -> None:
    other = [{"role": "user", "content": "What is 3 + 3?"}]
    fill(
        workspace,
        record("first", prompt_messages=other),
        record("again", parent_id="first"),
        record("no prompt", prompt_messages=[], parent_id="first"),
    )
    for name in ("again", "no prompt"):
        (found,) = ancestors(workspace, name)
        assert (found["id"], found["same_prompt"]) == ("first", False)
        assert workspace.siblings(name)["items"] == []


def test_the_line_of_ancestors_is_followed_and_ends(workspace: Workspace) -> None:
    line = [record(f"g{n}", parent_id=f"g{n - 1}", model_response=str(n)) for n in range(9)]
    fill(workspace, *line)
    assert names(workspace, "g8") == [f"g{n}" for n in range(7, 7 - ANCESTORS, -1)]
    assert names(workspace, "g1") == ["g0"]  # whose own was never here


@pytest.mark.parametrize("parent", ["nobody", "", "again", "\ud800", "x" * 10_000, 7, ["first"]])
def test_what_names_no_earlier_candidate_has_none(workspace: Workspace, parent: object) -> None:
    fill(workspace, record("first"), record("again", parent_id=parent))
    assert names(workspace, "again") == []


def test_a_circle_is_gone_round_once(workspace: Workspace) -> None:
    fill(workspace, record("a", parent_id="b"), record("b", parent_id="a"))
    assert (names(workspace, "a"), names(workspace, "b")) == (["b"], ["a"])
