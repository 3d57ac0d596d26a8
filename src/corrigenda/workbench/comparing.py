"""Comparing exports: with one another, and with what was decided since.

Rows are compared by the hashes in the lists beside the manifests, never by their texts. For each
row of one list 32 bytes of hashes are kept, and of the other list nothing: a million rows take
about 150 MB.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from corrigenda.core.decisions import Status
from corrigenda.core.parts import in_parts
from corrigenda.core.recipe import Recipe
from corrigenda.store import Database, exports
from corrigenda.store.exports import LastDecision, Standing
from corrigenda.workbench.curating.items import Origin
from corrigenda.workbench.curating.manifest import Exported

Entry = Mapping[str, Any]
"""A line of the list of rows of an export."""

DIFFERENT = 50
"""How many ids of each kind a comparison shows."""

CHANGED = 200
"""How many rows that were decided since are shown."""

_BATCH = 500


@dataclass
class Difference:
    """How the rows of two exports differ: how many, and the first ids of each kind."""

    same: int = 0
    changed: int = 0
    only_a: int = 0
    only_b: int = 0
    examples: dict[str, list[str]] = field(
        default_factory=lambda: {"changed": [], "only_a": [], "only_b": []}
    )


def differences(a: Exported, b: Exported, *, shown: int = DIFFERENT) -> dict[str, Any]:
    """Compare two exports.

    A row is the same if what was written of it is, in whichever file and line it stands.

    Raises:
        InvalidInput: A list of rows is missing, or was changed.

    Example:
        {"same": 298, "changed": 2, "only_a": 1, "only_b": 9,
         "recipe": [{"key": "seed", "a": null, "b": 7}],
         "examples": {"changed": ["a1", "a7"], "only_a": ["b3"], "only_b": ["c1", …]}}
    """
    found = _compare(a, b, shown)
    return {
        "same": found.same,
        "changed": found.changed,
        "only_a": found.only_a,
        "only_b": found.only_b,
        "recipe": _recipes(a.manifest["recipe"], b.manifest["recipe"]),
        "examples": found.examples,
    }


def _compare(a: Exported, b: Exported, shown: int) -> Difference:
    before = {key_of(entry): bytes.fromhex(entry["row_sha256"])[:16] for entry in a.entries()}
    found = Difference()

    def note(kind: str, entry: Entry) -> None:
        if len(found.examples[kind]) < shown:
            found.examples[kind].append(entry["id"])

    for entry in b.entries():
        was = before.pop(key_of(entry), None)
        if was is None:
            found.only_b += 1
            note("only_b", entry)
        elif was == bytes.fromhex(entry["row_sha256"])[:16]:
            found.same += 1
        else:
            found.changed += 1
            note("changed", entry)
    found.only_a = len(before)
    if before:
        left = (entry for entry in a.entries() if key_of(entry) in before)
        for entry in islice(left, shown):
            note("only_a", entry)
    return found


def key_of(entry: Entry) -> bytes:
    """What a row is compared by: a hash of its id and origin."""
    text = f"{entry['origin']}\0{entry['id']}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


def _recipes(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = [*a, *(key for key in b if key not in a)]
    return [
        {"key": key, "a": a.get(key), "b": b.get(key)} for key in keys if a.get(key) != b.get(key)
    ]


def changes(database: Database, exported: Exported, *, shown: int = CHANGED) -> dict[str, Any]:
    """What was decided since an export was made.

    Whether a row is as it was follows from its candidate's revision; what `left_out` names is
    not new.

    Raises:
        InvalidInput: The list of rows is missing, or was changed.

    Example:
        {"same": 297, "changed": [{"id": "a1", "was": 1, "now": 2,
         "why": "`amend` by `kim` at 2026-11-23T10:00:00.000000Z"}], "changed_n": 1, "new_n": 12}
    """
    recipe = exported.recipe
    trained = recipe.format != "candidates"
    known, same, changed_n = array("q"), 0, 0
    changed: list[dict[str, Any]] = []
    for entries in in_parts(exported.entries(), _BATCH):
        there = _standings(database, entries)
        for entry in entries:
            now = there.get(entry["id"])
            if entry["origin"] == Origin.PASS or _as_it_was(entry, now, trained):
                same += 1
            else:
                changed_n += 1
                if len(changed) < shown:
                    changed.append({"entry": entry, "now": now})
        known.extend(each.seq for each in there.values())
    for ids in in_parts(exported.left_out_ids(), _BATCH):
        with database.reading() as connection:
            known.extend(each.seq for each in exports.standings(connection, ids).values())
    return {
        "same": same,
        "changed": explained(database, changed),
        "changed_n": changed_n,
        "new_n": _count_new(database, recipe, known, trained),
    }


def explained(
    database: Database,
    changed: Iterable[Mapping[str, Any]],
    reason: Callable[[str], str | None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Rows that are not as they were, each with the decision that made them so.

    Args:
        database: Whose history tells.
        changed: `entry` is a row as it was exported, `now` where its candidate stands.
        reason: Why a candidate would be left out, where its decision is still the same.
    """
    items = list(changed)
    last: dict[int, LastDecision] = {}
    for part in in_parts((each["now"].seq for each in items if each["now"]), _BATCH):
        with database.reading() as connection:
            last |= exports.last_decisions(connection, part)
    found = []
    for each in items:
        entry, now = each["entry"], each["now"]
        found.append(
            {
                "id": entry["id"],
                "was": entry["revision"],
                "now": now.revision if now else None,
                "why": _why(entry, now, last.get(now.seq) if now else None, reason),
            }
        )
    return found


def _why(
    entry: Entry,
    now: Standing | None,
    last: LastDecision | None,
    reason: Callable[[str], str | None],
) -> str:
    if now is None:
        return "There is no such candidate any more."
    if now.revision != entry["revision"] and last is not None:
        return f"`{last.action}` by `{last.reviewer}` at {last.at}"
    if (said := reason(entry["id"])) is not None:
        return said
    if not now.exportable:
        return "It is kept out of training by now."
    return "Its record is not as it was."


def _as_it_was(entry: Entry, now: Standing | None, trained: bool) -> bool:
    return now is not None and now.revision == entry["revision"] and (now.exportable or not trained)


def _standings(database: Database, entries: Iterable[Entry]) -> dict[str, Standing]:
    ids = list({entry["id"] for entry in entries if entry["origin"] != Origin.PASS})
    with database.reading() as connection:
        return exports.standings(connection, ids)


def _count_new(database: Database, recipe: Recipe, known: "array[int]", trained: bool) -> int:
    """How many candidates the filter finds by now that are not at these places of arrival."""
    selection = recipe.selection
    if trained:
        selection = replace(selection, statuses=(Status.APPROVED,))
    seen = iter(sorted(set(known)))
    at, after, new = next(seen, None), 0, 0
    while True:
        with database.reading() as connection:
            seqs = exports.selected_seqs(
                connection, selection, after=after, limit=10_000, only_exportable=trained
            )
        if not seqs:
            return new
        after = seqs[-1]
        for seq in seqs:
            while at is not None and at < seq:
                at = next(seen, None)
            new += at != seq
