"""Scoring artifacts, as a benchmark's author wants them: the scores, then each artifact.

An artifact is a candidate that a reviewer decided on, approved or discarded, with the category
`scoring_artifact`: the answer is fine, and the scorer or the reference erred.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corrigenda.core.candidate import prompt_key
from corrigenda.core.decisions import ARTIFACT, Action, Decision, Status
from corrigenda.core.selection import Selection
from corrigenda.errors import shorten
from corrigenda.store import Database, Stored, candidates, lots, references, scores
from corrigenda.store.verdicts import EVALUATED
from corrigenda.workbench.references import from_log

PROMPT_LIMIT = 1000
"""Characters of a prompt's excerpt."""

NO_PASSES = "No passes of this run were imported, so its score is unknown."

_ARTIFACTS = Selection(statuses=(Status.APPROVED, Status.DISCARDED), include_categories=(ARTIFACT,))


@dataclass(frozen=True)
class ArtifactReport:
    """The report: `runs` at once, `artifacts` as a stream.

    Example:
        >>> dict(ArtifactReport([], iter([])).as_dict())
        {'runs': [], 'artifacts': []}
    """

    runs: list[dict[str, Any]]
    artifacts: Iterator[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON; reads the stream to its end."""
        return {"runs": self.runs, "artifacts": list(self.artifacts)}


def scoring_artifacts(database: Database) -> ArtifactReport:
    """The report on a workspace.

    Each run in which there is an artifact is told by task and model: `n` samples are known, of
    which `passes` passed; of the `failures`, `decided` are reviewed and `undecided` are not yet.
    `score` is what it was; `adjusted_score` counts the `artifacts` as right. Both are `None`,
    and `remark` says why, where passes were not imported.

    Example:
        {"runs": [{"run_id": "r1", "task": "gsm8k", "model": "Small-1B", "n": 10, "passes": 6,
                   "failures": 4, "decided": 3, "undecided": 1, "artifacts": 2, "score": 0.6,
                   "adjusted_score": 0.8, "remark": None}],
         "artifacts": [{"id": "a1", "run_id": "r1", "task": "gsm8k", "task_id": "17",
                        "model": "Small-1B", "kind": "reference", "prompt": "What is 2 + 2?",
                        "response": "4", "reference": "5",
                        "reference_replaced": True, "accepted": ["4"], "references_version": 1,
                        "rule": "exact_match", "note": None,
                        "reviewer": "kim", "decided_at": "2026-04-07T10:00:00Z"}]}
    """
    with database.reading() as connection:
        found = scores.tallies(connection)
    return ArtifactReport(_runs(found), _artifacts(database))


def _runs(found: dict[scores.Group, scores.Tally]) -> list[dict[str, Any]]:
    found = _without_sample_names(found)
    known: dict[str | None, int] = defaultdict(int)
    for (run_id, _, _), tally in found.items():
        known[run_id] += tally.passes
    return [_run(group, tally, known[group[0]] > 0) for group, tally in found.items()]


def _run(group: scores.Group, tally: scores.Tally, scored: bool) -> dict[str, Any]:
    failures = tally.decided + tally.undecided
    n = failures + tally.passes
    run_id, task, model = group
    return {
        "run_id": run_id,
        "task": task,
        "model": model,
        "n": n,
        "passes": tally.passes,
        "failures": failures,
        "decided": tally.decided,
        "undecided": tally.undecided,
        "artifacts": tally.artifacts,
        "score": tally.passes / n if scored else None,
        "adjusted_score": (tally.passes + tally.artifacts) / n if scored else None,
        "remark": None if scored else NO_PASSES,
    }


def _without_sample_names(
    found: dict[scores.Group, scores.Tally],
) -> dict[scores.Group, scores.Tally]:
    """One group for a run's model where its tasks are but names of samples.

    A log without the names of tasks has those of samples in their place: most occur once.
    """
    of_model: dict[tuple[str | None, str | None], list[scores.Group]] = defaultdict(list)
    for group in found:
        of_model[group[0], group[2]].append(group)
    merged: dict[scores.Group, scores.Tally] = {}
    for (run_id, model), groups in of_model.items():
        tallies = [found[group] for group in groups]
        n = sum(each.passes + each.decided + each.undecided for each in tallies)
        if len(groups) == 1 or n >= 2 * len(groups):
            merged |= {group: found[group] for group in groups}
            continue
        merged[run_id, None, model] = scores.Tally(
            passes=sum(each.passes for each in tallies),
            undecided=sum(each.undecided for each in tallies),
            decided=sum(each.decided for each in tallies),
            artifacts=sum(each.artifacts for each in tallies),
        )
    return dict(sorted(merged.items(), key=lambda item: [name or "" for name in item[0]]))


def _artifacts(database: Database) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        with database.reading() as connection:
            chunk = candidates.batch(connection, _ARTIFACTS, after=after)
            histories = lots.histories(connection, chunk)
            keys = {stored.seq: prompt_key(stored.record) for stored in chunk}
            versions = references.newest(connection, [key for key in keys.values() if key])
        if not chunk:
            return
        for stored in chunk:
            if stored.state.decided_by == EVALUATED:
                continue  # as another answer was found to be; nobody has looked at this one
            history = histories.get(stored.seq, [])
            yield _artifact(stored, history, versions.get(keys[stored.seq] or ""))
        after = chunk[-1].seq


def _artifact(
    stored: Stored, history: Sequence[Decision], version: references.Version | None
) -> dict[str, Any]:
    record, own = stored.record, from_log(stored.record)
    rule = record.get("scoring")
    rule = rule if isinstance(rule, dict) else {}
    answers = version.answers if version else own
    return {
        "id": stored.id,
        "run_id": stored.dimensions.run_id,
        "task": candidates.task_of(record),
        "task_id": record.get("task_id"),
        "model": stored.dimensions.model,
        "prompt": _excerpt(record.get("prompt_messages")),
        "response": record.get("model_response"),
        "reference": own[0] if own else None,
        "reference_replaced": bool(own) and own[0] not in answers,
        "accepted": [answer for answer in answers if answer not in own],
        "references_version": version.version if version else 0,
        "rule": rule.get("name") or rule.get("kind"),
        **_said(history),
    }


def _said(history: Sequence[Decision]) -> dict[str, Any]:
    """What reviewers say of an artifact; what is not said again stays, until an undo."""
    nothing: dict[str, Any] = {"kind": None, "note": None, "reviewer": None, "decided_at": None}
    said = nothing
    for decision in history:
        if decision.action is Action.UNDO:
            said = nothing
        elif decision.failure_category == ARTIFACT:
            said = {
                "kind": decision.artifact_kind or said["kind"],
                "note": decision.note or said["note"],
                "reviewer": decision.reviewer,
                "decided_at": decision.decided_at,
            }
    return said


def _excerpt(messages: Any) -> str | None:
    """The text of the last message that a user wrote, cut."""
    for message in reversed(messages if isinstance(messages, list) else []):
        if message.get("role") == "user":
            content = message.get("content")
            parts = content if isinstance(content, list) else [{"text": content}]
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return shorten("".join(t for t in texts if isinstance(t, str)), PROMPT_LIMIT)
    return None
