"""What `corrigenda export` says: how far it is, what it chose and why, what it wrote."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from corrigenda.cli.text import amount, columns, plain

if TYPE_CHECKING:
    from corrigenda.errors import ExportChanged
    from corrigenda.workbench.curating.report import ExportReport

_SHOWN = 5
"""Examples of each reason, and changed rows, that are named."""

_LINE = 200

STAGES = {
    "all": "all",
    "approved": "approved",
    "chosen": "after the filter",
    "allowed": "not held out or back",
    "valid": "valid",
    "unique": "without duplicates",
    "balanced": "within the caps",
    "with_passes": "with passes",
    "split": "in a split",
}
"""What the steps of the funnel are called."""


def tell(report: "ExportReport", place: str | None) -> None:
    """Say on standard error what an export has, what it left out, and where it is."""
    _funnel(report.stages)
    if report.left_out:
        said = ", ".join(f"{_reason(name)} {n}" for name, n in report.left_out.items())
        _say(f"Left out {sum(report.left_out.values())}: {said}.")
    _warn(report.warnings)
    _contaminated(report.contaminated)
    if report.remade:
        _say(plain(report.remade))
    to = f" to `{plain(place)}`" if place else ""
    name = f" as the export `{plain(report.name)}`" if report.name else ""
    _say(f"Wrote {amount(report.rows, 'row')}{to}{name}.")
    if report.name or len(report.files) > 1:
        files = [(f["name"], amount(f["rows"], "row"), _size(f["bytes"])) for f in report.files]
        for line in columns(files, right=[1, 2]):
            _say(f"  {line}")


def show(seen: Mapping[str, Any]) -> None:
    """Say what an export would have; nothing was written."""
    _funnel(seen["stages"])
    for each in seen["left_out"]:
        _say(f"Left out: {_reason(each['reason'])} {each['n']}")
        for one in each["examples"][:_SHOWN]:
            _say(f"  {plain(one['id'], 60)}: {plain(one['detail'], _LINE)}")
        if each["n"] > _SHOWN:
            _say(f"  and {each['n'] - _SHOWN} more")
    if torn := seen["conflicts"]["n"]:
        _say(f"Different corrections of one prompt: {torn}")
        for ids in seen["conflicts"]["examples"][:_SHOWN]:
            _say("  " + ", ".join(f"`{plain(each, 60)}`" for each in ids[:_SHOWN]))
    for name, counts in seen["counts"].items():
        found = {key: n for key, n in counts.items() if key}
        if found and list(found) != ["all"]:
            _say(f"By {name}: " + ", ".join(f"{plain(key, 60)} {n}" for key, n in found.items()))
    lengths = seen["lengths"]
    if lengths["max"] is not None:
        by = f" of `{plain(lengths['tokenizer'])}`" if lengths["tokenizer"] else ""
        _say(
            f"Lengths in {lengths['unit']}{by}: median {lengths['median']}, 95 % up to "
            f"{lengths['p95']}, at most {lengths['max']}."
        )
    _warn(seen["warnings"])
    rows = seen["stages"][-1]["n"] if seen["stages"] else 0
    _say(f"Nothing was written; it would be {amount(rows, 'row')}.")


def show_changes(error: "ExportChanged") -> None:
    """Say which rows of an export are others by now."""
    for name in ("changed", "gone", "new", "other"):
        found = error.details.get(name)
        if isinstance(found, list):
            for each in found[:20]:
                text = each if isinstance(each, str) else _row(each)
                _say(f"  {name}: {plain(text, _LINE)}")
            if len(found) > 20:
                _say(f"  {name}: and {len(found) - 20} more")


def _row(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    why = entry.get("why") or entry.get("detail")
    return f"{entry.get('id')}: {why}" if why else str(entry.get("id"))


def _funnel(stages: Sequence[Mapping[str, Any]]) -> None:
    said = [f"{STAGES.get(each['name'], each['name'])} {each['n']}" for each in stages]
    if said:
        _say(" → ".join(said))


def _reason(name: str) -> str:
    return plain(name.replace("_", " "))


def _warn(warnings: Sequence[str]) -> None:
    for each in warnings:
        _say(f"Warning: {plain(each)}")


def _contaminated(found: Mapping[str, Any] | None) -> None:
    if found is not None:
        sets = ", ".join(f"`{plain(each)}`" for each in found["sets"])
        _say(f"Contaminated: {amount(found['rows'], 'row')} of protected benchmarks ({sets}).")


def _size(n: int) -> str:
    size = float(n)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _say(text: str) -> None:
    typer.echo(text, err=True)
