"""`corrigenda report`."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corrigenda.cli.document import STDOUT, OutputOption, write
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain
from corrigenda.core.document import inline

if TYPE_CHECKING:
    from corrigenda.workbench.reporting import ArtifactReport

_TEXT = 2000
_KINDS = {
    "scorer": "the scorer erred",
    "reference": "the reference is wrong",
    "ambiguous_prompt": "the prompt has several answers",
    "truncated": "the answer was cut off",
    None: "not said what erred",
}


class Report(StrEnum):
    """What can be reported."""

    SCORING_ARTIFACTS = "scoring-artifacts"


def report(
    ctx: typer.Context,
    name: Annotated[
        Report, typer.Argument(metavar="NAME", help="`scoring-artifacts`.", show_default=False)
    ],
    output: OutputOption = STDOUT,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Report answers that were fine and scored as wrong, for a benchmark's author.

    For each run it has the score as it was, and as it would be with these counted right; then
    each answer with its reference and what reviewers say. As Markdown, unless with `--json`.
    """
    from corrigenda.jsonl import json_lines

    del name  # there is one report
    with open_workspace(ctx, workspace, database_url) as opened:
        found = opened.scoring_artifacts()
        if json:
            write(output, json_lines({"runs": found.runs}, "artifacts", found.artifacts))
        else:
            write(output, _markdown(found))


def _markdown(found: "ArtifactReport") -> Iterator[str]:
    yield "# Scoring artifacts"
    yield ""
    if not found.runs:
        yield "No answer was said to be fine and scored as wrong."
        return
    yield "Answers that reviewers found to be fine, and that the benchmark scored as wrong."
    yield ""
    yield "## Scores"
    yield ""
    yield "| Run | Task | Model | Samples | Passed | Score | Artifacts | Score with them right |"
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    for run in found.runs:
        names = [_name(run[key]) for key in ("run_id", "task", "model")]
        score, adjusted = _percent(run["score"]), _percent(run["adjusted_score"])
        numbers = [run["n"], run["passes"], score, run["artifacts"], adjusted]
        yield f"| {' | '.join([*names, *map(str, numbers)])} |"
    yield ""
    yield from _remarks(found.runs)
    yield ""
    yield "## Artifacts"
    for artifact in found.artifacts:
        yield ""
        yield from _artifact(artifact)


def _remarks(runs: list[dict[str, Any]]) -> Iterator[str]:
    failures, undecided = (sum(run[key] for run in runs) for key in ("failures", "undecided"))
    yield (
        f"Of {amount(failures, 'failure')} in these runs {failures - undecided} were reviewed; "
        f"among the other {undecided} there may be more artifacts."
        if undecided
        else f"All {amount(failures, 'failure')} in these runs were reviewed."
    )
    if any(run["remark"] for run in runs):
        yield "A score is unknown where the run's passes were not imported."


def _artifact(found: dict[str, Any]) -> Iterator[str]:
    where = [found["task"], found["task_id"], found["model"], found["run_id"]]
    told = dict.fromkeys(inline(each) for each in where if each not in (None, ""))
    yield f"### {inline(found['id'])}"
    yield ""
    yield f"- From: {', '.join(told) or 'not said'}"
    yield f"- Kind: {_KINDS.get(found['kind'], found['kind'])}"
    if found["rule"]:
        yield f"- Rule: {inline(found['rule'])}"
    if found["reference_replaced"]:
        yield "- A reviewer has replaced the reference."
    by = f"{inline(found['reviewer'])}, {found['decided_at']}"
    yield f"- Decided by: {by if found['reviewer'] else 'not said'}"
    texts = {
        "Prompt": found["prompt"],
        "Response": found["response"],
        "Reference": found["reference"],
        "Also right": "\n".join(found["accepted"]),
        "Note": found["note"],
    }
    for title, text in texts.items():
        if text:
            yield ""
            yield f"{title}:"
            yield ""
            yield from _block(text)


def _block(text: str) -> list[str]:
    """A text as it is, within a fence that it cannot close; control characters are shown."""
    cut = text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", cut)), default=0))
    return [f"{fence}text", *(plain(line) for line in cut.split("\n")), fence]


def _name(value: str | None) -> str:
    return "-" if value is None else inline(value)


def _percent(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.1%}"
