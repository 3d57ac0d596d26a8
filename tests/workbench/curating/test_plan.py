"""Plans of exports: the funnel, what is left out and why, and what they warn of."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.example import Example
from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import Selection
from corrigenda.errors import InvalidInput
from corrigenda.exports import Row
from corrigenda.workbench import Workspace
from corrigenda.workbench.curating.examining import Objection, Stopped, Tools
from corrigenda.workbench.curating.items import Item, Origin, Reason
from corrigenda.workbench.curating.plan import Plan, make_plan
from corrigenda.workbench.curating.replay import needed
from tests.workbench.desk import fill, opened, record

THOUGHT = "<think>2 and 2</think> 5"


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def corrected(name: str, text: str = "4", **fields: Any) -> dict[str, Any]:
    return record(name, status="approved", corrected_response=text, **fields)


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def plan(workspace: Workspace, tools: Tools | None = None, **said: Any) -> Plan:
    recipe = Recipe.from_json({"format": "prompt_completion", **said})
    return make_plan(workspace.database, workspace.taxonomy, recipe, tools)


def ids(found: Plan) -> list[str]:
    return [item.id for item, _ in found.rows()]


def left(found: Plan) -> dict[str, Reason]:
    return {each.id: each.reason for each in found.findings.left_out}


def stages(found: Plan) -> dict[str, int]:
    return {stage.name: stage.n for stage in found.findings.stages}


def passed(workspace: Workspace, n: int) -> None:
    lines = [
        {**record(f"p{i}"), "prompt_messages": asked(f"Asked {i}?"), "model_response": "ok"}
        for i in range(n)
    ]
    path = workspace.directory.parent / "run-p" / "sft_passes.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert workspace.import_path(path).passes == n


def test_the_funnel_and_what_it_leaves_out(workspace: Workspace) -> None:
    fill(
        workspace,
        corrected("a"),
        corrected("b", held_out=True),
        corrected("c", model_response=THOUGHT),
        corrected("d", " "),
        corrected("e", prompt_messages=[]),
        corrected("f"),
        corrected("g", failure_category="wrong_answer"),
        record("open"),
    )
    found = plan(workspace, deduplicate=True, filter={"category": ["none"]})
    assert stages(found) == {
        "approved": 7,
        "chosen": 6,
        "allowed": 4,
        "valid": 2,
        "unique": 1,
        "balanced": 1,
    }
    assert ids(found) == ["a"]
    assert left(found) == {
        "b": Reason.HELD_OUT,
        "c": Reason.HELD_BACK,
        "d": Reason.INVALID,
        "e": Reason.INVALID,
        "f": Reason.DUPLICATE,
    }
    assert found.findings.counts["category"] == {"none": 1}
    assert (found.examined, found.total, found.complete) == (6, 6, True)


def test_a_recipe_without_keys_is_the_bare_export(workspace: Workspace) -> None:
    fill(workspace, corrected("a"), corrected("b"), corrected("c", held_out=True), record("d"))
    found = make_plan(workspace.database, workspace.taxonomy, Recipe())
    assert [row for _, row in found.rows()] == list(workspace.export())


@pytest.mark.parametrize("form", ["preference", "kto", "openai_preference"])
def test_neither_rejects_what_is_right_elsewhere(workspace: Workspace, form: str) -> None:
    fill(
        workspace,
        corrected("a"),
        corrected("b", "5", model_response="6"),
        corrected("c", "seven", model_response="7"),
        corrected("fine", model_response="7", failure_category="scoring_artifact"),
    )
    found = make_plan(workspace.database, workspace.taxonomy, Recipe(format=form))
    assert {"a", "c"} <= {each.id for each in found.findings.left_out}
    assert [row for _, row in found.rows()] == list(workspace.export(format=form))


def test_a_preview_looks_at_the_first_ones(workspace: Workspace) -> None:
    fill(workspace, *(corrected(f"c{n}", prompt_messages=asked(str(n))) for n in range(5)))
    recipe = Recipe(strict=True)
    found = make_plan(workspace.database, workspace.taxonomy, recipe, limit=3)
    assert ids(found) == ["c0", "c1", "c2"]
    assert (found.examined, found.total, found.complete) == (3, 5, False)


def test_of_duplicates_the_latest(workspace: Workspace) -> None:
    fill(workspace, record("a"), record("b"))
    for name in ("b", "a"):
        workspace.submit(name, "correct", corrected_response="4")
    assert ids(plan(workspace, deduplicate=True)) == ["a"]
    workspace.submit("b", "amend", corrected_response="4")
    assert ids(plan(workspace, deduplicate=True, keep="latest")) == ["b"]


@pytest.mark.parametrize(
    ("rule", "stay"), [("list", ["a", "b", "c", "d"]), ("latest", ["b", "d"]), ("drop", ["d"])]
)
def test_conflicts(workspace: Workspace, rule: str, stay: list[str]) -> None:
    other = asked("What else?")
    fill(workspace, *(record(n) for n in "abc"), record("d", prompt_messages=other))
    for name, text in (("a", "4"), ("c", "4"), ("b", "four"), ("d", "4")):
        workspace.submit(name, "correct", corrected_response=text)
    found = plan(workspace, conflicts=rule)
    assert ids(found) == stay
    assert found.conflicts == [["a", "b", "c"]]
    assert set(left(found).values()) <= {Reason.CONFLICT}


def test_pairs(workspace: Workspace) -> None:
    fill(
        workspace,
        corrected("a"),
        corrected("b", model_response="6"),
        corrected("same", model_response="4"),
        corrected("format", model_response="**4**."),
        corrected("fine", model_response="four", failure_category="scoring_artifact"),
        corrected("nothing", model_response=None),
    )
    found = plan(workspace, format="preference", deduplicate=True)
    assert ids(found) == ["a", "b"]
    assert left(found) == {
        "same": Reason.INVALID,
        "format": Reason.FORMAT_ONLY,
        "fine": Reason.ARTIFACT,
        "nothing": Reason.INVALID,
    }
    assert "format" in ids(plan(workspace, format="preference", format_pairs=True))


def test_what_is_wanted_somewhere_is_unwanted_nowhere(workspace: Workspace) -> None:
    fill(
        workspace,
        corrected("a", "4", model_response="5"),
        corrected("b", "six", model_response="4", failure_category="wrong_answer"),
        corrected("fine", "4", model_response="44", failure_category="scoring_artifact"),
    )
    for chosen in ({}, {"category": ["wrong_answer"]}):
        found = plan(workspace, format="kto", filter=chosen)
        unwanted = [row["completion"] for _, row in found.rows() if not row["label"]]
        assert [{"role": "assistant", "content": "4"}] not in unwanted
        assert left(found)["b"] is Reason.CONFLICT
    everything = plan(workspace, format="kto", deduplicate=True)
    made = sorted((item.id, item.origin.value) for item in everything.items)
    assert made == [("a", "correction"), ("a", "negative"), ("b", "correction")]


def test_caps_do_not_depend_on_arrival(workspace: Workspace) -> None:
    names = [f"c{n}" for n in range(12)]
    fill(workspace, *(corrected(n, prompt_messages=asked(n), task_name="sums") for n in names))
    found = plan(workspace, caps={"task": 5, "model": 4})
    assert len(ids(found)) == 4
    assert set(left(found).values()) == {Reason.CAPPED}
    assert ids(found) == ids(plan(workspace, caps={"model": 4}))
    other_seeds = [ids(plan(workspace, caps={"model": 4}, seed=seed)) for seed in range(1, 6)]
    assert any(other != ids(found) for other in other_seeds)


def test_replay(workspace: Workspace) -> None:
    fill(workspace, *(corrected(f"c{n}", prompt_messages=asked(f"Asked {n}?")) for n in range(4)))
    passed(workspace, 20)
    found = plan(workspace, replay=0.5)
    passes = [item for item in found.items if item.origin is Origin.PASS]
    assert stages(found)["with_passes"] == len(found.items) == 8
    assert not {item.prompt for item in passes} & {
        item.prompt for item in found.items if item.origin is not Origin.PASS
    }
    assert [row["completion"][0]["content"] for _, row in found.rows()][4:] == ["ok"] * 4
    assert found.findings.counts["category"] == {"none": 4, "pass": 4}
    scarce = plan(workspace, replay=0.9)
    assert stages(scarce)["with_passes"] == 4 + 16
    (said,) = [each for each in scarce.findings.warnings if "Passes" in each]
    assert "80.0% of the training rows instead of 90.0%" in said
    assert stages(plan(workspace, replay=0.5, filter={"model": ["large"]}))["with_passes"] == 0
    pairs = plan(workspace, replay=0.5, format="preference")
    assert "with_passes" not in stages(pairs)
    assert any("none are mixed in" in each for each in pairs.findings.warnings)


@pytest.mark.parametrize(("rows", "share", "n"), [(90, 0.1, 10), (1, 0.9, 9), (0, 0.5, 0)])
def test_how_many_passes_are_needed(rows: int, share: float, n: int) -> None:
    assert needed(rows, share) == n


def test_warnings(workspace: Workspace) -> None:
    fill(workspace, corrected("a", failure_category="wrong_answer"), corrected("b"))
    found = plan(workspace, format="openai", filter={"category": ["wrong_answer"]})
    assert any("1 correction" in said and "`none`" in said for said in found.findings.warnings)
    assert any("10 rows or more" in said for said in found.findings.warnings)
    named = plan(workspace, filter={"exclude_category": ["none"]})
    assert not any("`none`" in said for said in named.findings.warnings)
    nothing = plan(workspace, filter={"model": ["nobody"]})
    assert "No row is left." in nothing.findings.warnings
    records = plan(workspace, format="csv", deduplicate=True, replay=0.5)
    assert ids(records) == ["a", "b"]
    assert any("without effect: duplicates, replay" in said for said in records.findings.warnings)


def test_strict_refuses_what_breaks_a_rule(workspace: Workspace) -> None:
    fill(workspace, corrected("a"), corrected("b", prompt_messages=[]))
    with pytest.raises(InvalidInput, match="1 row breaks a rule of the format; the first is `b`"):
        plan(workspace, strict=True)


def test_what_changes_meanwhile_is_left_out(workspace: Workspace) -> None:
    fill(workspace, *(corrected(n, prompt_messages=asked(n)) for n in "abc"))
    found = plan(workspace)
    workspace.undo("a")
    workspace.submit("c", "amend", corrected_response="5")
    assert ids(found) == ids(found) == ["b"]
    assert left(found) == {"a": Reason.CHANGED, "c": Reason.CHANGED}


def test_records_in_any_status(workspace: Workspace) -> None:
    fill(workspace, corrected("a", held_out=True), record("b"), record("c", status="discarded"))
    assert ids(plan(workspace, format="candidates")) == ["a", "b", "c"]
    only = plan(workspace, format="candidates", filter={"status": ["discarded"]})
    assert ids(only) == ["c"]
    assert stages(only)["all"] == 3


class Objecting:
    """An examiner that refuses one id, and measures."""

    def examine(self, item: Item, example: Example, row: Row) -> Objection | None:  # noqa: ARG002
        item.length = 7
        return (Reason.SECRET, "It has one.") if item.id == "b" else None

    def warnings(self) -> list[str]:
        return ["Said once."]


def test_examiners_and_rewriting(workspace: Workspace) -> None:
    fill(workspace, *(corrected(n, prompt_messages=asked(f"It is {n}?")) for n in "abc"))

    def hidden(example: Example) -> Example:
        return replace(example, prompt=tuple(asked("It is X?")))

    found = plan(workspace, Tools(secrets=Objecting(), rewrite=hidden), deduplicate=True)
    assert left(found) == {"b": Reason.SECRET, "c": Reason.DUPLICATE}
    assert [(item.id, item.length, row["prompt"]) for item, row in found.rows()] == [
        ("a", 7, asked("It is X?"))
    ]
    assert "Said once." in found.findings.warnings


def test_a_caller_can_stop(workspace: Workspace) -> None:
    fill(workspace, corrected("a"))
    told = []

    def progress(done: int, total: int) -> bool:
        told.append((done, total))
        return True

    with pytest.raises(Stopped):
        make_plan(workspace.database, workspace.taxonomy, Recipe(), progress=progress)
    assert told == [(1, 1)]


def test_the_filter_chooses(workspace: Workspace) -> None:
    fill(workspace, corrected("a", task_name="x"), corrected("b", task_name="y"))
    recipe = Recipe(selection=Selection(tasks=("y",)))
    assert ids(make_plan(workspace.database, workspace.taxonomy, recipe)) == ["b"]
