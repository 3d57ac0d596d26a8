"""Two runs compared beside what was trained on: splits, and prompts that leaked into training."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.candidate import parse
from corrigenda.core.comparison import SPLIT
from corrigenda.errors import UnknownExport
from corrigenda.workbench import Workspace
from tests.workbench.desk import fill, opened
from tests.workbench.exports import recipe
from tests.workbench.test_comparing_runs import put, sample

DUCKS = (
    "Janet's ducks lay {} eggs per day. She eats three for breakfast every morning and bakes "
    "muffins for her friends every day with four. How much does she make at the market?"
)


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def test_what_was_trained_on(workspace: Workspace) -> None:
    prompts = [f"What is {n} and {n}?" for n in range(12)]
    fill(workspace, *(
        sample("a", prompt, status="approved", corrected_response="4") for prompt in prompts[:3]
    ), *(sample("b", prompt) for prompt in prompts[:3]))  # fmt: skip
    put(workspace, [sample(run, "Again " + prompt) for prompt in prompts[3:5] for run in "ab"],
        *(sample(run, "Out " + prompt, held_out=True) for prompt in prompts[5:7] for run in "ab"),
        *(sample(run, "Aside " + prompt) for prompt in prompts[7:9] for run in "ab"))  # fmt: skip
    workspace.make_export(recipe(filter={"run_id": ["a"]}, replay=0.4), name="set-1")
    found = workspace.compare("a", "b", trained="set-1")
    assert found.trained is not None
    assert found.trained.as_dict() == {
        "name": "set-1", "corrections": 3, "passes": 2, "missing": 0
    }  # fmt: skip
    sides = {name: figures.n for name, figures in found.raw.groups[SPLIT].items()}
    assert sides == {"trained": 3, "replayed": 2, "held_out": 2, "neither": 2}
    folder = workspace.export_folder("set-1")
    assert workspace.compare("a", "b", folder).raw == found.raw
    with pytest.raises(UnknownExport):
        workspace.compare("a", "b", "set-2")


def test_splits_that_are_not_trained_on_are_held_out(workspace: Workspace) -> None:
    prompts = [f"Question about {word}?" for word in "abcdefghijklmnopqrst"]
    fill(workspace, *(
        sample("a", prompt, status="approved", corrected_response="4") for prompt in prompts
    ), *(sample("b", prompt) for prompt in prompts))  # fmt: skip
    workspace.make_export(recipe(splits=[0.5, 0.2, 0.3], filter={"run_id": ["a"]}), name="s")
    files = workspace.export_named("s")["manifest"]["files"]
    rows = {file["split"]: file["rows"] for file in files}
    sides = workspace.compare("a", "b", "s").raw.groups[SPLIT]
    assert sides["trained"].n == rows["train"]
    assert sides["held_out"].n == 20 - rows["train"]


def test_contaminated_prompts_are_named_and_left_out(workspace: Workspace) -> None:
    trained, replayed = DUCKS.format("sixteen"), "Again " + DUCKS.format("forty")
    shots = f"Q: What is one?\nA: One.\n\nQ: {DUCKS.format('twenty')}\nA:"
    corrected: dict[str, Any] = {"status": "approved", "corrected_response": "4"}
    fill(workspace, sample("first", trained, **corrected), sample("first", shots, **corrected))
    clean = "Which river of Europe is the longest, and how many countries does it pass on its way?"
    held_out = {
        trained: "exact",  # the very prompt
        trained.upper() + " !": "exact",  # the same words
        DUCKS.format("twenty"): "overlap",  # the question behind the examples that it was shown
        clean: None,
    }
    put(workspace, [sample("first", replayed)],
        *(sample(run, prompt, held_out=True) for prompt in held_out for run in "ab"))  # fmt: skip
    workspace.make_export(recipe(filter={"run_id": ["first"]}, replay=0.3), name="set-1")
    assert workspace.compare("a", "b").contaminated == 0
    found = workspace.compare("a", "b", "set-1")
    how = {each["prompt_key"]: each["contaminated"] for each in found.prompts}
    keys = {prompt: parse(sample("a", prompt)).prompt_key for prompt in held_out}
    assert {prompt: how[key] for prompt, key in keys.items() if key} == held_out
    assert (found.contaminated, found.values()["contaminated"]) == (3, 3)
    assert found.raw.groups[SPLIT]["held_out"].n == 1
    assert found.raw.total.n == 4


def test_rows_whose_candidates_are_gone_are_counted(workspace: Workspace, tmp_path: Path) -> None:
    corrected: dict[str, Any] = {"status": "approved", "corrected_response": "4"}
    fill(workspace, sample("a", "one", **corrected), sample("b", "one"))
    workspace.make_export(recipe(), tmp_path / "set")
    with Workspace.open(tmp_path / "another") as another:
        fill(another, sample("c", "one"), sample("d", "one"))
        found = another.compare("c", "d", tmp_path / "set")
    assert found.trained is not None
    assert (found.trained.corrections, found.trained.missing) == (1, 1)
    assert set(found.raw.groups[SPLIT]) == {"neither"}
