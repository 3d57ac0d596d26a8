"""Scoring an answer: by the rule of the log, else the workspace's, else against the reference.

Where no rule can tell, the harness's own verdict on the very same answer counts: what it passed or
failed once, it would pass or fail again. A correction that was approved is no reference by itself,
since another answer may be as right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corrigenda.core import reasoning
from corrigenda.core.reasoning import Subject
from corrigenda.core.scoring import Result, Verdict
from corrigenda.workbench import references
from corrigenda.workbench.evaluating import unit_tests
from corrigenda.workbench.evaluating.prompts import Prompt
from corrigenda.workbench.scoring import judged, rule_of


@dataclass(frozen=True)
class Like:
    """A candidate with the same answer, and what it was found to be."""

    id: str
    category: str


@dataclass(frozen=True)
class Judgement:
    """What is said of an answer; `like` is a candidate with this answer and a failure category."""

    result: Result
    rule: Mapping[str, Any] | None
    like: Like | None = None


def judge(
    connection: Any,
    prompt: Prompt,
    answer: Subject,
    default: Mapping[str, Any] | None,
    *,
    run_code: bool = False,
) -> Judgement:
    """Whether an answer is right.

    Args:
        connection: The workspace's: reviewers' right answers count.
        prompt: What was asked.
        answer: Without its reasoning.
        default: The workspace's rule, for prompts whose log names none.
        run_code: Whether the log's unit tests are run, in a sandbox.

    Raises:
        InvalidInput: They are to be run, and there is no sandbox.
    """
    known = references.of(connection, prompt.record)
    rule = rule_of(prompt.record, known) or default
    result = _by_rule(answer, rule, known)
    tests = unit_tests.of(rule)
    if tests is not None and result.verdict is Verdict.UNKNOWN and answer.text.strip():
        said = "Unit tests are not run without `--run-code`."
        result = tests.judge(answer.text) if run_code else Result(Verdict.UNKNOWN, None, said)
    same = [verdict for verdict, record in prompt.samples if _same(answer, record)]
    if result.verdict is Verdict.UNKNOWN and same:
        result = _as_before([each.right for each in same], result)
    found = sorted((each for each in same if each.category), key=lambda each: not each.artifact)
    return Judgement(
        result, rule, next((Like(e.id, e.category) for e in found if e.category), None)
    )


def _by_rule(answer: Subject, rule: Mapping[str, Any] | None, known: references.Known) -> Result:
    if answer.text.strip():
        return judged(answer.text, rule, known)
    if answer.tool_calls:
        said = "The rule judges text, not tool calls."
        return Result(Verdict.UNKNOWN, None, said)
    if not known.answers:
        return Result(Verdict.UNKNOWN, None, "There is no answer, and no reference.")
    return Result(Verdict.WRONG, None, "There is no answer.")


def _as_before(right: Sequence[bool], unknown: Result) -> Result:
    if all(right):
        return Result(Verdict.RIGHT, None, "The same answer passed before.")
    if not any(right):
        return Result(Verdict.WRONG, None, "The same answer failed before.")
    return unknown


def _same(answer: Subject, record: Mapping[str, Any]) -> bool:
    other = reasoning.subject(record)
    calls = [[_without_id(each) for each in said.tool_calls] for said in (answer, other)]
    return answer.text.strip() == other.text.strip() and calls[0] == calls[1]


def _without_id(call: Any) -> Any:
    return {k: v for k, v in call.items() if k != "id"} if isinstance(call, dict) else call
