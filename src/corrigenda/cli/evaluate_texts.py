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


def _summarise(done: Mapping[str, Any], *, queue: bool) -> None:
    counts, run_id = done["counts"], plain(done["run_id"])
    asked = f"{amount(counts['prompts'], 'prompt')} ({counts['held_out']} held out)"
    typer.echo(f"Evaluated {plain(done['model']['name'])} on {asked} as the run `{run_id}`.")
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
