"""What `corrigenda evaluate` says when it is done."""

from collections.abc import Mapping
from typing import Any

import typer

from corrigenda.cli.text import amount, plain

_SHOWN = 5


def tell(done: Mapping[str, Any], *, queue: bool, json: bool) -> None:
    """Say what an evaluation found; with `json` for programs."""
    for kind, why in (("unscored", "cannot be scored"), ("errors", "could not be got")):
        for reason, n in list(done[kind].items())[:_SHOWN]:
            typer.echo(f"{amount(n, 'answer')} {why}: {plain(reason)}", err=True)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(done))
        return
    _summarise(done, queue=queue)


def is_whole(done: Mapping[str, Any]) -> bool:
    """Whether there is a run, and no answer of it is missing."""
    return _has_run(done) and not done["counts"]["errors"]


def _has_run(done: Mapping[str, Any]) -> bool:
    return bool(done["counts"]["passed"] + done["counts"]["failed"])


def _summarise(done: Mapping[str, Any], *, queue: bool) -> None:
    counts, run_id = done["counts"], plain(done["run_id"])
    asked = f"{amount(counts['prompts'], 'prompt')} ({counts['held_out']} held out)"
    model = plain(done["model"]["name"])
    if _has_run(done):
        typer.echo(f"Evaluated {model} on {asked} as the run `{run_id}`.")
    else:
        typer.echo(f"Asked {model} {asked}. No answer can be scored, so no run was made.")
    for name in ("passed", "failed", "unscored", "errors"):
        if counts[name] or name in ("passed", "failed"):
            typer.echo(f"  {name:<8}  {counts[name]}")
    if counts["cut"]:
        typer.echo(f"{amount(counts['cut'], 'answer')} reached the limit of tokens and was cut.")
    if counts["known"]:
        typer.echo(f"{amount(counts['known'], 'answer')} had been given before.")
    if counts["errors"]:
        typer.echo("The same command asks again for the answers that are missing.")
    if counts["failed"] and not queue:
        typer.echo(
            "The failures are set aside, and do not wait for review; "
            f"`corrigenda compare RUN {run_id} --queue NAME` queues those that matter."
        )
    if queue and done["imported"].get("skipped"):
        typer.echo(
            "Failures that were here already stay as they are; those that were set aside "
            f"`corrigenda compare RUN {run_id} --queue NAME` queues."
        )
