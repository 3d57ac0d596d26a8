"""The answers as records in the native format, for the new run."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from corrigenda.core import history, reasoning
from corrigenda.core.decisions import Action, Status
from corrigenda.core.reasoning import Subject
from corrigenda.core.scoring import Verdict
from corrigenda.store.verdicts import EVALUATED
from corrigenda.workbench.evaluating.judging import Judgement
from corrigenda.workbench.evaluating.models import Asked
from corrigenda.workbench.evaluating.prompts import Prompt

SOURCE = "evaluate"
NOTE = "Asked again to compare models; it was not queued for review."

_TOOL_CALL = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>", re.DOTALL)


def subject_of(answer: Mapping[str, Any], tools: object) -> Subject:
    """An answer without its reasoning, with its tool calls apart.

    Example:
        >>> subject_of({"text": "<think>2 and 2</think> 4"}, [])
        Subject(text='4', reasoning='2 and 2', tool_calls=())
    """
    said = {
        "model_response": answer["text"],
        "reasoning": answer.get("reasoning"),
        "tool_calls": answer.get("tool_calls"),
    }
    found = reasoning.subject(said)
    if not tools or found.tool_calls:
        return found
    calls = [_call(each) for each in _TOOL_CALL.findall(found.text)]
    if not calls or None in calls:
        return found
    rest = _TOOL_CALL.sub("", found.text).strip()
    return Subject(rest, found.reasoning, tuple(calls))


def sample_id(run_id: str, prompt_key: str, repeat: int, key: str) -> str:
    """The id of a sample of the new run: the same whenever it is made of the same answer."""
    text = json.dumps([SOURCE, run_id, prompt_key, repeat, key])
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def record_of(
    name: str,
    run_id: str,
    prompt: Prompt,
    answer: Mapping[str, Any],
    said: Subject,
    judgement: Judgement,
    *,
    asked: Asked,
    settings: Mapping[str, Any],
    repeat: int,
) -> dict[str, Any]:
    """The record of an answer, without a status.

    Args:
        name: Its id.
        run_id: The new run's.
        prompt: What was asked.
        answer: What was answered, as it stands in the file.
        said: See `subject_of`.
        judgement: Whether it is right.
        asked: Of whom.
        settings: How.
        repeat: Which repeat, from 0.
    """
    source, right = prompt.record, judgement.result.verdict is Verdict.RIGHT
    record: dict[str, Any] = {
        "id": name,
        "source": SOURCE,
        "benchmark_run_id": run_id,
        "timestamp": answer.get("at"),
        "prompt_messages": source["prompt_messages"],
        "tools": source.get("tools") or None,
        "model_response": said.text,
        "reasoning": said.reasoning,
        "tool_calls": list(said.tool_calls) or None,
        "reference_answer": source["reference_answer"],
        "quality_score": 1.0 if right else 0.0,
        "failure_reason": None if right else _reason(judgement, answer, settings),
        **{key: source[key] for key in ("task_id", "task_type", "task_name")},
        "model_id": asked.model_id,
        "model_name": asked.name,
        "tokens_per_sec": _speed(answer),
        "scoring": judgement.rule,
        "generation": dict(settings),
        "parent_id": prompt.ancestor,
        "held_out": True if prompt.held_out else None,
        "metadata": {"evaluated": _evaluated(answer, asked, repeat)},
    }
    return {key: value for key, value in record.items() if value is not None}


def overruled(record: Mapping[str, Any], right: bool) -> dict[str, Any]:
    """The record of an answer that was brought in as right, or wrong, and would not be now."""
    why = None if right else "It failed when it was brought in; it would pass now."
    found = {**record, "quality_score": 1.0 if right else 0.0, "failure_reason": why}
    return {key: value for key, value in found.items() if value is not None}


def set_aside(record: Mapping[str, Any], judgement: Judgement, at: str) -> dict[str, Any]:
    """A failure that is not queued: discarded by `EVALUATED`, which can be taken back.

    The same answer is what it was found to be before: the category goes with it.
    """
    category, note = None, NOTE
    if judgement.like is not None:
        category = judgement.like.category
        note = f"{NOTE} `{judgement.like.id}` has the same answer, and its category."
    decision: dict[str, Any] = {
        "decision_id": f"{EVALUATED}:{record['id']}",
        "action": Action.DISCARD.value,
        "reviewer": EVALUATED,
        "decided_at": at,
        "note": note,
    }
    if category is not None:
        decision["failure_category"] = category
    return {
        **record,
        "status": Status.DISCARDED.value,
        "failure_category": category,
        history.FIELD: {"decisions": [decision]},
    }


def _reason(judgement: Judgement, answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    if answer.get("finish_reason") == "length":
        cut = f"It was cut after {answer.get('new_tokens') or settings['max_new_tokens']} tokens."
        return f"{judgement.result.reason} {cut}"
    return judgement.result.reason


def _speed(answer: Mapping[str, Any]) -> float | None:
    seconds, tokens = answer.get("seconds"), answer.get("new_tokens")
    if not tokens or not seconds:
        return None
    try:
        return round(float(tokens / seconds), 2)
    except OverflowError:  # a file may say anything
        return None


def _evaluated(answer: Mapping[str, Any], asked: Asked, repeat: int) -> dict[str, Any]:
    names = ("finish_reason", "prompt_tokens", "new_tokens")
    told = {name: answer[name] for name in names if answer.get(name) is not None}
    if "endpoint" in asked.told:
        told["endpoint"] = asked.told["endpoint"]
    return {"model": asked.identity, "repeat": repeat, **told}


def _call(text: str) -> dict[str, Any] | None:
    """A call as Hermes and Qwen write it; `None` if it cannot be read."""
    try:
        found = json.loads(text)
        name, arguments = found["name"], found.get("arguments", {})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(name, str):
        return None
    said = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"type": "function", "function": {"name": name, "arguments": said}}
