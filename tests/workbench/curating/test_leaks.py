"""What must not reach training: from other splits, from protected sets, as an unwanted answer."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.example import Example
from corrigenda.core.recipe import Recipe
from corrigenda.workbench import Workspace
from corrigenda.workbench.curating.examining import Tools
from corrigenda.workbench.curating.guard import PromptGuard
from corrigenda.workbench.curating.items import Origin, Reason
from corrigenda.workbench.curating.plan import Plan, make_plan
from corrigenda.workbench.curating.splitting import GroupSplitter
from tests.workbench.desk import fill, opened, record

SAID = "The river rises in the hills above the old town and runs for many miles past its mills"


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def corrected(name: str, text: str = "4", **fields: Any) -> dict[str, Any]:
    return record(name, status="approved", corrected_response=text, **fields)


def asked(*texts: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[n % 2], "content": t} for n, t in enumerate(texts)]


def passed(workspace: Workspace, *prompts: str) -> None:
    lines = [
        {**record(f"p{n}"), "prompt_messages": asked(prompt), "model_response": "ok"}
        for n, prompt in enumerate(prompts)
    ]
    path = workspace.directory.parent / "run-p" / "sft_passes.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert workspace.import_path(path).passes == len(prompts)


def plan(workspace: Workspace, tools: Tools | None = None, **said: Any) -> Plan:
    recipe = Recipe.from_json({"format": "prompt_completion", **said})
    tools = tools or Tools()
    if recipe.splits is not None:
        tools.splitter = GroupSplitter(workspace.database, recipe, keep=True)
    return make_plan(workspace.database, workspace.taxonomy, recipe, tools)


def conflicts(found: Plan) -> list[str]:
    return [each.id for each in found.findings.left_out if each.reason is Reason.CONFLICT]


def rewriting(old: str, new: str) -> Callable[[Example], Example]:
    def rewrite(example: Example) -> Example:
        prompt = tuple(
            {**each, "content": each["content"].replace(old, new)} for each in example.prompt
        )
        return example if prompt == example.prompt else replace(example, prompt=prompt)

    return rewrite


WORDS = (
    "amber basil cedar daisy elder fern grape hazel iris juniper kale laurel mint nettle olive "
    "pine quince reed sage thyme umber vine willow yarrow alder birch clove dill"
)


def question(n: int, end: str = "") -> str:
    """Questions of some length that have little in common."""
    return f"{' '.join(random.Random(n).sample(WORDS.split(), 28))}?{end}"


def test_a_pass_that_is_nearly_a_test_prompt_is_not_trained_on(workspace: Workspace) -> None:
    n = 40
    fill(
        workspace,
        *(corrected(f"c{i}", prompt_messages=asked(question(i))) for i in range(n)),
    )
    passed(workspace, *(question(i, " Please say.") for i in range(n)))
    said: dict[str, Any] = {"splits": [0.5, 0.0, 0.5], "replay": 0.8}
    found = plan(workspace, **said)
    split = {item.id: item.split for item in found.items}
    held = {i for i in range(n) if split[f"c{i}"] == "test"}
    assert held
    replayed = {int(item.id[1:]) for item in found.items if item.origin is Origin.PASS}
    assert replayed
    assert not replayed & held
    without = plan(workspace, **said, group_by=["prompt"])
    assert {int(i.id[1:]) for i in without.items if i.origin is Origin.PASS} & held


def test_turns_of_one_conversation_are_in_one_split(workspace: Workspace) -> None:
    fields = []
    for n in range(30):
        whole = asked(f"Begin {n}", "So it begins.", f"Go on with {n}")
        fields.append(corrected(f"whole{n}", prompt_messages=whole))
        parts = {"turn": 1}
        fields.append(corrected(f"turn{n}", prompt_messages=whole, corrected_parts=parts))
    fill(workspace, *fields)
    found = plan(workspace, splits=[0.5, 0.0, 0.5], group_by=["prompt"])
    split = {item.id: item.split for item in found.items}
    assert set(split.values()) == {"train", "test"}
    for n in range(30):
        assert split[f"whole{n}"] == split[f"turn{n}"]


def test_prompts_that_are_one_when_they_are_redacted_are_in_one_split(
    workspace: Workspace,
) -> None:
    fill(
        workspace,
        *(corrected(f"c{n}", prompt_messages=asked(f"Mail {'x' * n}@.")) for n in range(30)),
    )

    def rewrite(example: Example) -> Example:
        return replace(example, prompt=tuple(asked("Mail [ADDRESS].")))

    tools = Tools(rewrite=rewrite)
    found = plan(workspace, tools, splits=[0.5, 0.0, 0.5], group_by=["prompt"])
    assert len({item.split for item in found.items}) == 1


def test_a_protected_prompt_is_found_whatever_is_redacted_in_it(workspace: Workspace) -> None:
    prompt = "Who is behind the address kim@example.org now?"
    fill(workspace, corrected("a", prompt_messages=asked(prompt)))
    workspace.protect("bench", texts=[prompt])
    tools = Tools(
        guard=PromptGuard(workspace.database), rewrite=rewriting("kim@example.org", "[MAIL]")
    )
    found = plan(workspace, tools)
    assert found.items == []
    assert [each.reason for each in found.findings.left_out] == [Reason.PROTECTED]


def test_an_unwanted_answer_is_no_near_duplicate_of_a_wanted_one(workspace: Workspace) -> None:
    wrong, right = f"{SAID} to the north.", f"{SAID} to the south."
    other = f"{SAID} to the east."
    fill(
        workspace,
        corrected("a", right, model_response=other),
        corrected("b", f"{SAID} to the west.", model_response=wrong),
    )
    found = plan(workspace, format="kto", near_duplicates=0.5)
    kept = {item.origin for item in found.items}
    assert kept == {Origin.CORRECTION, Origin.NEGATIVE}
    gone = [each for each in found.findings.left_out if each.reason is Reason.NEAR_DUPLICATE]
    assert len(gone) == 2  # one of the two that are wanted, and of the two that are not


@pytest.mark.parametrize("asked_for", [{}, {"filter": {"model": ["small"]}}])
def test_what_is_right_elsewhere_is_not_rejected(
    workspace: Workspace, asked_for: dict[str, Any]
) -> None:
    fill(
        workspace,
        corrected("a", "It is 4.", model_response="It is 5."),
        # Somebody wrote what the first model had said, and somebody that the scorer was wrong.
        corrected("b", "It is 5.", model_response="six", model_name="large"),
        corrected("c", "4 apples", model_response="four apples"),
        corrected(
            "d",
            "#### 4",
            model_response="four apples",
            failure_category="scoring_artifact",
            model_name="large",
        ),
    )
    found = plan(workspace, format="preference", **asked_for)
    assert conflicts(found) == ["a", "c"]
    kto = plan(workspace, format="kto", **asked_for)
    assert conflicts(kto) == ["a", "c"]
    assert not {item.id for item in kto.items if item.origin is Origin.NEGATIVE} & {"a", "c"}
