"""The candidate record: one wrong answer of one model to one prompt in one run.

On a line of JSON it looks like this; only `id` is required, any other field may be missing or
null, and a field that is not known here is kept and comes back out unchanged:

    {"id": "a1", "source": "bench", "benchmark_run_id": "2026-04-07-143022",
     "timestamp": "2026-04-07T10:00:00Z", "status": "needs_review",
     "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}],
     "model_response": "5", "corrected_response": null, "reference_answer": "4",
     "quality_score": 0.0, "failure_reason": "expected `4`", "failure_category": null,
     "task_id": "sum", "task_type": "math", "task_name": "Sums",
     "model_id": "Qwen/Qwen2.5-3B", "model_name": "Qwen2.5-3B",
     "node_id": "gpu-01", "gpu_id": 0, "tokens_per_sec": 38.4,
     "scoring": {"kind": "numeric", "params": {"take": "last"}}, "held_out": false}

A candidate that is `held_out` can be reviewed, but is never exported for training.

Beside the response may stand its `reasoning` (text) and the `tool_calls` that it made; an approved
record may have `corrected_parts` beside its correction (see `core.correction`).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from corrigenda.core.correction import FIELD as PARTS
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.core.reasoning import held_back
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput, MalformedRecord, UnknownCategory

if TYPE_CHECKING:
    from corrigenda.core.history import History

Record = Mapping[str, Any]
"""A record as JSON gives it: field name → JSON value."""

REVIEW_FIELDS = ("status", "corrected_response", "failure_category", PARTS)
"""The fields that decisions change; all others are the immutable record."""

LABEL_LIMIT = 500
"""Characters of a run's, model's or task's name: what each database's index can take."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TEXT = (str, type(None))
_LABEL = (str, int, float, type(None))


@dataclass(frozen=True)
class Candidate:
    """A record with the state that its line gives.

    `record` holds every field of the line; `state` is the reading of its review fields. Where
    the candidate has been decided since, `with_state` makes the record as it now stands.
    `default_run` is the run of a record that does not name one. A `history` comes with it from
    another workspace.
    """

    record: Record
    state: ReviewState
    default_run: str | None = None
    history: "History | None" = None

    @property
    def id(self) -> str:
        """The id, unique in a workspace."""
        value: str = self.record["id"]
        return value

    @cached_property
    def run_id(self) -> str | None:
        """The run that the sample comes from (`benchmark_run_id`, else the run imported)."""
        return label(self.record.get("benchmark_run_id")) or self.default_run

    @cached_property
    def model_id(self) -> str | None:
        """The model's full name, such as `Qwen/Qwen2.5-3B`."""
        return label(self.record.get("model_id"))

    @cached_property
    def model(self) -> str | None:
        """The model's name to show: `model_name`, else `model_id`."""
        return label(self.record.get("model_name")) or self.model_id

    @cached_property
    def task_type(self) -> str | None:
        """The kind of task, such as `code`."""
        return label(self.record.get("task_type"))

    @property
    def held_out(self) -> bool:
        """Whether it is kept out of training, to measure the next model by."""
        return self.record.get("held_out") is True

    def kept_out(self) -> "Candidate":
        """The same candidate, held out of training."""
        if self.held_out:
            return self
        return replace(self, record={**self.record, "held_out": True})

    @cached_property
    def prompt_key(self) -> str | None:
        """See `prompt_key`."""
        return prompt_key(self.record)

    @cached_property
    def digest(self) -> str:
        """See `record_digest`."""
        return record_digest(self.record)

    def renamed(self, new_id: str) -> "Candidate":
        """The same candidate under another id."""
        return replace(self, record={**self.record, "id": new_id})


def with_state(record: Record, state: ReviewState) -> dict[str, Any]:
    """The record as it stands now: the stored fields, with the review fields of `state`.

    Example:
        >>> with_state({"id": "a", "x": 1}, ReviewState())["status"]
        'needs_review'
    """
    now = {
        **record,
        "status": state.status.value,
        "corrected_response": state.corrected_response,
        "failure_category": state.failure_category,
    }
    now.pop(PARTS, None)
    if state.corrected_parts is not None:
        now[PARTS] = state.corrected_parts.as_json()
    return now


def parse(
    record: object, taxonomy: Taxonomy | None = None, default_run: str | None = None
) -> Candidate:
    """Check a decoded line and read its review state.

    Args:
        record: What the JSON decoder gave.
        taxonomy: The categories allowed in `failure_category`.
        default_run: The run of a record that does not name one.

    Raises:
        MalformedRecord: It is not an object, has no usable `id`, or a known field has a
            value of the wrong kind. The message names field and value.
    """
    if not isinstance(record, dict):
        raise MalformedRecord(f"expected a JSON object, found {shown(record)}")
    if "id" not in record or record["id"] is None:
        raise MalformedRecord("`id` is missing", "id")
    check_id(record["id"])
    if not _usual(record):
        for field, check in _CHECKS.items():
            if (value := record.get(field)) is not None:
                check(field, value)
    if (category := record.get("failure_category")) is not None:
        try:
            (taxonomy or Taxonomy()).check(category)
        except UnknownCategory as error:
            raise MalformedRecord(error.message, "failure_category") from None
    return Candidate(record, _state(record), default_run)


def _state(record: Record) -> ReviewState:
    status = Status(record.get("status") or Status.NEEDS_REVIEW)
    text = record.get("corrected_response")
    parts = _parts(record)
    return ReviewState(
        status=status,
        corrected_response=text,
        failure_category=record.get("failure_category"),
        corrected_parts=parts,
        held_back=status is Status.APPROVED and held_back(record, text, parts),
    )


def _parts(record: Record) -> CorrectedParts | None:
    try:
        parts = CorrectedParts.from_json(record.get(PARTS))
        if parts is not None:
            parts.check_turn(record)
    except InvalidInput as error:
        raise MalformedRecord(error.message, error.details["errors"][0]["field"]) from None
    return parts


def check_id(value: object) -> str:
    """Return `value` if it can be an id: non-empty text without U+0000 and lone surrogates.

    Raises:
        MalformedRecord: It cannot.
    """
    if not isinstance(value, str):
        raise MalformedRecord(f"`id` must be text, found {shown(value)}", "id")
    if not value:
        raise MalformedRecord("`id` is empty", "id")
    if _UNSTORABLE.search(value):
        raise MalformedRecord("`id` contains U+0000 or a lone surrogate", "id")
    return value


def storable(text: str) -> bool:
    """Whether every database can hold `text` as it is (no U+0000, no lone surrogate)."""
    return _UNSTORABLE.search(text) is None


def is_run_name(text: str) -> bool:
    """Whether `text` can be a run's name: not empty, storable, at most `LABEL_LIMIT` long."""
    return 0 < len(text) <= LABEL_LIMIT and storable(text)


def label(value: object) -> str | None:
    """A text for grouping and filtering: numbers become text, `""` becomes `None`."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else str(value)


def prompt_key(record: Record) -> str | None:
    """A hash of the canonical messages and tools: the same for siblings of one prompt.

    Only what the model sees counts: role, content, name, tool calls and their ids, and the
    tools on offer. `None` where the record has no messages.

    Example:
        >>> a = {"prompt_messages": [{"role": "user", "content": "Hi"}]}
        >>> b = {"prompt_messages": [{"content": "Hi", "role": "user", "name": None}]}
        >>> prompt_key(a) == prompt_key(b), prompt_key({})
        (True, None)
    """
    prompt = prompt_of(record)
    return None if prompt is None else digest_of(prompt)


def prompt_of(record: Record) -> dict[str, Any] | None:
    """What of a record is its prompt (see `prompt_key`), `None` without messages."""
    messages = record.get("prompt_messages")
    if not messages:
        return None
    seen = [
        {key: message[key] for key in _PROMPT_FIELDS if message.get(key) is not None}
        for message in messages
    ]
    return {"messages": seen, "tools": record.get("tools") or []}


def record_digest(record: Record) -> str:
    """A hash of the record without its id and review fields: equal content, equal digest."""
    return digest_of(without_state(record))


def without_state(record: Record) -> dict[str, Any]:
    """The record without its id and review fields."""
    return {k: v for k, v in record.items() if k not in _STATE}


def same_content(one: Record, other: Record) -> bool:
    """Whether two records differ at most in id, run, time and review state."""
    apart = {*REVIEW_FIELDS, "id", "benchmark_run_id", "timestamp"}
    return {k: v for k, v in one.items() if k not in apart} == {
        k: v for k, v in other.items() if k not in apart
    }


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
_STATE = frozenset((*REVIEW_FIELDS, "id"))
_PROMPT_FIELDS = ("role", "content", "name", "tool_calls", "tool_call_id")


def digest_of(value: object) -> str:
    """A hash of a JSON value; the order of keys does not count."""
    canonical = _CANONICAL.encode(value)
    return hashlib.blake2b(canonical.encode("ascii"), digest_size=16).hexdigest()


def _fail(field: str, wanted: str, value: object) -> MalformedRecord:
    return MalformedRecord(f"`{field}` must be {wanted}, found {shown(value)}", field)


def _check_text(field: str, value: object) -> None:
    if not isinstance(value, _TEXT):
        raise _fail(field, "text", value)


def _check_label(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, _LABEL):
        raise _fail(field, "text or a number", value)
    if isinstance(value, str) and not storable(value):
        raise MalformedRecord(f"`{field}` contains U+0000 or a lone surrogate", field)
    if len(str(value)) > LABEL_LIMIT:
        raise MalformedRecord(f"`{field}` is longer than {LABEL_LIMIT} characters", field)


def _check_number(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fail(field, "a number", value)


def _check_score(field: str, value: object) -> None:
    _check_number(field, value)
    if not 0 <= value <= 1:  # type: ignore[operator]  # a number, as just checked
        raise _fail(field, "between 0 and 1", value)


def _check_status(field: str, value: object) -> None:
    if not isinstance(value, str) or value not in _STATUSES:
        raise _fail(field, "one of " + ", ".join(f"`{s}`" for s in Status), value)


def _check_messages(field: str, value: object) -> None:
    if not isinstance(value, list):
        raise _fail(field, "a list of messages", value)
    for index, message in enumerate(value):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise _fail(f"{field}[{index}]", "an object with a text `role`", message)
        if not isinstance(message.get("content"), str | list | None):
            raise _fail(f"{field}[{index}].content", "text, a list of parts or null", message)


def _usual(record: Record) -> bool:
    """Whether nothing can be wrong with the fields that nearly every line has, and no other.

    Those of `_CHECKS` are checked one by one where this says no; most records need not be.
    """
    get = record.get
    if any(name in record for name in _RARE_FIELDS):
        return False
    labels = [value for name in _LABELS if (value := get(name)) is not None]
    score, speed, messages = get("quality_score"), get("tokens_per_sec"), get("prompt_messages")
    return (
        _ONLY_TEXT.issuperset(map(type, labels))
        and _UNSTORABLE.search(joined := "".join(labels)) is None
        and len(joined) <= LABEL_LIMIT
        and _TEXT_OR_NONE.issuperset(type(get(name)) for name in _TEXTS)
        and (score is None or (type(score) is float and 0 <= score <= 1))
        and (speed is None or type(speed) is float)
        and type(status := get("status", Status.NEEDS_REVIEW.value)) is str
        and status in _STATUSES
        and type(messages) is list
        and all(
            type(each) is dict and type(each.get("role")) is type(each.get("content")) is str
            for each in messages
        )
    )


def _check_truth(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _fail(field, "true or false", value)


def _check_calls(field: str, value: object) -> None:
    if not isinstance(value, list):
        raise _fail(field, "a list of tool calls", value)
    for index, call in enumerate(value):
        if not isinstance(call, dict):
            raise _fail(f"{field}[{index}]", "an object", call)


_CHECKS: dict[str, Callable[[str, object], None]] = {
    "source": _check_label,
    "status": _check_status,
    "prompt_messages": _check_messages,
    "model_response": _check_text,
    "reasoning": _check_text,
    "tool_calls": _check_calls,
    "corrected_response": _check_text,
    "failure_category": _check_text,
    "quality_score": _check_score,
    "tokens_per_sec": _check_number,
    "held_out": _check_truth,
    "failure_reason": _check_text,
    "benchmark_run_id": _check_label,
    "task_id": _check_label,
    "task_type": _check_label,
    "task_name": _check_label,
    "model_id": _check_label,
    "model_name": _check_label,
}

_STATUSES = frozenset(status.value for status in Status)
_LABELS = tuple(name for name, check in _CHECKS.items() if check is _check_label)
_TEXTS = tuple(name for name, check in _CHECKS.items() if check is _check_text)
_RARE_FIELDS = ("tool_calls", "held_out")
_ONLY_TEXT = frozenset({str})
_TEXT_OR_NONE = frozenset({str, type(None)})
