r"""The history of a candidate, as it travels with its record from one workspace to another.

An export in the format `candidates` has it beside the record's own fields, under one key; an
import takes the key off again. Only what there is to say is there:

    {"id": "a1", …, "status": "approved", "corrected_response": "4", "corrigenda_review": {
        "run_id": "2026-04-07-143022", "held_out_share": 0.1,
        "decisions": [
            {"decision_id": "5f0c…", "action": "correct", "reviewer": "kim",
             "decided_at": "2026-04-07T10:00:00.000000Z", "corrected_response": "4"}],
        "references": [
            {"version": 1, "answers": ["4", "four"], "author": "kim", "note": null,
             "created_at": "2026-04-07T10:00:00.000000Z"}]}}

`run_id` is there where the record does not name its run, `held_out_share` where a share of the
run's prompts is held out of training, `references` on the first candidate of a prompt whose right
answers a reviewer has changed. Where each decision led to follows from the table of transitions,
so it is not said, and cannot be said wrongly.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from corrigenda.core import tags as quick_tags
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import (
    ARTIFACT,
    TRANSITIONS,
    WRITING,
    Action,
    ArtifactKind,
    Decision,
    ReviewState,
    Status,
)
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput

FIELD = "corrigenda_review"

MOST = 10_000
"""Decisions on one candidate, versions of one prompt's right answers."""

_NAME_LIMIT = 500
_TEXT_LIMIT = 10_000_000
_ANSWERS = 100
_LARGEST = 2**31 - 1
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_KEYS = ("run_id", "held_out_share", "decisions", "references")


@dataclass(frozen=True)
class Reference:
    """One version of a prompt's right answers."""

    version: int
    answers: tuple[str, ...]
    author: str
    note: str | None
    created_at: str


@dataclass(frozen=True)
class History:
    """See the module; `decisions` are oldest first."""

    run_id: str | None = None
    held_out_share: float = 0.0
    decisions: tuple[Decision, ...] = ()
    references: tuple[Reference, ...] = ()

    def of(self, candidate_id: str) -> "History":
        """The same history, of a candidate with this id."""
        mine = tuple(replace(each, candidate_id=candidate_id) for each in self.decisions)
        return replace(self, decisions=mine)

    def state(self, state: ReviewState) -> ReviewState:
        """A state that a line gives, with who decided it, and when."""
        standing = [each for each in self.decisions if each.action is not Action.CATEGORISE]
        last = standing[-1] if standing and state.status is not Status.NEEDS_REVIEW else None
        return replace(
            state,
            revision=len(self.decisions),
            decided_by=last.reviewer if last else None,
            decided_at=last.decided_at if last else None,
        )


def decision_json(decision: Decision) -> dict[str, Any]:
    """A decision as it travels.

    Example:
        >>> d = Decision("a1", Action.FLAG, "d1", "kim", "2026-04-07T10:00:00.000000Z")
        >>> decision_json(d)["action"], len(decision_json(d))
        ('flag', 4)
    """
    parts = decision.corrected_parts
    said = {
        "decision_id": decision.decision_id,
        "action": decision.action.value,
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "corrected_response": decision.corrected_response,
        "corrected_parts": parts.as_json() if parts else None,
        "failure_category": decision.failure_category,
        "note": decision.note,
        "tags": list(decision.tags) or None,
        "seconds": decision.seconds,
        "guidelines_version": decision.guidelines_version,
        "lot": decision.lot,
        "artifact_kind": decision.artifact_kind,
    }
    return {name: value for name, value in said.items() if value is not None}


def steps(decisions: Sequence[Decision]) -> list[tuple[Status, Status]]:
    """From which status to which each decision led.

    Raises:
        InvalidInput: One of them was not possible.
    """
    status, found = Status.NEEDS_REVIEW, []
    for number, decision in enumerate(decisions, 1):
        after = TRANSITIONS.get((status, decision.action))
        if after is None:
            raise InvalidInput(f"decision {number} cannot `{decision.action}` what is `{status}`")
        found.append((status, after))
        status = after
    return found


def read(
    value: object, candidate_id: str, state: ReviewState, taxonomy: Taxonomy, now: str
) -> History:
    """Check and read what stands under `FIELD`.

    Args:
        value: What the JSON decoder gave.
        candidate_id: Whose history it is.
        state: What the line's own review fields say; the decisions must lead there.
        taxonomy: The categories that there are.
        now: This moment; nothing was decided later.

    Raises:
        InvalidInput: It is not well-formed, or contradicts the line.
    """
    data = _object("it", value, _KEYS)
    share = data.get("held_out_share", 0.0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise _refused("held_out_share", "a share from 0 to 1", share)
    decisions = tuple(
        _decision(f"decisions[{number}]", each, candidate_id, taxonomy, now)
        for number, each in enumerate(_list("decisions", data.get("decisions", [])))
    )
    _check_end(state, decisions)
    references = _list("references", data.get("references", []))
    run_id = data.get("run_id")
    return History(
        run_id=None if run_id is None else _name("run_id", run_id),
        held_out_share=float(share),
        decisions=decisions,
        references=tuple(_reference(n, each, now) for n, each in enumerate(references, 1)),
    )


def _check_end(state: ReviewState, decisions: Sequence[Decision]) -> None:
    """Refuse decisions that lead elsewhere than the line says."""
    led = steps(decisions)
    end = led[-1][1] if led else Status.NEEDS_REVIEW
    if end is not state.status:
        raise InvalidInput(f"the decisions lead to `{end}`, and the line says `{state.status}`")
    if not led or end is Status.NEEDS_REVIEW:
        return  # what waits may have any suggestion
    if decisions[-1].failure_category != state.failure_category:
        raise InvalidInput("the last decision has another `failure_category` than the line")
    if end is Status.APPROVED:
        last = [each for each in decisions if each.action in WRITING][-1]
        said = (last.corrected_response, last.corrected_parts)
        if said != (state.corrected_response, state.corrected_parts):
            raise InvalidInput("the last decision has another correction than the line")


def _decision(
    place: str, value: object, candidate_id: str, taxonomy: Taxonomy, now: str
) -> Decision:
    data = _object(place, value, _DECISION)
    category, kind = data.get("failure_category"), data.get("artifact_kind")
    if not isinstance(category, str | None):
        raise _refused(f"{place}.failure_category", "text", category)
    taxonomy.check(category)
    if kind is not None and (kind not in tuple(ArtifactKind) or category != ARTIFACT):
        raise _refused(f"{place}.artifact_kind", f"a kind of `{ARTIFACT}`", kind)
    if data.get("action") not in tuple(Action):
        raise _refused(f"{place}.action", "an action", data.get("action"))
    tags = _list(f"{place}.tags", data.get("tags", []))
    if not all(isinstance(each, str) for each in tags) or list(quick_tags.clean(tags)) != tags:
        raise _refused(f"{place}.tags", "a list of tidy texts", tags)
    lot = data.get("lot")
    return Decision(
        candidate_id=candidate_id,
        action=Action(data["action"]),
        decision_id=_name(f"{place}.decision_id", data.get("decision_id")),
        reviewer=_text(f"{place}.reviewer", data.get("reviewer"), _NAME_LIMIT),
        decided_at=_moment(f"{place}.decided_at", data.get("decided_at"), now),
        corrected_response=_optional(f"{place}.corrected_response", data),
        failure_category=category,
        note=_optional(f"{place}.note", data),
        tags=tuple(tags),
        seconds=_seconds(f"{place}.seconds", data.get("seconds")),
        corrected_parts=CorrectedParts.from_json(data.get("corrected_parts")),
        guidelines_version=_whole(f"{place}.guidelines_version", data),
        lot=None if lot is None else _name(f"{place}.lot", lot, 32),
        artifact_kind=kind,
    )


def _reference(number: int, value: object, now: str) -> Reference:
    place = f"references[{number - 1}]"
    data = _object(place, value, tuple(Reference.__dataclass_fields__))
    if data.get("version") is not number and data.get("version") != number:
        raise _refused(f"{place}.version", f"{number}", data.get("version"))
    answers = _list(f"{place}.answers", data.get("answers"))
    if not 0 < len(answers) <= _ANSWERS:
        raise _refused(f"{place}.answers", f"1 to {_ANSWERS} texts", len(answers))
    return Reference(
        version=number,
        answers=tuple(_text(f"{place}.answers", each, _TEXT_LIMIT) for each in answers),
        author=_text(f"{place}.author", data.get("author"), _NAME_LIMIT),
        note=_optional(f"{place}.note", data),
        created_at=_moment(f"{place}.created_at", data.get("created_at"), now),
    )


_DECISION = (
    *("decision_id", "action", "reviewer", "decided_at", "corrected_response", "corrected_parts"),
    *("failure_category", "note", "tags", "seconds", "guidelines_version", "lot", "artifact_kind"),
)


def _object(place: str, value: object, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refused(place, "an object", value)
    for key in value:
        if key not in keys:
            raise _refused(f"{place}.{key}"[:100], "absent", value[key])
    return value


def _list(place: str, value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > MOST:
        raise _refused(place, f"a list of at most {MOST}", value)
    return value


def _text(place: str, value: object, limit: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise _refused(place, f"text of 1 to {limit} characters", value)
    return value


def _name(place: str, value: object, limit: int = _NAME_LIMIT) -> str:
    found = _text(place, value, limit)
    if _UNSTORABLE.search(found):
        raise _refused(place, "without U+0000 and lone surrogates", value)
    return found


def _optional(place: str, data: Mapping[str, Any]) -> str | None:
    value = data.get(place.rpartition(".")[2])
    if value is not None and (not isinstance(value, str) or len(value) > _TEXT_LIMIT):
        raise _refused(place, f"text of at most {_TEXT_LIMIT} characters", value)
    return value


def _moment(place: str, value: object, now: str) -> str:
    if isinstance(value, str) and _MOMENT.fullmatch(value) and value <= now:
        try:
            datetime.fromisoformat(value)
            return value
        except ValueError:
            pass
    raise _refused(place, "a time until now, such as `2026-11-01T09:30:00.000000Z`", value)


def _seconds(place: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e300:
        raise _refused(place, "a number from 0 up", value)
    return value


def _whole(place: str, data: Mapping[str, Any]) -> int | None:
    value = data.get(place.rpartition(".")[2])
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise _refused(place, "a whole number from 0 up", value)
    return value


def _refused(place: str, wanted: str, value: object) -> InvalidInput:
    return InvalidInput(f"`{place}` must be {wanted}, found {shown(value)}")
