"""`corrigenda runs`."""

from dataclasses import asdict

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import columns


def runs(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """List the runs in the benchmark folder, newest first.

    The folder is `sft.bench_results_dir` in the workspace's `label_tool.yaml`.
    """
    with open_workspace(ctx, workspace, database_url) as opened:
        found = opened.runs()
        folder, config = opened.bench_results_dir, opened.config_dir / "label_tool.yaml"
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps([asdict(run) for run in found]))
    elif folder is None:
        typer.echo(
            f"No benchmark folder is configured; set `sft.bench_results_dir` in `{config}`.",
            err=True,
        )
    elif not found:
        typer.echo(f"There is no run in `{folder}`.", err=True)
    else:
        rows: list[tuple[object, ...]] = [("RUN", "TIME", "CANDIDATES", "IMPORTED")]
        rows += [
            (run.run_id, run.timestamp, run.candidate_count, "yes" if run.already_imported else "-")
            for run in found
        ]
        for line in columns(rows, right=[2]):
            typer.echo(line)
