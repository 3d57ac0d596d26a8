"""The candidate's own rule, run on a correction that is being written; changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corrigenda.core import reasoning
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.scoring import Result, Verdict, score, without_rule
from corrigenda.core.scoring.texts import normal_form
from corrigenda.store import Database, candidates
from corrigenda.workbench import references
from corrigenda.workbench.scoring_tools import LibraryTools


@dataclass(frozen=True)
class Check:
    """What the scorer says; `found` is what it took for the answer."""

    result: Result
    kind: str | None
    name: str | None
    expected: tuple[str, ...]
    references_version: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "verdict": self.result.verdict.value,
            "kind": self.kind,
            "name": self.name,
            "found": self.result.found,
            "expected": list(self.expected),
            "reason": self.result.reason,
            "references_version": self.references_version,
        }


def check(
    database: Database,
    candidate_id: str,
    corrected_response: str | None,
    corrected_parts: object = None,
) -> Check:
    """Whether the rule in the candidate's log would say that a correction is right.

    The answer without its reasoning is judged, against the newest right answers of its prompt.
    What a reviewer has accepted is right by any rule.

    Raises:
        UnknownCandidate: There is none of this id.
        InvalidInput: The parts cannot be used.

    Example:
        {"verdict": "wrong", "kind": "numeric", "name": "exact_match", "found": "17",
         "expected": ["18"], "reason": "Expected `18`, found `17`.", "references_version": 0}
    """
    parts = CorrectedParts.from_json(corrected_parts)
    with database.reading() as connection:
        record = candidates.get(connection, candidate_id).record
        known = references.of(connection, record)
    if parts is not None:
        parts.check_turn(record)
    rule = rule_of(record, known)
    kind, result = _judge(record, rule, known, corrected_response, parts)
    name = rule.get("name") if rule is not None else None
    return Check(
        result, kind, name if isinstance(name, str) else None, known.answers, known.version
    )


def _judge(
    record: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    known: references.Known,
    text: str | None,
    parts: CorrectedParts | None,
) -> tuple[str | None, Result]:
    kind = rule.get("kind") if rule is not None else None
    kind = kind if isinstance(kind, str) else None
    if parts is not None and parts.turn is not None:
        return kind, _unknown("The rule judges the last answer, and this replaces an earlier turn.")
    _, answer = reasoning.split(reasoning.outgoing(record, text, parts).content)
    if not answer.strip():
        calls = parts is not None and parts.tool_calls
        said = "The rule judges text, not tool calls." if calls else "There is no text yet."
        return kind, _unknown(said)
    if rule is None:
        kind, _ = without_rule(answer, known.answers)
    return kind, judged(answer, rule, known)


def judged(answer: str, rule: Mapping[str, Any] | None, known: references.Known) -> Result:
    """Whether an answer is right, by a rule or none, and by what reviewers have accepted.

    Args:
        answer: The text to judge, without reasoning.
        rule: See `rule_of`.
        known: The right answers to its prompt.
    """
    if rule is None:
        _, result = without_rule(answer, known.answers)
    else:
        result = score(rule, answer, known.answers, LibraryTools())
    if result.verdict is not Verdict.RIGHT and _accepted(answer, known.added):
        return Result(Verdict.RIGHT, result.found, "It equals an answer that was accepted here.")
    return result


def rule_of(record: Mapping[str, Any], known: references.Known) -> Mapping[str, Any] | None:
    """The log's rule; once reviewers have spoken, without the answers that it accepts itself."""
    rule = record.get("scoring")
    if not isinstance(rule, Mapping) or not rule:
        return None
    params = rule.get("params")
    if known.version == references.FROM_LOG or not isinstance(params, Mapping):
        return rule
    return {**rule, "params": {key: params[key] for key in params if key != "accept"}}


def _accepted(answer: str, added: tuple[str, ...]) -> bool:
    form = normal_form(answer)
    return any(
        answer.strip() == each.strip() or (form and form == normal_form(each)) for each in added
    )


def _unknown(reason: str) -> Result:
    return Result(Verdict.UNKNOWN, None, reason)
