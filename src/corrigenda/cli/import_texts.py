"""What `corrigenda import` says: how far it is, what a file holds, what was done."""

from typing import TYPE_CHECKING, Any

import typer

from corrigenda.cli.text import amount, columns, plain

if TYPE_CHECKING:
    from corrigenda.workbench import ImportReport

_SHOWN = 20
_OURS = "Corrigenda's own lines"  # what needs no word
_TEXT = 400


def tell(report: "ImportReport", *, refused: bool, json: bool) -> None:
    """Say what an import did; with `json` for programs."""
    for problem in report.problems[:_SHOWN]:
        typer.echo(plain(problem), err=True)
    if report.malformed > _SHOWN:
        typer.echo(f"... and {report.malformed - _SHOWN} more", err=True)
    for title, why in report.formats.items():
        if title != _OURS:
            typer.echo(f"Read as {plain(title)}, since {plain(why)}.", err=True)
    for remark in report.remarks[:_SHOWN]:
        typer.echo(f"Note: {plain(remark)}", err=True)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(report.as_dict()))
    elif report.imported or report.skipped or report.passes or not refused:
        _summarise(report)


def show_look(path: str, seen: dict[str, Any], *, json: bool) -> None:
    """Say what a file holds, and show the first candidates."""
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps({"path": path, **seen}))
        return
    typer.echo(
        f"{plain(path)}: {plain(seen['title'])} ({seen['source']}), since {plain(seen['why'])}"
    )
    if seen["mapping"]:
        said = ", ".join(f"{field} = {column}" for field, column in seen["mapping"].items())
        typer.echo(f"  Columns: {plain(said)}")
    if seen["message"]:
        typer.echo(f"  {plain(seen['message'])}")
    if seen["columns"] and not {"prompt", "messages"} & set(seen["mapping"] or {}):
        typer.echo("  Name them with `--map prompt=COLUMN --map response=COLUMN`.")
    head = ("run", "format", "failures", "passes", "errors", "unscored", "unusable", "")
    rows = [
        (
            plain(run["run_id"], 60),
            run["source"],
            run["candidate_count"],
            run["passes"],
            run["errors"],
            run["unscored"],
            run["malformed"],
            "imported already" if run["already_imported"] else "",
        )
        for run in seen["runs"]
    ]
    for line in columns([head, *rows], right=[2, 3, 4, 5, 6]):
        typer.echo(f"  {line}")
    if not seen["complete"]:
        typer.echo("  Only the beginning was counted.")
    for problem in seen["problems"]:
        unit = f" {problem['unit']} " if "unit" in problem else ""
        where = f"{problem['file']}:{unit}{problem['line']}"
        typer.echo(f"  {plain(where)}: {plain(problem['reason'])}", err=True)
    for record in seen["sample"]:
        _show_record(record)


def _show_record(record: dict[str, Any]) -> None:
    prompt = (record.get("prompt_messages") or [{}])[-1].get("content")
    said = {
        "prompt": _prompt_text(prompt),
        "response": record.get("model_response"),
        "expected": record.get("reference_answer"),
        "reason": record.get("failure_reason"),
    }
    typer.echo(f"\n  {plain(record['id'], 100)}")
    for name, text in said.items():
        if text:
            typer.echo(f"    {name}: {plain(text, 2 * _TEXT if name == 'prompt' else _TEXT)}")


def _prompt_text(content: object) -> str:
    """A prompt on one line; of a long one beginning and end, since its question stands there."""
    if isinstance(content, list):
        parts = [part if isinstance(part, dict) else {"text": part} for part in content]
        content = " ".join(str(part.get("text") or f"[{part.get('type')}]") for part in parts)
    text = str(content or "")
    half = _TEXT // 2 - 2
    return text if len(text) <= _TEXT else f"{text[:half]} … {text[-half:]}"


def _summarise(report: "ImportReport") -> None:
    was = "was" if report.skipped == 1 else "were"
    there = f"; {report.skipped} {was} there already" if report.skipped else ""
    right = f" and {amount(report.passes, 'pass', 'passes')}" if report.passes else ""
    typer.echo(f"Imported {amount(report.imported, 'candidate')}{right}{there}.")
    if report.held_out:
        typer.echo(f"Held out of training: {amount(report.held_out, 'candidate')}.")
    left_out = {
        "where the provider or the harness failed (--include-errors)": report.errors,
        "that nothing has judged (--include-unscored)": report.unscored,
        "removed by `purge` (--allow-purged)": report.purged,
    }
    for what, number in left_out.items():
        if number:
            typer.echo(f"Left out {amount(number, 'sample')} {what}.")
    if report.malformed:
        typer.echo(f"Left out {amount(report.malformed, 'line')} that cannot be used.")
    if report.renamed:
        typer.echo(
            f"Renamed {len(report.renamed)} to `run:id`, because another run has that id already."
        )
    if report.changed:
        typer.echo(
            f"Kept {amount(len(report.changed), 'candidate')} as stored, although the file "
            "now says otherwise."
        )
    if report.stopped:
        typer.echo("Stopped; the same command goes on from here.")
