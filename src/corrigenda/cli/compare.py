"""`corrigenda compare`."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.document import STDOUT, OutputOption, write
from corrigenda.cli.errors import FINDINGS
from corrigenda.cli.options import DatabaseOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain

if TYPE_CHECKING:
    from corrigenda.core.comparison import Comparison
    from corrigenda.core.thresholds import Threshold
    from corrigenda.workbench import Workspace


class Form(StrEnum):
    """How a comparison is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


_ENDINGS = {".md": Form.MARKDOWN, ".markdown": Form.MARKDOWN, ".json": Form.JSON}


def compare(
    ctx: typer.Context,
    a: Annotated[
        str, typer.Argument(metavar="RUN_A", help="The id of the run before.", show_default=False)
    ],
    b: Annotated[
        str, typer.Argument(metavar="RUN_B", help="The id of the run after.", show_default=False)
    ],
    trained: Annotated[
        str | None,
        typer.Option(
            "--trained",
            metavar="EXPORT",
            help="What was trained on in between: a named export, or a folder or manifest.",
        ),
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text, markdown or json.  [default: by the file's name, else text]",
        ),
    ] = None,
    output: OutputOption = STDOUT,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CHECK",
            help="Exit with 3 if this is so, such as `regressed>0` or `held_out.fixed_rate<0.5`, "
            "or if it cannot be told. Repeatable.",
        ),
    ] = None,
    queue: Annotated[
        str | None,
        typer.Option(
            "--queue",
            metavar="NAME",
            help="Make a batch of what B still fails or has come to fail, to review it next.",
        ),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(
            "--card",
            metavar="DIR",
            help="Put it into the model card of a training, by the training's folder.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Compare two runs on the same prompts: what is fixed, still fails, or got worse.

    Each prompt counts once. All figures are there twice: as the benchmark scored, and with the
    answers counted as right that reviewers found to be scoring artifacts.
    """
    from corrigenda.core.thresholds import Threshold

    checks = [Threshold.parse(each) for each in fail_on or ()]
    with open_workspace(ctx, workspace, database_url) as opened:
        if queue is not None:
            opened.check_batch_name(queue)
        found = opened.compare(a, b, trained)
        said = None if queue is None else _queue(opened, found, queue)
    if card is not None:
        said = "\n".join(filter(None, (said, _into_card(card, found))))
    write(output, _lines(found, form or _ENDINGS.get(output.suffix.lower(), Form.TEXT)))
    if said is not None:
        typer.echo(said, err=True)
    if broken := _broken(checks, found):
        for sentence in broken:
            typer.echo(f"Failed: {sentence}", err=True)
        raise typer.Exit(FINDINGS)


def _queue(workspace: "Workspace", found: "Comparison", name: str) -> str:
    batch = workspace.queue_failures(found, name)
    if batch is None:
        return "Nothing that B fails waits for review, so no batch was made."
    return f"Made the batch `{plain(name)}` of {amount(batch['size'], 'candidate')}."


def _into_card(folder: Path, found: "Comparison") -> str:
    from corrigenda.jsonl import storage_errors
    from corrigenda.train.card import put_evaluation

    with storage_errors(folder):
        cards = put_evaluation(folder, "\n".join(_lines(found, Form.MARKDOWN)))
    return f"Put it into {', '.join(f'`{plain(path)}`' for path in cards)}."


def _broken(checks: "Sequence[Threshold]", found: "Comparison") -> list[str]:
    values = found.values()
    return [said for check in checks if (said := check.broken_by(values)) is not None]


def _lines(found: "Comparison", form: Form) -> Iterable[str]:
    from corrigenda.workbench.comparison_report import report

    return report(found, form.value)
