"""`corrigenda evaluate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from corrigenda.cli.errors import FINDINGS
from corrigenda.cli.evaluate_texts import is_whole, tell
from corrigenda.cli.options import (
    DatabaseOption,
    JsonOption,
    WorkspaceOption,
    open_workspace,
    settings_of,
)
from corrigenda.cli.progress import progress_bar


def evaluate(
    ctx: typer.Context,
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="The runs whose prompts are asked again.", show_default=False
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="The folder of a model, an adapter or a training run; with --endpoint, the name "
            "of a model there.",
            show_default=False,
        ),
    ],
    run_id: Annotated[
        str, typer.Option("--as", metavar="ID", help="The new run's id.", show_default=False)
    ],
    endpoint: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Ask an OpenAI-compatible endpoint, such as `http://127.0.0.1:8000/v1`.",
        ),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="The Python that has torch and transformers.  [env: CORRIGENDA_TRAIN_PYTHON; "
            "default: this one]",
        ),
    ] = None,
    api_key_env: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The environment variable with the endpoint's key."),
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only prompts that are held out of training.")
    ] = False,
    failures_only: Annotated[
        bool, typer.Option("--failures-only", help="Only prompts that the runs failed.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="At most N prompts; the same ones each time."),
    ] = None,
    repeats: Annotated[int, typer.Option(metavar="N", help="How often each prompt is asked.")] = 1,
    temperature: Annotated[float, typer.Option(metavar="T", help="0 is greedy.")] = 0.0,
    max_new_tokens: Annotated[
        int,
        typer.Option(metavar="N", help="After so many tokens an answer is cut."),
    ] = 1024,
    seed: Annotated[int, typer.Option(metavar="N", help="For sampling.")] = 0,
    batch_size: Annotated[
        int,
        typer.Option(metavar="N", help="Prompts together, without --endpoint."),
    ] = 16,
    concurrency: Annotated[
        int,
        typer.Option(metavar="N", help="Requests together, with --endpoint."),
    ] = 8,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="How long a request may take."),
    ] = 600.0,
    queue: Annotated[
        bool,
        typer.Option(
            "--queue",
            help="Let failures wait for review at once. Else they are set aside, for `compare` "
            "to queue those that matter.",
        ),
    ] = False,
    run_code: Annotated[
        bool,
        typer.Option(
            "--run-code",
            help="Run the unit tests of answers that are code, inside bubblewrap.",
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The folder to work in.  [default: evaluations/ID of the workspace]",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Ask a model the prompts of runs again, and score its answers as a new run.

    Nothing is asked twice: what was interrupted goes on with the same command. Evaluate the base
    in the same way as the model that was trained, and compare the two.
    """
    from corrigenda.train.pythons import python_of
    from corrigenda.workbench.evaluating.request import EvaluationRequest

    if endpoint is None:  # only a model on this machine needs it
        python = python_of(python or settings_of(ctx, workspace, database_url).train_python)
    request = EvaluationRequest(
        runs=tuple(runs),
        run_id=run_id,
        model=model,
        endpoint=endpoint,
        python=python,
        api_key_env=api_key_env,
        temperature=temperature,
        max_new_tokens=max_new_tokens,
        seed=seed,
        repeats=repeats,
        batch_size=batch_size,
        concurrency=concurrency,
        timeout=timeout,
        held_out=held_out,
        failures_only=failures_only,
        limit=limit,
        output=output,
        queue=queue,
        run_code=run_code,
    )
    with open_workspace(ctx, workspace, database_url) as opened, progress_bar(run_id) as progress:
        done: dict[str, Any] = opened.evaluate(request, progress)
    tell(done, queue=queue, json=json)
    if not is_whole(done):
        raise typer.Exit(FINDINGS)
