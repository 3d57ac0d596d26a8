"""Deciding, amending and previewing, as programs and the page ask for it, on both databases."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda.core.quality import remarks
from corrigenda.errors import (
    AlreadyDecided,
    BlankCorrection,
    InvalidInput,
    NothingToAmend,
    NothingToUndo,
    UnknownCandidate,
    UnknownCategory,
    UnknownFormat,
)
from corrigenda.store import guidelines
from corrigenda.workbench import Workspace

PROMPT = [
    {"role": "user", "content": "2 + 2?"},
    {"role": "assistant", "content": "", "tool_calls": [], "reasoning_content": "Easy."},
    {"role": "user", "content": "Well?"},
]
ADD = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2, "b": 2}'}}
RECORDS: list[dict[str, Any]] = [
    {"id": "plain", "model_response": "**5**", "prompt_messages": PROMPT[:1]},
    {"id": "thought", "model_response": "<think>Hm.</think>\n5", "prompt_messages": PROMPT},
]


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    run = tmp_path / "run" / "sft_candidates.jsonl"
    run.parent.mkdir()
    run.write_text("".join(json.dumps(r) + "\n" for r in RECORDS), encoding="utf-8")
    with corrigenda.open(tmp_path / "ws", database_url=database_url) as opened:
        opened.import_path(run)
        yield opened


def test_from_a_correction_to_a_better_one(workspace: Workspace) -> None:
    workspace.submit("thought", "correct", corrected_response="4", reviewer="kim")
    assert list(workspace.export()) == []
    assert workspace.stats()["by_status"]["approved"] == 1
    parts = {"reasoning": "rewrite", "reasoning_text": "2 and 2.", "tool_calls": [ADD]}
    answer = workspace.submit(
        "thought", "amend", corrected_response="4", corrected_parts=parts, reviewer="lee"
    )
    assert (answer.status, answer.revision) == ("approved", 2)
    assert list(workspace.export()) == [
        {
            "messages": [
                *PROMPT,
                {
                    "role": "assistant",
                    "content": "4",
                    "reasoning_content": "2 and 2.",
                    "tool_calls": [ADD],
                },
            ]
        }
    ]
    workspace.submit("thought", "categorise", failure_category="wrong_answer", reviewer="max")
    first, second, third = workspace.history("thought")
    assert (first["corrected_parts"], second["corrected_parts"]) == (None, parts)
    assert (third["action"], third["from_status"], third["to_status"]) == (
        "categorise",
        "approved",
        "approved",
    )
    assert workspace.get("thought")["corrected_parts"] == parts
    assert next(workspace.export(include_category=["wrong_answer"]))["messages"][:3] == PROMPT
    workspace.undo("thought")
    assert "corrected_parts" not in workspace.get("thought")


def test_categorise_before_a_decision_decides_nothing(workspace: Workspace) -> None:
    answer = workspace.submit("plain", "categorise", failure_category="format_error")
    assert answer.as_dict() == {
        "id": "plain",
        "status": "needs_review",
        "revision": 1,
        "decision_id": answer.decision_id,
    }
    assert workspace.get("plain")["failure_category"] == "format_error"
    with pytest.raises(NothingToUndo):
        workspace.undo("plain")
    assert workspace.submit("plain", "discard").status == "discarded"


def test_what_cannot_be_amended(workspace: Workspace) -> None:
    with pytest.raises(NothingToAmend):
        workspace.submit("plain", "amend", corrected_response="4")
    workspace.submit("plain", "flag", reviewer="kim", note="see above")
    with pytest.raises(AlreadyDecided) as caught:
        workspace.submit("plain", "amend", corrected_response="4")
    assert caught.value.details["decision"] == workspace.history("plain")[0]


def test_a_decision_says_which_guidelines_were_there(workspace: Workspace) -> None:
    at = "2026-04-07T10:00:00Z"
    workspace.submit("plain", "flag")
    workspace.database.write(lambda c: guidelines.add(c, 1, "# How", author="kim", at=at))
    workspace.undo("plain")
    workspace.submit("plain", "flag", guidelines_version=0)
    assert [d["guidelines_version"] for d in workspace.history("plain")] == [0, 1, 0]
    for version in (-1, 2**31):
        with pytest.raises(InvalidInput, match="guidelines_version"):
            workspace.submit("plain", "flag", guidelines_version=version)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"turn": 0}, "corrected_parts.turn"),
        ({"turn": 3}, "corrected_parts.turn"),
        ({"reasoning": "rewrite"}, "corrected_parts.reasoning_text"),
        ({"x": 1}, "corrected_parts.x"),
    ],
)
def test_parts_that_cannot_be(workspace: Workspace, parts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        workspace.submit("thought", "correct", corrected_response="4", corrected_parts=parts)
    assert [error["field"] for error in caught.value.details["errors"]] == [field]
    with pytest.raises(InvalidInput):
        workspace.preview("thought", "4", corrected_parts=parts)
    assert workspace.history("thought") == []


def test_a_format_error_is_suggested_until_it_is_chosen(workspace: Workspace) -> None:
    answer = workspace.submit("plain", "correct", corrected_response="5")
    assert [(w["code"], w["suggests"]) for w in answer.as_dict()["warnings"]] == [
        ("format_only", "format_error")
    ]
    answer = workspace.submit(
        "plain", "amend", corrected_response="5", failure_category="format_error"
    )
    assert "warnings" not in answer.as_dict()
    answer = workspace.submit("plain", "amend", corrected_response="**5** ")
    assert [w["code"] for w in answer.as_dict()["warnings"]] == ["unchanged"]


def test_remarks_are_about_the_turn_that_is_corrected(workspace: Workspace) -> None:
    parts = {"turn": 1, "reasoning": "keep", "tool_calls": [ADD]}
    answer = workspace.submit("thought", "correct", corrected_response="5", corrected_parts=parts)
    assert answer.remarks == ()
    assert list(workspace.export()) == [
        {
            "messages": [
                PROMPT[0],
                {
                    "role": "assistant",
                    "content": "5",
                    "reasoning_content": "Easy.",
                    "tool_calls": [ADD],
                },
            ]
        }
    ]


# ---- previewing


@pytest.mark.parametrize(
    ("candidate_id", "text", "parts"),
    [
        ("plain", "4", None),
        ("plain", "5", {"tool_calls": [ADD]}),
        ("thought", "5", None),
        ("thought", "4", {"reasoning": "drop"}),
        ("thought", None, {"turn": 1, "reasoning": "drop", "tool_calls": [ADD]}),
    ],
)
def test_a_preview_is_what_will_be_exported(
    workspace: Workspace, candidate_id: str, text: str | None, parts: dict[str, Any] | None
) -> None:
    seen = workspace.preview(candidate_id, text, corrected_parts=parts)
    assert workspace.history(candidate_id) == []
    answer = workspace.submit(
        candidate_id, "correct", corrected_response=text, corrected_parts=parts
    )
    assert list(workspace.export()) == [seen["row"]]
    assert seen["warnings"] == answer.as_dict().get("warnings", [])
    assert seen["held_back"] is None
    assert workspace.preview(candidate_id, text, corrected_parts=parts) == seen  # decided by now


def test_a_preview_of_what_is_held_back(workspace: Workspace) -> None:
    seen = workspace.preview("thought", "4")
    assert seen["held_back"] == "reasoning_unresolved"
    assert seen["row"]["messages"][-1] == {"role": "assistant", "content": "4"}
    workspace.submit("thought", "correct", corrected_response="4")
    assert list(workspace.export()) == []


def test_a_preview_that_cannot_be(workspace: Workspace) -> None:
    with pytest.raises(UnknownCandidate):
        workspace.preview("nobody", "4")
    with pytest.raises(UnknownFormat):
        workspace.preview("plain", "4", format="nonsense")
    with pytest.raises(BlankCorrection):
        workspace.preview("plain", " ")
    with pytest.raises(UnknownCategory):
        workspace.submit("plain", "categorise", failure_category="nonsense")


def test_long_texts_are_compared_beside_the_event_loop(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bool] = []

    def noting(*args: Any) -> Any:
        compared.append(threading.current_thread() is threading.main_thread())
        return remarks(*args)

    monkeypatch.setattr("corrigenda.workbench.reviewing.remarks", noting)

    async def decide() -> list[Any]:
        long = "word " * 5000
        short = await workspace.submit_async("plain", "correct", corrected_response="5")
        other = await workspace.submit_async("plain", "amend", corrected_response=long)
        await workspace.undo_async("plain")
        return [short, other]

    short, other = asyncio.run(decide())
    assert compared == [True, False]
    assert [r.code for r in short.remarks] == ["format_only"]
    assert (other.status, other.revision, other.remarks) == ("approved", 2, ())
