"""`corrigenda import`."""

import contextlib
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli import completion
from corrigenda.cli.errors import INTERRUPTED, REFUSED, complain, exit_code
from corrigenda.cli.import_texts import show_look, tell
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.progress import progress_bar
from corrigenda.errors import ConfigError, InvalidInput, NotFound, UnknownRun

if TYPE_CHECKING:
    from corrigenda.workbench import ImportReport, ImportRequest, Workspace


def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Files, directories, globs, URLs, `-` for standard input, or names of runs of "
            "the benchmark folder.",
            show_default=False,
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="The format of the files, if it is not to be recognised.",
            autocompletion=completion.sources,
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Which column of a table is the prompt, response, reference, score, reason, "
            "model, id, task, messages, system or choices; may be a path (`info.task.id`).",
        ),
    ] = None,
    wrong_when: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="When a row is a failure: `is_correct==false`, `pred!=answer`, `reward<1`.",
        ),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="A mapping that was saved in the workspace.",
        ),
    ] = None,
    save_mapping: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Save the mapping in the workspace under this name.",
        ),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Judge by this metric instead of the format's main one.",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE",
            help="A score below this fails, instead of the harness's own rule.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The model's name, where the log does not have it.",
        ),
    ] = None,
    failures_only: Annotated[
        bool,
        typer.Option(
            "--failures-only",
            help="Leave out what the model got right.",
        ),
    ] = False,
    include_errors: Annotated[
        bool,
        typer.Option(
            "--include-errors",
            help="Take failures of the provider or the harness, too.",
        ),
    ] = False,
    include_unscored: Annotated[
        bool,
        typer.Option(
            "--include-unscored",
            help="Take samples that nothing has judged, too.",
        ),
    ] = False,
    allow_purged: Annotated[
        bool,
        typer.Option(
            "--allow-purged",
            help="Take in again what `purge` has removed.",
        ),
    ] = False,
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out",
            help="Keep the runs out of training: they can be reviewed, but not exported.",
        ),
    ] = False,
    held_out_share: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Keep this share of the prompts (0 to 1) out of training; a hash decides which.",
        ),
    ] = None,
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help="Replace secrets and personal data before anything is stored.",
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Import nothing of a path in which anything cannot be used.",
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what there is, and the first three candidates; import nothing.",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Import the failures of evaluation runs; those that are there already are skipped.

    The format is recognised by content (`corrigenda sources` lists them). What cannot be used is
    left out, named on standard error, and kept in the workspace's `import_problems.jsonl`.
    """
    from corrigenda.workbench import ImportReport, ImportRequest

    if held_out and held_out_share is not None:
        raise typer.BadParameter("give either --held-out or --held-out-share")
    columns = _columns(mapped or [])
    if wrong_when:
        columns["wrong_when"] = wrong_when
    request = ImportRequest(
        format=format,
        metric=metric,
        threshold=threshold,
        model=model,
        mapping=columns,
        mapping_name=mapping,
        failures_only=failures_only,
        include_errors=include_errors,
        include_unscored=include_unscored,
        allow_purged=allow_purged,
        held_out=1.0 if held_out else held_out_share,
        strict=strict,
        redact=redact,
    )
    with _opened(ctx, workspace, database_url, dry_run=dry_run) as opened:
        if dry_run:
            refused = _each(
                paths, lambda path: show_look(path, opened.look(path, request), json=json)
            )
            raise typer.Exit(refused)
        if save_mapping:
            opened.check_mapping(save_mapping, request)
        total = ImportReport()

        def take(path: str) -> None:
            if not total.stopped:
                total.add(_import(opened, path, request))

        refused = _each(paths, take)
        if save_mapping:
            opened.save_mapping(save_mapping, request)
    tell(total, refused=bool(refused), json=json)
    if total.stopped:
        raise typer.Exit(INTERRUPTED)
    if refused or (total.malformed and not total.imported and not total.skipped):
        raise typer.Exit(refused or REFUSED)


def _each(paths: list[str], do: Callable[[str], None]) -> int:
    """Do it for each path; the exit code of the first that was refused, else 0."""
    refused = 0
    for path in paths:
        try:
            do(path)
        except (ConfigError, InvalidInput, NotFound) as error:  # the other paths may be fine
            complain(error.message)
            refused = refused or exit_code(error)
    return refused


@contextlib.contextmanager
def _opened(
    ctx: typer.Context, workspace: Path | None, database_url: str | None, *, dry_run: bool
) -> Iterator["Workspace"]:
    """The workspace; an empty one that goes again, where a look needs none to be there."""
    with contextlib.ExitStack() as stack:
        try:
            opened = open_workspace(ctx, workspace, database_url, create=not dry_run)
        except NotFound:
            empty = stack.enter_context(tempfile.TemporaryDirectory())
            opened = open_workspace(ctx, Path(empty), None, create=True)
        yield stack.enter_context(opened)


def _columns(mapped: list[str]) -> dict[str, str]:
    columns = {}
    for each in mapped:
        field, equals, column = each.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise typer.BadParameter(f"`{each}` is not FIELD=COLUMN", param_hint="--map")
        columns[field.strip()] = column.strip()
    return columns


def _import(workspace: "Workspace", path: str, request: "ImportRequest") -> "ImportReport":
    with progress_bar(path, in_bytes=True) as show, _stopped_by_ctrl_c() as stopped:

        def progress(done: int, total: int) -> bool:
            show(done, total)
            return stopped()

        if _may_be_a_run(path, request):
            try:
                return workspace.import_run(path, progress, request)
            except UnknownRun:
                # A configuration that cannot be read is the better explanation.
                _ = workspace.bench_results_dir
                raise NotFound(
                    f"`{path}` is neither a file or directory nor a run of the benchmark folder."
                ) from None
        return workspace.import_path(path, request=request, progress=progress)


def _may_be_a_run(path: str, request: "ImportRequest") -> bool:
    plain_name = path != "-" and Path(path).name == path and not any(c in path for c in "*?[")
    return request.source() is None and plain_name and not Path(path).exists()


@contextlib.contextmanager
def _stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C end the import after the batch that is being written; a second one at once.

    Before the first batch there is nothing to go on from, and perhaps no end to wait for: a pipe
    is read whole before it is recognised.
    """
    pressed = begun = False

    def note(_signal: int, _frame: object) -> None:
        nonlocal pressed
        if not begun:
            raise KeyboardInterrupt
        pressed = True
        signal.signal(signal.SIGINT, before)

    def stopped() -> bool:
        nonlocal begun
        begun = True
        return pressed

    try:
        before = signal.signal(signal.SIGINT, note)
    except ValueError:  # not the main thread: somebody else listens to the keyboard
        yield lambda: False
        return
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
