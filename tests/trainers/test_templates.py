"""The answers of `prompt_completion` in the chat templates of real models."""

import pytest

from tests.trainers.conftest import Trainers
from tests.trainers.jobs import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_answer_is_there_as_a_whole(trainers: Trainers, template: str) -> None:
    result = trainers.results[f"template {template}"]
    assert "error" not in result, result["error"]
    rows = trainers.rows("prompt_completion")
    for row, made in zip(rows, result["answers"], strict=True):
        [answer] = row["completion"]
        assert answer["content"] in made
        for call in answer.get("tool_calls", ()):
            assert call["function"]["name"] in made
            assert "\\\\" not in made, "arguments are written once, not as text in text"
