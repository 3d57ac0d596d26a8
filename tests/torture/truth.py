"""Whether everything that a stopped workspace keeps says the same."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from corrigenda.workbench import Workspace
from tests.torture.ledger import Ledger

CANDIDATES, APPROVED = "sft_candidates.jsonl", "sft_approved.jsonl"
_REVIEW = ("corrected_response", "failure_category", "corrected_parts")
_BESIDE_THE_POINT = ("disk", "search")
"""Checks of the doctor that tell of the machine, or of work that goes on in the background."""


def wrong_with(workspace: Workspace, ledger: Ledger, imported: Iterable[str] = ()) -> list[str]:
    """Everything that is wrong: promises, candidates that are gone, counts, files.

    Args:
        workspace: Opened without its files being kept, after the server has ended well.
        ledger: What was asked of the server.
        imported: The ids of the candidates that were acknowledged or written into the file.
    """
    now = {record["id"]: record for record in workspace.candidates()}
    wrong = [f"LOST: candidate `{name}` is gone" for name in imported if name not in now]
    histories = {name: workspace.history(name) for name in now}
    wrong += ledger.wrong(histories)
    wrong += [
        f"`{name}` is {_review(now[name])}, its history leads to {_led_to(entries)}"
        for name, entries in histories.items()
        if entries and _led_to(entries) != _review(now[name])[: len(_led_to(entries))]
    ]
    wrong += unsound(workspace)
    if workspace.mirror is not None:
        wrong += disagreeing(workspace.directory, now)
    return wrong


def unsound(workspace: Workspace) -> list[str]:
    """What the doctor finds."""
    findings = [f for f in workspace.check() if f.check not in _BESIDE_THE_POINT]
    return [f"doctor: {found.check}: {found.message}" for found in findings if not found.ok]


def disagreeing(directory: Path, now: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Where the two files say otherwise than the database; a line that is none is wrong."""
    try:
        lines = {line["id"]: line for line in _lines(directory / CANDIDATES)}
        approved = list(_lines(directory / APPROVED))
    except ValueError as error:
        return [f"a file is not whole: {error}"]
    wrong = [
        f"`{name}` is only in {CANDIDATES if name in lines else 'the database'}"
        for name in lines.keys() ^ now.keys()
    ]
    wrong += [
        f"`{name}` is {_review(now[name])!r:.200}, {CANDIDATES} says {_review(lines[name])!r:.200}"
        for name in lines.keys() & now.keys()
        if _review(lines[name]) != _review(now[name])
    ]
    said = sorted((line["id"], _review(line)) for line in approved)
    meant = sorted((n, _review(r)) for n, r in now.items() if r["status"] == "approved")
    if said != meant:
        different = [name for name, _ in said] + [name for name, _ in meant]
        odd = sorted({name for name in different if different.count(name) != 2})
        wrong.append(f"{APPROVED} differs from the database: {odd[:5] or 'in its texts'}")
    return wrong


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        yield from (json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip())


def _review(record: Mapping[str, Any]) -> list[Any]:
    return [record.get("status") or "needs_review", *(record.get(name) for name in _REVIEW)]


def _led_to(entries: list[dict[str, Any]]) -> list[Any]:
    """(status, correction) after these decisions, told by a few lines of its own."""
    status, text = "needs_review", None
    for entry in entries:
        status = entry["to_status"]
        if entry["action"] in ("correct", "amend"):
            text = entry["corrected_response"]
        elif entry["action"] != "categorise":
            text = None
    return [status, text]
