"""Whatever a log holds: a row that a format calls good is one that its consumer takes."""

import json
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from corrigenda import plugins
from corrigenda.core.example import Example, of_correction, of_pass
from corrigenda.exports import ExportFormat, Kind
from corrigenda.jsonl import dumps
from tests.exports.consumers import CONSUMERS

texts = st.sampled_from(["4", "5", "6", "é"]) | st.sampled_from(
    ["<think>\nHm.\n</think>\n\n4", "{}", "", " ", "\ud800"]
)
arguments = st.sampled_from(['{"a": 2}', "{", "[1]", "", None, {"a": 2}, {}, {"a": 2**70}])
calls = st.builds(
    lambda name, said, ident: {
        **({"id": ident} if ident else {}),
        "function": {"name": name, "arguments": said},
    },
    st.sampled_from(["add", ""]),
    arguments,
    st.sampled_from(["c1", "c2", None]),
)
parts = st.sampled_from(
    [
        {"type": "text", "text": "4"},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "input_audio", "input_audio": {}},
        {"type": "thinking", "thinking": "Hm."},
    ]
)
messages = st.fixed_dictionaries(
    {
        "role": st.sampled_from(
            ["system", "developer", "user", "assistant", "tool", "function", "critic"]
        ),
        "content": texts | st.none() | st.lists(parts, max_size=2),
    },
    optional={
        "tool_calls": st.lists(calls, max_size=2) | st.none(),
        "tool_call_id": st.sampled_from(["c1", "c2", None]),
        "reasoning_content": st.sampled_from(["Hm.", None, ""]),
        "name": st.sampled_from(["kim", None]),
        "id": st.just("msg_1"),
    },
)
turn = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": "{}"}}],
}
good = st.sampled_from(
    [
        [{"role": "user", "content": "2 + 2?"}],
        [{"role": "system", "content": "Sums."}, {"role": "user", "content": "2 + 2?"}],
        [
            {"role": "user", "content": "2 + 2?"},
            {"role": "assistant", "content": "5", "reasoning": "Hm."},
            {"role": "user", "content": "Sure?"},
        ],
        [{"role": "user", "content": "2 + 2?"}, turn, {"role": "tool", "content": "4"}],
    ]
)
nearly_good = st.builds(
    lambda found, place, more: [*found[:place], more, *found[place:]],
    good,
    st.integers(0, 4),
    messages,
)
# Of anything at all, few would be good rows.
prompts = good | nearly_good | st.lists(messages, max_size=4)
records = st.fixed_dictionaries(
    {
        "id": st.just("a"),
        "prompt_messages": prompts,
        "corrected_response": texts,
        "model_response": texts | st.none(),
    },
    optional={
        "reasoning": st.sampled_from(["Hm."]),
        "tool_calls": st.lists(calls, max_size=2),
        "tools": st.lists(
            st.sampled_from(
                [
                    {"name": "add"},
                    {"type": "function", "function": {"name": "add", "parameters": {}}},
                    {"type": "function", "name": "add", "parameters": {"type": "object"}},
                    {"name": "add", "input_schema": {"type": "object", "properties": {}}},
                    {"type": "web_search"},
                ]
            ),
            max_size=2,
        ),
        "corrected_parts": st.sampled_from(
            [
                {"reasoning": "rewrite", "reasoning_text": "2 and 2."},
                {"reasoning": "drop"},
                {"tool_calls": [{"function": {"name": "add", "arguments": '{"a": 2}'}}]},
            ]
        ),
    },
)


def examples(record: dict[str, Any], form: ExportFormat) -> list[Example]:
    found = of_correction(record)
    made = [found, of_pass(record)]
    if form.kind is Kind.UNPAIRED and found.rejected is not None:
        made.append(found.as_negative())
    return made


FORMS: dict[str, ExportFormat] = plugins.installed(plugins.EXPORTS)


@settings(max_examples=300)
@given(record=records)
def test_a_good_row_is_one_that_its_consumers_take(record: dict[str, Any]) -> None:
    before = dumps(record)
    for name, checks in CONSUMERS.items():
        note(name)
        for example in examples(record, FORMS[name]):
            row = FORMS[name].row(example)
            if FORMS[name].problem(row) is None:
                written = json.loads(dumps(row))
                for check in checks:
                    check(written)
                json.dumps(written, ensure_ascii=False).encode()  # no half of a surrogate pair
    assert dumps(record) == before, "the record is not ours to change"


@given(record=records)
def test_any_row_can_be_written_and_shown(record: dict[str, Any]) -> None:
    for name, form in FORMS.items():
        note(name)
        for example in examples(record, form):
            row = form.row(example)
            dumps(row)
            problem = form.problem(row)
            assert problem is None or problem.endswith(".")
            assert all(isinstance(part.text, str) for part in form.parts(row))
            assert form.row(example) == row, "the same again"


@pytest.mark.parametrize("name", sorted(CONSUMERS))
def test_every_format_has_good_rows(name: str) -> None:
    form = FORMS[name]
    record = {
        "id": "a",
        "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
        "model_response": "5",
        "corrected_response": "4",
    }
    row = form.row(of_correction(record))
    assert form.problem(row) is None
    for check in CONSUMERS[name]:
        check(row)
