"""What a correction says beside its text: what is refused, and that it comes back as it went."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.correction import (
    ARGUMENTS_LIMIT,
    CALL_LIMIT,
    DEPTH_LIMIT,
    NAME_LIMIT,
    CorrectedParts,
)
from corrigenda.errors import InvalidInput
from corrigenda.jsonl import dumps, loads

NAMES = st.text(min_size=1, max_size=20).filter(str.strip)
ARGUMENTS = st.dictionaries(st.text(), st.integers() | st.text(), max_size=3).map(dumps)
CALLS = st.builds(
    lambda call_id, function: {**call_id, "type": "function", "function": function},
    st.fixed_dictionaries({}, optional={"id": st.text(max_size=20)}),
    st.fixed_dictionaries({"name": NAMES, "arguments": ARGUMENTS}),
)
REASONING = st.sampled_from([{}, {"reasoning": "drop"}, {"reasoning": "keep"}]) | NAMES.map(
    lambda text: {"reasoning": "rewrite", "reasoning_text": text}
)
PARTS = st.builds(
    lambda reasoning, rest: {**reasoning, **rest},
    REASONING,
    st.fixed_dictionaries(
        {},
        optional={
            "tool_calls": st.lists(CALLS, max_size=3),
            "turn": st.integers(min_value=0, max_value=10**6),
        },
    ),
)


@given(PARTS)
def test_what_is_said_comes_back(said: dict[str, Any]) -> None:
    parts = CorrectedParts.from_json(loads(dumps(said).encode("ascii")))
    if not said:
        assert parts is None
        return
    assert parts is not None
    assert parts.as_json() == said
    assert CorrectedParts.from_json(parts.as_json()) == parts


@pytest.mark.parametrize("said", [None, {}, {"turn": None, "tool_calls": None, "reasoning": None}])
def test_nothing_said(said: object) -> None:
    assert CorrectedParts.from_json(said) is None


def test_calling_nothing_is_said() -> None:
    parts = CorrectedParts.from_json({"tool_calls": []})
    assert parts is not None
    assert parts.as_json() == {"tool_calls": []}


def call(**function: object) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"name": "add", "arguments": "{}", **function}}]}


def deep(levels: int) -> str:
    return '{"a": ' * levels + "1" + "}" * levels


def test_the_type_of_a_call_may_be_left_out() -> None:
    parts = CorrectedParts.from_json(call())
    assert parts is not None
    assert parts.as_json()["tool_calls"][0]["type"] == "function"


REFUSED: list[tuple[object, str, str]] = [
    ("drop", "", '"drop"'),
    ([], "", "[]"),
    ({"resoning": "drop"}, ".resoning", "reasoning, reasoning_text, tool_calls, turn"),
    ({"reasoning": "forget"}, ".reasoning", '"forget"'),
    ({"reasoning": True}, ".reasoning", "true"),
    ({"reasoning": "rewrite"}, ".reasoning_text", "null"),
    ({"reasoning": "rewrite", "reasoning_text": " "}, ".reasoning_text", '" "'),
    ({"reasoning": "rewrite", "reasoning_text": 5}, ".reasoning_text", "5"),
    ({"reasoning": "keep", "reasoning_text": "x"}, ".reasoning_text", '"x"'),
    ({"reasoning_text": "x"}, ".reasoning_text", '"x"'),
    ({"turn": -1}, ".turn", "-1"),
    ({"turn": True}, ".turn", "true"),
    ({"turn": 1.0}, ".turn", "1.0"),
    ({"turn": "1"}, ".turn", '"1"'),
    ({"tool_calls": {}}, ".tool_calls", "{}"),
    ({"tool_calls": call()["tool_calls"] * (CALL_LIMIT + 1)}, ".tool_calls", str(CALL_LIMIT + 1)),
    ({"tool_calls": ["add"]}, ".tool_calls[0]", '"add"'),
    ({"tool_calls": [{}]}, ".tool_calls[0].function", "null"),
    ({"tool_calls": [{"index": 0}]}, ".tool_calls[0].index", '"index"'),
    ({"tool_calls": [{"type": "custom"}]}, ".tool_calls[0].type", '"custom"'),
    ({"tool_calls": [{**call()["tool_calls"][0], "id": 1}]}, ".tool_calls[0].id", "1"),
    (call(strict=True), ".tool_calls[0].function.strict", '"strict"'),
    (call(name=None), ".tool_calls[0].function.name", "null"),
    (call(name=" "), ".tool_calls[0].function.name", '" "'),
    (call(name="x" * (NAME_LIMIT + 1)), ".tool_calls[0].function.name", "xxx"),
    (call(arguments={}), ".tool_calls[0].function.arguments", "{}"),
    (call(arguments=""), ".tool_calls[0].function.arguments", '""'),
    (call(arguments="[1]"), ".tool_calls[0].function.arguments", '"[1]"'),
    (call(arguments='{"a": NaN}'), ".tool_calls[0].function.arguments", "`NaN` is no JSON"),
    (call(arguments="{a: 1}"), ".tool_calls[0].function.arguments", "{a: 1}"),
    (call(arguments=deep(DEPTH_LIMIT + 1)), ".tool_calls[0].function.arguments", "levels deep"),
    (call(arguments=deep(100_000)), ".tool_calls[0].function.arguments", "levels deep"),
    (
        call(arguments='{"a": ' + "9" * 5000 + "}"),
        ".tool_calls[0].function.arguments",
        "JSON object",
    ),
    (
        call(arguments='{"a": "' + "x" * ARGUMENTS_LIMIT + '"}'),
        ".tool_calls[0].function.arguments",
        str(ARGUMENTS_LIMIT),
    ),
]


@pytest.mark.parametrize(
    ("said", "place", "shown"), REFUSED, ids=[f"{n}{p}" for n, (_, p, _) in enumerate(REFUSED)]
)
def test_what_is_refused_is_named_with_its_value(said: object, place: str, shown: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        CorrectedParts.from_json(said)
    (told,) = caught.value.details["errors"]
    assert told["field"] == f"corrected_parts{place}"
    assert told["message"] == caught.value.message
    assert f"`corrected_parts{place}`" in caught.value.message
    assert shown in caught.value.message
    assert len(caught.value.message) < 500


def test_arguments_may_be_deep_up_to_a_limit() -> None:
    assert CorrectedParts.from_json(call(arguments=deep(DEPTH_LIMIT))) is not None
