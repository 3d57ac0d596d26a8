"""What holds for every plan, whatever is in the workspace, on both databases."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda import plugins
from corrigenda.core.history import FIELD as HISTORY
from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.exports import Kind
from corrigenda.workbench import Workspace
from corrigenda.workbench.curating.items import Item, Origin
from corrigenda.workbench.curating.plan import Plan, make_plan
from tests.fixtures.postgres import Server
from tests.workbench.desk import fill

FORMATS = sorted(plugins.installed(plugins.EXPORTS))
CATEGORIES = ["wrong_answer", "scoring_artifact"]

_TEXTS = st.sampled_from(["4", "5", "6", "It is 4.", "it is 4", "**4**", "", "four \ud83d \u0000"])
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "prompt": st.integers(0, 3),
            "model_response": _TEXTS,
            "corrected_response": _TEXTS.filter(bool),
            "failure_category": st.sampled_from([None, *CATEGORIES]),
            "model_name": st.sampled_from(["small", "large"]),
            "task_name": st.sampled_from(["sums", "words", None]),
            "held_out": st.booleans(),
            "status": st.sampled_from(["approved"] * 4 + ["discarded", "needs_review"]),
        }
    ),
    min_size=1,
    max_size=12,
)
_RUNS = itertools.count()
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.open(tmp_path_factory.mktemp("plans") / "alone") as found:
        yield found


@pytest.fixture(scope="module")
def workspaces(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Server
) -> Iterator[list[Workspace]]:
    """One workspace on each database; each example is a run of its own."""
    folder = tmp_path_factory.mktemp("plans")
    with (
        postgres_server.fresh_database() as url,
        Workspace.open(folder / "one") as one,
        Workspace.open(folder / "two", database_url=url) as two,
    ):
        yield [one, two]


def filled(workspaces: list[Workspace], samples: list[dict[str, Any]]) -> Selection:
    """Put the samples into every workspace; returns the filter that finds them."""
    run = f"run-{next(_RUNS)}"
    records = []
    for n, sample in enumerate(samples):
        said = {key: value for key, value in sample.items() if key != "prompt"}
        asked = f"{run}: {sample['prompt']} + 1?"
        if said["status"] != "approved":
            said.pop("corrected_response")
        prompt = [{"role": "user", "content": asked}]
        records.append(
            {"id": f"{run}-{n}", "benchmark_run_id": run, "prompt_messages": prompt, **said}
        )
    for workspace in workspaces:
        fill(workspace, *records)
    return Selection(run_ids=(run,))


def plan(workspace: Workspace, recipe: Recipe) -> Plan:
    return make_plan(workspace.database, workspace.taxonomy, recipe)


def rows(found: Plan) -> Counter[str]:
    return Counter(json.dumps(row, sort_keys=True) for _, row in found.rows())


@given(
    samples=_RECORDS,
    form=st.sampled_from(FORMATS),
    deduplicate=st.booleans(),
    keep=st.sampled_from(["first", "latest"]),
)
@MANY
def test_the_exports_of_all_categories_are_the_export_of_all(
    workspace: Workspace,
    samples: list[dict[str, Any]],
    form: str,
    deduplicate: bool,
    keep: str,
) -> None:
    selection = filled([workspace], samples)
    recipe = Recipe(format=form, selection=selection, deduplicate=deduplicate, keep=keep)
    everything = rows(plan(workspace, recipe))
    parts: Counter[str] = Counter()
    for name in (*CATEGORIES, UNCATEGORISED):
        only = replace(selection, include_categories=(name,))
        parts += rows(plan(workspace, replace(recipe, selection=only)))
        # The category apart, all others are the rest: no filter adds a row.
        others = replace(selection, exclude_categories=(name,))
        rest = rows(plan(workspace, replace(recipe, selection=others)))
        assert set(rest) <= set(everything)
    if deduplicate:
        assert set(parts) == set(everything)
    else:
        assert parts == everything


@given(
    samples=_RECORDS,
    form=st.sampled_from(FORMATS),
    near=st.sampled_from([None, 0.5, 0.95]),
    rule=st.sampled_from(["list", "latest", "drop"]),
    keep=st.sampled_from(["first", "latest"]),
    caps=st.dictionaries(st.sampled_from(["category", "task", "model"]), st.integers(1, 3)),
    replay=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 3),
)
@MANY
def test_both_databases_give_the_same_rows_again_and_again(
    workspaces: list[Workspace],
    samples: list[dict[str, Any]],
    form: str,
    near: float | None,
    rule: str,
    keep: str,
    caps: dict[str, int],
    replay: float,
    seed: int,
) -> None:
    recipe = Recipe(
        format=form,
        selection=filled(workspaces, samples),
        deduplicate=True,
        near_duplicates=near,
        conflicts=rule,
        keep=keep,
        caps=caps,
        replay=replay,
        seed=seed,
    )
    one, two, again = (plan(each, recipe) for each in (*workspaces, workspaces[0]))
    assert _written(one) == _written(two) == _written(again)
    assert one.findings == two.findings == again.findings
    assert one.conflicts == two.conflicts
    _holds(one)


def _written(found: Plan) -> list[tuple[str, Origin, dict[str, Any]]]:
    written = []
    for item, row in found.rows():
        for named in HISTORY, "decided_at":  # times and names of decisions
            row.pop(named, None)
        written.append((item.id, item.origin, row))
    return written


def _holds(found: Plan) -> None:
    if found.form.kind is Kind.RECORDS:
        return
    answers = Counter(item.key for item in found.items)
    assert set(answers.values()) <= {1}
    wanted = {item.answer for item in found.items if item.origin is Origin.CORRECTION}
    assert not wanted & {item.unwanted for item in found.items}
    for dimension, most in found.recipe.caps.items():
        drawn = Counter(getattr(item, dimension) for item in _corrections(found.items))
        assert max(drawn.values(), default=0) <= most
    left = Counter(each.id for each in found.findings.left_out)
    for item in _corrections(found.items):
        assert left[item.id] <= 1  # of an unpaired format: its negative
    ids = {item.id for item in found.items}
    assert found.examined <= len(ids | set(left)) + len(found.items)
    stages = {stage.name: stage.n for stage in found.findings.stages}
    assert stages["chosen"] == found.examined == found.total


def _corrections(items: list[Item]) -> list[Item]:
    return [item for item in items if item.origin is not Origin.PASS]
