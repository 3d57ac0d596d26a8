"""The options of `corrigenda export`, by groups; each is `None` or empty where it is not given."""

from pathlib import Path
from typing import Annotated, Any

import typer

from corrigenda.cli import completion

CHOOSING = "Choosing (of several values of one option any, of different options all)"
CURATING = "Curating"
SPLITTING = "Splitting"
CHECKING = "Checking"
WRITING = "Writing"


def _option(panel: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, show_default=False, **more)


def _choice(name: str, metavar: str, help: str, **more: Any) -> Any:
    return _option(CHOOSING, name, metavar=metavar, help=help, **more)


Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="NAME",
        help="The format.  [default: messages, or with --curated prompt_completion]",
        autocompletion=completion.formats,
        show_default=False,
    ),
]
Curated = Annotated[
    bool,
    typer.Option(
        "--curated",
        help="Begin as the export builder does: without scoring artifacts and duplicates, "
        "secrets listed.",
    ),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option(
        "--recipe",
        metavar="FILE",
        help="Begin with the recipe in a YAML or JSON file.",
        show_default=False,
    ),
]

Status = Annotated[
    list[str] | None,
    _choice(
        "--status",
        "NAME",
        "Only in this status: needs_review, approved, discarded or model_rejected; of the formats "
        "that are not for training, `candidates` and `csv`.",
    ),
]
IncludeCategory = Annotated[
    list[str] | None,
    _choice(
        "--include-category",
        "NAME",
        "Only this failure category; `none` means without one. Repeatable, as are the other names.",
        autocompletion=completion.categories,
    ),
]
ExcludeCategory = Annotated[
    list[str] | None,
    _choice(
        "--exclude-category",
        "NAME",
        "Not this failure category.",
        autocompletion=completion.categories,
    ),
]
Model = Annotated[list[str] | None, _choice("--model", "NAME", "Only this model.")]
Task = Annotated[list[str] | None, _choice("--task", "NAME", "Only this task.")]
TaskType = Annotated[list[str] | None, _choice("--task-type", "NAME", "Only this task type.")]
Run = Annotated[list[str] | None, _choice("--run", "ID", "Only this run.")]
Reviewer = Annotated[list[str] | None, _choice("--reviewer", "NAME", "Only decided by them.")]
Tag = Annotated[list[str] | None, _choice("--tag", "TAG", "Only with this tag.")]
MinScore = Annotated[float | None, _choice("--min-score", "SCORE", "Only from this score up.")]
MaxScore = Annotated[float | None, _choice("--max-score", "SCORE", "Only up to this score.")]
From = Annotated[
    str | None, _choice("--from", "DAY", "Only decided on this day (UTC) or later: 2026-11-01.")
]
Until = Annotated[str | None, _choice("--until", "DAY", "Only decided on this day or earlier.")]
Text = Annotated[str | None, _choice("--text", "WORDS", "Only where all these words occur.")]
Batch = Annotated[str | None, _choice("--batch", "NAME", "Only of this batch: its name or number.")]

Deduplicate = Annotated[
    bool | None,
    _option(
        CURATING,
        "--deduplicate/--no-deduplicate",
        help="One row for each prompt and answer, however many models failed it.",
    ),
]
NearDuplicates = Annotated[
    str | None,
    _option(
        CURATING,
        "--near-duplicates",
        metavar="SIMILARITY",
        help="Take rows for one from this similarity up: 0.5 to 1, or `off`.",
    ),
]
Keep = Annotated[
    str | None,
    _option(CURATING, "--keep", metavar="first|latest", help="Which of several duplicates stays."),
]
Conflicts = Annotated[
    str | None,
    _option(
        CURATING,
        "--conflicts",
        metavar="list|latest|drop",
        help="What becomes of different corrections of one prompt.",
    ),
]
FormatPairs = Annotated[
    bool | None,
    _option(CURATING, "--format-pairs", help="Keep pairs that differ only in format."),
]
Cap = Annotated[
    list[str] | None,
    _option(
        CURATING,
        "--cap",
        metavar="NAME=ROWS",
        help="At most so many rows of each category, task or model: `category=500`. Repeatable.",
    ),
]
Replay = Annotated[
    float | None,
    _option(CURATING, "--replay", metavar="SHARE", help="Mix in this share of passes, up to 0.9."),
]
Seed = Annotated[
    int | None,
    _option(CURATING, "--seed", metavar="N", help="Of everything that chance decides."),
]

Split = Annotated[
    str | None,
    _option(
        SPLITTING,
        "--split",
        metavar="A,B,C",
        help="The shares of train, validation and test: `0.8,0.1,0.1`; or `off`.",
    ),
]
GroupBy = Annotated[
    list[str] | None,
    _option(
        SPLITTING,
        "--group-by",
        metavar="WHAT",
        help="What is never torn apart: prompt, cluster, document, template, task. Repeatable.",
    ),
]
HoldoutTask = Annotated[
    list[str] | None,
    _option(
        SPLITTING,
        "--holdout-task",
        metavar="NAME",
        help="All of this task goes into the test split. Repeatable.",
    ),
]

AllowProtected = Annotated[
    bool | None,
    _option(
        CHECKING,
        "--allow-protected",
        help="Let in prompts of protected benchmarks; the manifest says so.",
    ),
]
Secrets = Annotated[
    str | None,
    _option(
        CHECKING,
        "--secrets",
        metavar="off|list|drop|redact",
        help="What becomes of rows with secrets or personal data.",
    ),
]
Redact = Annotated[
    bool, _option(CHECKING, "--redact", help="The same as `--secrets redact`: replace them.")
]
TokenizerName = Annotated[
    str | None,
    _option(
        CHECKING,
        "--tokenizer",
        metavar="NAME",
        help="Count tokens by this model's tokenizer: a folder, or the name of one that was "
        "downloaded.",
    ),
]
Fetch = Annotated[
    bool, _option(CHECKING, "--fetch", help="Download that tokenizer if it is not here.")
]
MaxLength = Annotated[
    int | None,
    _option(
        CHECKING,
        "--max-length",
        metavar="N",
        help="Leave out what is longer: tokens, or characters without a tokenizer.",
    ),
]
KeepLong = Annotated[
    bool | None, _option(CHECKING, "--keep-long", help="Only name what is longer.")
]
Strict = Annotated[
    bool | None,
    _option(CHECKING, "--strict", help="Refuse if any row breaks a rule of the format."),
]

Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|DIR/|URL",
        help="Where to: a file (.jsonl, .parquet, .csv; also .gz, .zst), a folder for the whole "
        "bundle, or `-` for standard output. Whole or not at all.",
        rich_help_panel=WRITING,
    ),
]
Name = Annotated[
    str | None,
    _option(WRITING, "--name", metavar="NAME", help="Keep it in the workspace under this name."),
]
Overwrite = Annotated[
    bool, _option(WRITING, "--overwrite", help="Replace an earlier export in the folder.")
]
NoManifest = Annotated[
    bool, _option(WRITING, "--no-manifest", help="Write no manifest beside a file.")
]
FromManifest = Annotated[
    str | None,
    _option(
        WRITING,
        "--from-manifest",
        metavar="FILE|NAME",
        help="Make an export again: the same bytes, or it says what has changed since.",
    ),
]
DryRun = Annotated[
    bool,
    _option(WRITING, "--dry-run", help="Say what it would have, and what not; write nothing."),
]
Quiet = Annotated[bool, _option(WRITING, "--quiet", "-q", help="Do not say what was done.")]
