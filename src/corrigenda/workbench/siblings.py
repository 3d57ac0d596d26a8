"""Siblings: other answers to a candidate's prompt, and the ancestors that it names.

A candidate that was asked again names the earlier one as its `parent_id`. That one's history is
worth more than any other sibling's: what was wrong then, what was written instead, and why.
"""

from collections.abc import Iterator
from typing import Any

from corrigenda.core.candidate import Record, label, prompt_key, storable
from corrigenda.core.reasoning import subject
from corrigenda.core.selection import Selection
from corrigenda.store import Database, Stored, candidates, decisions, passes

PARENT = "parent_id"
ANCESTORS = 5
"""So many generations are shown."""

SIBLINGS = 200
_PASSES = 100


def siblings(database: Database, candidate_id: str) -> dict[str, Any]:
    """What other models, or other runs, answered to the same prompt, right or wrong.

    Candidates in the order of arrival, then passes; a record without a prompt has none.
    `ancestors` are the candidate that the record names as its `parent_id`, and that one's, the
    nearest first, each with its decisions; also one that was asked something else.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    with database.reading() as connection:
        here = candidates.get(connection, candidate_id)
        key = prompt_key(here.record)
        above = [
            {
                **_candidate(each, here.record),
                "same_prompt": key is not None and prompt_key(each.record) == key,
                "decisions": [said.as_json() for said in decisions.history(connection, each.id)],
            }
            for each in _ancestors(connection, here)
        ]
        if key is None:
            return {"prompt_key": None, "items": [], "ancestors": above}
        right = passes.of_prompt(connection, key, limit=_PASSES)
        left = SIBLINGS - len(right)
        same = Selection(prompt_key=key)
        wrong = candidates.batch(connection, same, limit=left + 1)
    items = [_candidate(each, here.record) for each in wrong if each.seq != here.seq]
    return {
        "prompt_key": key,
        "items": items[:left] + [_sibling(record, here.record) for record in right],
        "ancestors": above,
    }


def _ancestors(connection: Any, here: Stored) -> Iterator[Stored]:
    """Those of them that are here; whoever names itself, or a descendant, ends the line."""
    seen = {here.id}
    for _ in range(ANCESTORS):
        name = here.record.get(PARENT)
        if not isinstance(name, str) or not storable(name) or name in seen:
            return
        found = candidates.find(connection, [name]).get(name)
        if found is None:
            return
        seen.add(name)
        yield found
        here = found


def _candidate(found: Stored, here: Record) -> dict[str, Any]:
    state = found.state
    return {
        **_sibling(found.record, here),
        "kind": "candidate",
        "status": state.status.value,
        "benchmark_run_id": found.dimensions.run_id,
        "corrected_response": state.corrected_response,
        "corrected_parts": found.as_record().get("corrected_parts"),
        "failure_category": state.failure_category,
        "decided_by": state.decided_by,
        "decided_at": state.decided_at,
    }


def _sibling(record: Record, here: Record) -> dict[str, Any]:
    response = record.get("model_response")
    return {
        "id": record["id"],
        "kind": "pass",
        "status": None,
        **{name: label(record.get(name)) for name in ("model_name", "model_id")},
        "benchmark_run_id": label(record.get("benchmark_run_id")),
        "timestamp": record.get("timestamp"),
        "quality_score": record.get("quality_score"),
        "model_response": response,
        "reasoning": subject(record).reasoning,
        "tool_calls": record.get("tool_calls"),
        "corrected_response": None,
        "corrected_parts": None,
        "failure_category": None,
        "decided_by": None,
        "decided_at": None,
        "identical": response is not None
        and (response, record.get("tool_calls"))
        == (here.get("model_response"), here.get("tool_calls")),
    }
