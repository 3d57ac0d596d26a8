"""What each format makes of one record, what its trainer sees of it, and what stands beside."""

import json
from typing import Any

import pytest
from ruamel.yaml import YAML

from corrigenda import plugins
from corrigenda.core.example import Example, of_correction
from corrigenda.exports import ExportFormat, Kind, Part

SYSTEM = {"role": "system", "content": "Use the tools."}
USER = {"role": "user", "content": "2 + 2?"}
PLAIN = [SYSTEM, USER]
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
AS_OBJECT = {**CALL, "function": {"name": "add", "arguments": {"a": 2}}}
TOOLS = [{"name": "add", "parameters": {"properties": {"a": {}}}}]
FUNCTION = {
    "name": "add",
    "description": "",
    "parameters": {"type": "object", "properties": {"a": {}}},
}
WRAPPED = [{"type": "function", "function": FUNCTION}]
TALK: list[dict[str, Any]] = [
    SYSTEM,
    {"role": "user", "content": [{"type": "text", "text": "2 + "}, {"type": "text", "text": "2?"}]},
    {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning": "Hm.", "id": "m1"},
    {"role": "tool", "content": "4", "tool_call_id": "c1", "name": "add"},
    {"role": "assistant", "content": "5"},
    {"role": "user", "content": "Sure?"},
]
REWRITTEN = {"reasoning": "rewrite", "reasoning_text": "2 and 2."}
THOUGHT = "<think>\n2 and 2.\n</think>\n\n4"


def form(name: str) -> ExportFormat:
    found: ExportFormat = plugins.named(plugins.EXPORTS, name)
    return found


def example(**fields: Any) -> Example:
    record = {
        "id": "a",
        "prompt_messages": PLAIN,
        "model_response": "5",
        "corrected_response": "4",
        "status": "approved",
        **fields,
    }
    return of_correction(record)


def row(name: str, **fields: Any) -> dict[str, Any]:
    return form(name).row(example(**fields))


def trained(name: str, **fields: Any) -> list[tuple[str, bool]]:
    found = form(name)
    return [(part.role, part.trained) for part in found.parts(row(name, **fields))]


def test_prompt_completion_has_turns_as_templates_read_them() -> None:
    assert row("prompt_completion", prompt_messages=TALK, tools=TOOLS) == {
        "prompt": [
            SYSTEM,
            USER,
            {
                "role": "assistant",
                "content": "",
                "reasoning_content": "Hm.",
                "tool_calls": [AS_OBJECT],
            },
            {"role": "tool", "content": "4", "name": "add", "tool_call_id": "c1"},
            {"role": "assistant", "content": "5"},
            {"role": "user", "content": "Sure?"},
        ],
        "completion": [{"role": "assistant", "content": "4"}],
        "tools": WRAPPED,
    }


def test_prompt_completion_keeps_reasoning_apart() -> None:
    assert row("prompt_completion", corrected_parts=REWRITTEN)["completion"] == [
        {"role": "assistant", "content": "4", "reasoning_content": "2 and 2."}
    ]


def test_preference() -> None:
    assert row("preference", model_response="<think>Hm.</think>5") == {
        "prompt": PLAIN,
        "chosen": [{"role": "assistant", "content": "4"}],
        "rejected": [{"role": "assistant", "content": "5", "reasoning_content": "Hm."}],
    }


def test_kto_has_wanted_answers_and_others() -> None:
    found = example()
    assert form("kto").row(found) == {
        "prompt": PLAIN,
        "completion": [{"role": "assistant", "content": "4"}],
        "label": True,
    }
    assert form("kto").row(found.as_negative()) == {
        "prompt": PLAIN,
        "completion": [{"role": "assistant", "content": "5"}],
        "label": False,
    }
    assert form("kto").minimums[0].rows == 2


def test_openai_weighs_earlier_answers_nothing() -> None:
    assert row("openai", prompt_messages=TALK, tools=TOOLS) == {
        "messages": [
            SYSTEM,
            USER,
            {"role": "assistant", "content": "", "tool_calls": [CALL], "weight": 0},
            {"role": "tool", "content": "4", "tool_call_id": "c1"},
            {"role": "assistant", "content": "5", "weight": 0},
            {"role": "user", "content": "Sure?"},
            {"role": "assistant", "content": "4"},
        ],
        "tools": WRAPPED,
    }


def test_openai_gives_every_call_an_id() -> None:
    call = {"name": "add", "arguments": {"a": 2}}
    talk = [
        USER,
        {"role": "assistant", "content": "", "function_call": call},
        {"role": "function", "name": "add", "content": "4"},
    ]
    parts = {"tool_calls": [{"function": CALL["function"]}]}
    found = row("openai", prompt_messages=talk, corrected_response="", corrected_parts=parts)
    assert found["messages"] == [
        USER,
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{**CALL, "id": "call_1"}],
            "weight": 0,
        },
        {"role": "tool", "content": "4", "tool_call_id": "call_1"},
        {"role": "assistant", "content": "", "tool_calls": [{**CALL, "id": "call_2"}]},
    ]
    assert form("openai").problem(found) is None


def test_openai_keeps_images() -> None:
    seen = [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]
    found = row("openai", prompt_messages=[{"role": "user", "content": seen}])
    assert found["messages"][0]["content"] == seen


def test_openai_preference() -> None:
    assert row(
        "openai_preference",
        prompt_messages=TALK,
        tools=TOOLS,
        model_response="<think>Hm.</think>5",
    ) == {
        "input": {
            "messages": [
                SYSTEM,
                USER,
                {"role": "assistant", "content": "", "tool_calls": [CALL]},
                {"role": "tool", "content": "4", "tool_call_id": "c1"},
                {"role": "assistant", "content": "5"},
                {"role": "user", "content": "Sure?"},
            ],
            "tools": WRAPPED,
        },
        "preferred_output": [{"role": "assistant", "content": "4"}],
        "non_preferred_output": [{"role": "assistant", "content": "5"}],
    }


def test_axolotl_says_what_is_trained() -> None:
    assert row("axolotl", tools=TOOLS, corrected_parts=REWRITTEN) == {
        "messages": [
            {**SYSTEM, "train": False},
            {**USER, "train": False},
            {"role": "assistant", "content": "4", "reasoning_content": "2 and 2.", "train": True},
        ],
        "tools": WRAPPED,
    }


def test_sharegpt() -> None:
    assert row("sharegpt", prompt_messages=TALK, tools=TOOLS, corrected_parts=REWRITTEN) == {
        "conversations": [
            {"from": "system", "value": "Use the tools."},
            {"from": "human", "value": "2 + 2?"},
            {"from": "function_call", "value": '{"name": "add", "arguments": {"a": 2}}'},
            {"from": "observation", "value": "4"},
            {"from": "gpt", "value": "5"},
            {"from": "human", "value": "Sure?"},
            {"from": "gpt", "value": THOUGHT},
        ],
        "tools": json.dumps([FUNCTION]),
    }
    assert row("sharegpt")["tools"] == ""


def test_sharegpt_writes_several_calls_as_a_list_after_the_reasoning() -> None:
    parts = {**REWRITTEN, "tool_calls": [CALL, CALL]}
    last = row("sharegpt", corrected_response="", corrected_parts=parts)["conversations"][-1]
    called = '{"name": "add", "arguments": {"a": 2}}'
    assert last == {
        "from": "function_call",
        "value": f"<think>\n2 and 2.\n</think>\n\n[{called}, {called}]",
    }


def test_alpaca() -> None:
    assert row("alpaca", corrected_parts=REWRITTEN) == {
        "instruction": "2 + 2?",
        "input": "",
        "output": THOUGHT,
        "system": "Use the tools.",
    }


def test_messages_has_no_null_content() -> None:
    assert row("messages", prompt_messages=TALK[2:4])["messages"][0] == {
        "role": "assistant",
        "content": "",
        "tool_calls": [CALL],
        "reasoning": "Hm.",
        "id": "m1",
    }


def test_candidates_are_the_records() -> None:
    unknown = {"x": [1, None], "metadata": {"y": "\ud800"}, "held_out": True}
    found = example(**unknown)
    assert form("candidates").row(found) == dict(found.record)
    assert form("candidates").kind is Kind.RECORDS


DPO = [("system", False), ("user", False), ("assistant", True), ("rejected", True)]
SFT = [("system", False), ("user", False), ("assistant", True)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prompt_completion", SFT),
        ("axolotl", SFT),
        ("alpaca", SFT),
        ("sharegpt", SFT),
        ("openai", SFT),
        ("kto", SFT),
        ("preference", DPO),
        ("openai_preference", DPO),
        ("messages", [("system", True), ("user", True), ("assistant", True)]),
        (
            "candidates",
            [(*each, False) for each in (("system",), ("user",), ("response",), ("correction",))],
        ),
        ("csv", [("user", False), ("response", False), ("correction", False)]),
    ],
)
def test_parts_say_what_carries_loss(name: str, expected: list[tuple[str, bool]]) -> None:
    assert trained(name) == expected


@pytest.mark.parametrize(
    ("name", "learnt"),
    [
        ("prompt_completion", [False, False, False]),
        ("axolotl", [False, False, False]),
        ("openai", [False, False, False]),
        ("sharegpt", [False, True, True]),
        ("messages", [True, True, True]),
    ],
)
def test_earlier_turns_are_learnt_only_where_the_trainer_does(
    name: str, learnt: list[bool]
) -> None:
    parts = trained(name, prompt_messages=TALK, tools=TOOLS)
    tools, call, said = parts[0], parts[3], parts[5]
    assert (tools[0], call[0], said[0]) == ("tools", "assistant", "assistant")
    assert [tools[1], call[1], said[1]] == learnt
    assert parts[-1] == ("assistant", True)


def test_a_negative_answer_is_shown_as_one() -> None:
    found = form("kto")
    parts = found.parts(found.row(example().as_negative()))
    assert parts[-1] == Part("rejected", "5", trained=True)


def test_parts_hold_the_reasoning_and_the_calls() -> None:
    found = form("prompt_completion")
    parts = {**REWRITTEN, "tool_calls": [CALL]}
    assert found.parts(row("prompt_completion", corrected_parts=parts))[-1].text == (
        f'{THOUGHT}\n<tool_call>\n{{"name": "add", "arguments": {{"a": 2}}}}\n</tool_call>'
    )


def test_llama_factory_finds_each_file() -> None:
    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    for name in ("sharegpt", "alpaca"):
        (beside,) = form(name).beside(files).items()
        assert beside[0] == "dataset_info.json"
        info = json.loads(beside[1])
        assert list(info) == ["train", "validation"]
        assert info["train"]["file_name"] == "train.jsonl"
        assert info["train"]["formatting"] == name
        assert set(info["train"]["columns"].values()) <= set(row(name))


def test_axolotl_gets_its_settings() -> None:
    beside = form("axolotl").beside({"train": "train.jsonl", "validation": "validation.jsonl"})
    settings = YAML(typ="safe").load(beside["axolotl.yml"])
    assert [each["path"] for each in settings["datasets"]] == ["train.jsonl"]
    assert [each["path"] for each in settings["test_datasets"]] == ["validation.jsonl"]
    assert settings["datasets"][0]["message_field_training"] == "train"
    assert form("axolotl").beside({"test": "test.jsonl"}) == {}


@pytest.mark.parametrize("name", sorted(plugins.installed(plugins.EXPORTS)))
def test_every_format_says_what_it_is(name: str) -> None:
    found = form(name)
    assert isinstance(found, ExportFormat)
    assert found.name == name
    assert found.title
    assert found.table is (name == "csv")
    made = row(name, tools=TOOLS)
    assert {each["name"] for each in found.features} in (set(), set(made))
