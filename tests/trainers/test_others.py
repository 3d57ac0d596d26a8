"""Exports for other trainers and services, read by their own code."""

import json
from typing import Any

import pytest

from tests.trainers.conftest import Trainers, parts

END = "<|im_end|>"


def trained(form: str, row: dict[str, Any], *, last: bool = False) -> list[str]:
    """The texts that Corrigenda says carry loss; of the last turn alone where that is asked."""
    found = [text for _, text, learnt in parts(form, row) if learnt]
    return found[-1:] if last else found


def without_marks(text: str) -> str:
    """A text without what each template puts around calls of tools."""
    return text.replace("<tool_call>\n", "").replace("\n</tool_call>", "")


def unescaped(text: str) -> str:
    """A text in which the arguments of calls are objects, also where a row has them as text."""
    before, mark, call = text.partition("<tool_call>\n")
    if not mark:
        return text
    written, mark, after = call.partition("\n</tool_call>")
    function = json.loads(written)
    if isinstance(function["arguments"], str):
        function["arguments"] = json.loads(function["arguments"])
    return f"{before}{json.dumps(function)}{after}"


@pytest.mark.parametrize("last", [False, True], ids=["every turn", "the last turn"])
def test_llama_factory_and_sharegpt(trainers: Trainers, last: bool) -> None:
    job = "llama_factory sharegpt" + (" last turn" if last else "")
    made = [without_marks(text) for text in trainers.results[job]["trained"]]
    rows = trainers.rows("sharegpt")
    assert made == ["".join(f"{t}{END}\n" for t in trained("sharegpt", r, last=last)) for r in rows]


def test_llama_factory_and_alpaca(trainers: Trainers) -> None:
    made = trainers.results["llama_factory alpaca"]["trained"]
    expected = [
        "".join(f"{t}{END}\n" for t in trained("alpaca", r)) for r in trainers.rows("alpaca")
    ]
    assert made == expected


def test_axolotl(trainers: Trainers) -> None:
    made = trainers.results["axolotl axolotl"]["trained"]
    for row, text in zip(trainers.rows("axolotl"), made, strict=True):
        [expected] = trained("axolotl", row)
        # Axolotl drops every null, also of a call's arguments.
        assert text == expected.replace(', "within": null', "") + END


@pytest.mark.parametrize("form", ["openai", "messages"])
def test_mlx_with_the_prompt_masked(trainers: Trainers, form: str) -> None:
    made = trainers.results[f"mlx {form}"]["trained"]
    expected = [parts(form, row)[-1][1] + END for row in trainers.rows(form)]
    assert list(map(unescaped, made)) == list(map(unescaped, expected))


@pytest.mark.parametrize("form", ["openai", "openai_preference"])
def test_together_has_nothing_against_rows_without_tools(trainers: Trainers, form: str) -> None:
    assert trainers.results[f"together {form}"]["trained"] == []
