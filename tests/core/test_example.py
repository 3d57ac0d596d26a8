"""Examples: what of a record is learned, and what stood in its place."""

from typing import Any

import pytest

from corrigenda.core.example import of_correction, of_pass

PROMPT: list[dict[str, Any]] = [
    {"role": "user", "content": "2 + 2?"},
    {"role": "assistant", "content": "<think>Hm.</think>5"},
    {"role": "user", "content": "Sure?"},
]


def test_a_correction_stands_against_the_models_own_answer() -> None:
    example = of_correction(
        {"id": "a", "prompt_messages": PROMPT, "model_response": "5", "corrected_response": "4"}
    )
    assert list(example.prompt) == PROMPT
    assert example.answer == {"role": "assistant", "content": "4"}
    assert example.rejected == {"role": "assistant", "content": "5"}
    negative = example.as_negative()
    assert (negative.answer, negative.rejected, negative.wanted) == (example.rejected, None, False)


def test_a_marked_turn_is_what_stands_against_its_correction() -> None:
    example = of_correction(
        {
            "id": "a",
            "prompt_messages": PROMPT,
            "model_response": "Yes.",
            "corrected_response": "4",
            "corrected_parts": {"turn": 1, "reasoning": "drop"},
        }
    )
    assert list(example.prompt) == PROMPT[:1]
    assert example.rejected == {"role": "assistant", "content": "5", "reasoning_content": "Hm."}


def test_without_an_own_answer_there_is_nothing_to_reject() -> None:
    example = of_correction({"id": "a", "model_response": None, "corrected_response": "4"})
    assert example.rejected is None
    with pytest.raises(ValueError, match="no rejected"):
        example.as_negative()


def test_a_pass_is_learned_as_it_is() -> None:
    record = {"id": "p", "prompt_messages": PROMPT[:1], "model_response": "<think>Easy</think>4"}
    example = of_pass({**record, "tools": [{"type": "function"}]})
    assert example.answer == {"role": "assistant", "content": "4", "reasoning_content": "Easy"}
    assert (example.rejected, example.wanted, len(example.tools)) == (None, True, 1)
