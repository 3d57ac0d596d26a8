"""Making an export again: the same bytes, or what has changed since.

The export is made in a temporary folder first. Only if its rows are those of the manifest, byte
for byte, is anything written where it was asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corrigenda.errors import ExportChanged, InvalidInput
from corrigenda.outputs import Folder, container_of
from corrigenda.store import Database, exports
from corrigenda.workbench.comparing import Entry, explained, key_of
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.describing import Facts
from corrigenda.workbench.curating.items import Origin
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.curating.plan import Plan
from corrigenda.workbench.curating.writing import write_folder

DETAILS = 1000
"""How many rows of each kind the details of a refusal name."""

_SAID = 3  # in its sentence
_FIELDS = ("line", "id", "origin", "revision", "row_sha256", "split")


def container_of_export(exported: Exported) -> str:
    """The container of the files of an export.

    Raises:
        InvalidInput: The manifest names none that this program writes.
    """
    for file in exported.manifest["files"]:
        if (found := container_of(file["name"])) is not None:
            return found
    raise InvalidInput(
        f"The manifest `{exported.name}` does not say in which container its rows were written."
    )


def check(database: Database, old: Exported, plan: Plan, facts: Facts, container: str) -> None:
    """Refuse to make an export again that would not be what it was.

    Raises:
        ExportChanged: It would not; the details say which decisions changed, and which rows are
            gone or new.
        InvalidInput: The list of rows was changed.
    """
    with TemporaryDirectory(prefix="corrigenda-") as scratch:
        write_folder(plan, Folder(Path(scratch)), facts, container=container)
        new = manifests.read(Path(scratch))
        others = surroundings(old.manifest, new.manifest)
        if old.rows is None:
            if not same_bytes(old.manifest, new.manifest):
                raise ExportChanged(
                    _sentence(
                        "its rows are others by now, and its list of rows, from which one could "
                        "tell which, is not beside the manifest",
                        others,
                    ),
                    other=others,
                )
            return
        if not _same_rows(old, new):
            raise _changed(database, old, new, plan, others)
        if not same_bytes(old.manifest, new.manifest):
            others.append(
                "Its rows are the same, but packed into other bytes by another version of a "
                "library."
            )
            raise ExportChanged(_sentence("the files have other bytes", others), other=others)


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """How an export that was made again compares with the first one, in a sentence."""
    n = sum(file["rows"] for file in new["files"])
    different = [
        name for name in new if name not in ("files", "rows", "beside") and old[name] != new[name]
    ]
    lists = {file["sha256"] for file in old["beside"]} == {file["sha256"] for file in new["beside"]}
    if not different and lists:
        return f"All {n} rows and what is said of them have the same bytes as before."
    said = f" ({', '.join(f'`{name}`' for name in different)})" if different else ""
    return (
        f"All {n} rows have the same bytes as before; what is said beside them is not the same"
        f"{said}."
    )


def same_bytes(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the files of rows are byte for byte the same, whatever they are called."""
    hashes = [
        sorted((file["split"], file["sha256"]) for file in manifest["files"])
        for manifest in (old, new)
    ]
    return hashes[0] == hashes[1]


def surroundings(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What is not as it was, beside the decisions: a sentence each."""
    found = []
    if old["tool"] != new["tool"]:
        found.append(
            f"It was made by version {old['tool'].get('version')} of this program, and this is "
            f"{new['tool']['version']}."
        )
    if old["tokenizer"] != new["tokenizer"]:
        was, now = (each["tokenizer"] and each["tokenizer"].get("name") for each in (old, new))
        found.append(
            f"Lengths were measured by {_named(was)}, and now by {_named(now)}"
            f"{' with other files' if was == now else ''}."
        )
    if old["protected"] != new["protected"]:
        was, now = (
            ", ".join(f"`{each['name']}` ({each['prompts']} prompts)" for each in m["protected"])
            for m in (old, new)
        )
        found.append(f"Protected were {was or 'no benchmarks'}, and now {now or 'none'} are.")
    return found


def _named(tokenizer: str | None) -> str:
    return f"the tokenizer `{tokenizer}`" if tokenizer else "characters"


def _same_rows(old: Exported, new: Exported) -> bool:
    return all(
        a is not None and b is not None and all(a.get(name) == b[name] for name in _FIELDS)
        for a, b in zip_longest(old.entries(), new.entries())
    )


def _changed(
    database: Database, old: Exported, new: Exported, plan: Plan, others: list[str]
) -> ExportChanged:
    before = {key_of(entry): _mark(entry) for entry in old.entries()}
    changed: list[Entry] = []
    fresh: list[Entry] = []
    changed_n = fresh_n = 0
    kept: set[bytes] = set()
    for entry in new.entries():
        key = key_of(entry)
        was = before.get(key)
        if was is None:
            fresh_n += 1
            fresh += [entry] * (len(fresh) < DETAILS)
            continue
        kept.add(key)
        if was != _mark(entry):
            changed_n += 1
            changed += [entry] * (len(changed) < DETAILS)
    gone_n = len(before) - len(kept)
    shown = {key_of(entry) for entry in changed}
    then = [entry for entry in old.entries() if key_of(entry) in shown]
    gone = (entry for entry in old.entries() if key_of(entry) not in kept)
    details: dict[str, Any] = {
        "changed": _explained(database, then),
        "changed_n": changed_n,
        "gone": _explained(database, list(islice(gone, DETAILS)), _reasons(plan)),
        "gone_n": gone_n,
        "new": _explained(database, fresh, new=True),
        "new_n": fresh_n,
        "other": others,
    }
    return ExportChanged(_sentence(_counted(details), others), **details)


def _mark(entry: Entry) -> bytes:
    return bytes.fromhex(entry["row_sha256"])[:16] + int(entry["revision"]).to_bytes(8, "big")


def _counted(details: Mapping[str, Any]) -> str:
    parts = [
        f"{n} {words if n > 1 else word}"
        for kind, word, words in (
            ("changed", "row has another decision", "rows have another decision"),
            ("gone", "row is gone", "rows are gone"),
            ("new", "row is new", "rows are new"),
        )
        if (n := details[f"{kind}_n"])
    ]
    if not parts:
        return "the same rows stand in another order or in other splits"
    first = [*details["changed"], *details["gone"], *details["new"]][:_SAID]
    said = "; ".join(f"`{each['id']}`: {each['why'].rstrip('.')}" for each in first)
    return f"{', '.join(parts)} ({said}{'; …' if _more(details) else ''})"


def _more(details: Mapping[str, Any]) -> bool:
    numbers: list[int] = [details[f"{kind}_n"] for kind in ("changed", "gone", "new")]
    return sum(numbers) > _SAID


def _sentence(what: str, others: list[str]) -> str:
    return " ".join([f"This export cannot be made again as it was: {what}.", *others])


def _reasons(plan: Plan) -> Callable[[str], str | None]:
    reasons = {each.id: each.detail for each in plan.findings.left_out}
    return reasons.get


def _explained(
    database: Database,
    entries: Sequence[Entry],
    reason: Callable[[str], str | None] = lambda _: None,
    *,
    new: bool = False,
) -> list[dict[str, Any]]:
    """Rows with their revisions then and now, and what made them so.

    Args:
        database: Whose history tells.
        entries: Lines of a list of rows.
        reason: Why a candidate is left out by now, if the plan says so.
        new: Whether the lines are of the new list.
    """
    ids = [entry["id"] for entry in entries if entry["origin"] != Origin.PASS]
    with database.reading() as connection:
        there = exports.standings(connection, ids)
    passes = [entry for entry in entries if entry["origin"] == Origin.PASS]
    found = explained(
        database,
        (
            {"entry": {**entry, "revision": None} if new else entry, "now": there.get(entry["id"])}
            for entry in entries
            if entry["origin"] != Origin.PASS
        ),
        reason,
    )
    drawn = "It is drawn among the passes by now." if new else "Other passes are drawn by now."
    return [
        *found,
        *({"id": entry["id"], "was": None, "now": None, "why": drawn} for entry in passes),
    ]
