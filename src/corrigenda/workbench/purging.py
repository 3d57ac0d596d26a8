"""Purging: a candidate, a pass or a whole run is removed for good, and stays away.

    database     the record, the words to search by, decisions, tags, notes, claims, lots' lists
    files        its lines in both JSONL files, and in the copies that are kept of them
    left         a tombstone of hashes, by which it is known if it comes again

Snapshots and backups are never changed; those that still hold it are named. What was cut short is
brought to its end by purging the same again.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corrigenda.clock import now
from corrigenda.core.candidate import storable
from corrigenda.errors import NotFound, UnknownCandidate, WorkspaceInUse, shorten
from corrigenda.mirror import Mirror
from corrigenda.store import (
    Database,
    exports,
    kept_backups,
    purging,
    removal,
    search_writing,
    sweeping,
)
from corrigenda.workbench import uploads
from corrigenda.workbench.snapshots import FOLDER, holding

CHUNK = 200
"""Samples of one transaction: others who write wait for one chunk at most."""

Progress = Callable[[int, int], object]
"""Called with (samples removed, samples in all)."""


@dataclass(frozen=True)
class Target:
    """What is to be removed: places of arrival, newest first.

    `again` are ids and runs that were purged before: of them only what a crash may have left in
    the files is removed.
    """

    candidates: tuple[int, ...] = ()
    passes: tuple[int, ...] = ()
    runs: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


@dataclass
class PurgeReport:
    """What was removed, and what still holds it."""

    candidates: int = 0
    passes: int = 0
    decisions: int = 0
    runs: int = 0
    lines: int = 0
    snapshots: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def find(database: Database, ids: Sequence[str], runs: Sequence[str]) -> Target:
    """Find what is to be removed; nothing is changed.

    Raises:
        UnknownCandidate, NotFound: There is none of this name, and none was purged.
    """
    candidates: set[int] = set()
    passes: set[int] = set()
    again: list[str] = []
    with database.reading() as connection:
        found = removal.of_ids(connection, [each for each in ids if storable(each)])
        for name in ids:
            if name in found:
                seq, kind = found[name]
                (candidates if kind == purging.CANDIDATE else passes).add(seq)
            elif not storable(name):
                raise UnknownCandidate(ascii(name))
            elif _purged_before(connection, name):
                again.append(name)
            else:
                raise UnknownCandidate(name)
        for run_id in runs:
            if not storable(run_id):
                raise NotFound(f"Nothing here is of a run {run_id!a}.")
            mine, good = removal.of_run(connection, run_id)
            if not mine and not good and not removal.known_run(connection, run_id):
                raise NotFound(f"Nothing here is of a run `{shorten(run_id)}`.")
            candidates.update(mine)
            passes.update(good)
    return Target(
        tuple(sorted(candidates, reverse=True)),
        tuple(sorted(passes, reverse=True)),
        tuple(dict.fromkeys(runs)),
        tuple(again),
    )


def holders(database: Database, directory: Path, target: Target) -> tuple[list[str], list[str]]:
    """The names of the snapshots and the places of the backups that hold what is to be removed."""
    with database.reading() as connection:
        ids = {
            name
            for part in _parts(target.candidates)
            for name in removal.ids_of(connection, part, purging.CANDIDATE)
        }
        made = exports.newest(connection)
        backups = [
            _said(backup)
            for backup in kept_backups.holding(
                connection, min(target.candidates, default=None), min(target.passes, default=None)
            )
        ]
    backups += sorted(map(str, directory.glob("*.before-*")))
    snapshots = [
        export.name
        for export in made
        if holding(directory / FOLDER / export.name, ids, passes=bool(target.passes))
    ]
    return snapshots, backups


def purge(
    database: Database,
    mirror: Mirror | None,
    directory: Path,
    target: Target,
    *,
    by: str,
    vacuum: bool = True,
    progress: Progress | None = None,
) -> PurgeReport:
    """Remove it.

    Args:
        database: The workspace's database.
        mirror: Its files, if it has any.
        directory: Where they are.
        target: What `find` has found.
        by: Who wants it.
        vacuum: Write the whole database file anew, too, so that it has nothing left of it.
        progress: Called after each chunk.

    Raises:
        WorkspaceInUse: Another process keeps the files.
        StorageError: Disk or database refuse; purging the same again goes on where this ended.
    """
    if mirror is not None and not mirror.owner:
        raise WorkspaceInUse(
            f"Another process (a server, or an import) has the workspace `{directory}` open; "
            "stop it first, so that nothing writes what is being removed."
        )
    report = PurgeReport(len(target.candidates), len(target.passes), runs=len(target.runs))
    report.snapshots, report.backups = holders(database, directory, target)
    at, total = now(), len(target.candidates) + len(target.passes)
    done = 0

    def step(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, total)

    with sweeping.overwriting(database):
        # First, so that nothing more of a run comes in meanwhile.
        for run_id in target.runs:
            database.write(lambda c, r=run_id: removal.remove_run(c, r, total, by=by, at=at))  # type: ignore[misc]
        for part in _parts(target.candidates):
            report.decisions += database.write(
                lambda c, p=part: removal.remove_candidates(c, p, by=by, at=at)  # type: ignore[misc]
            )
            step(len(part))
        for part in _parts(target.passes):
            database.write(lambda c, p=part: removal.remove_passes(c, p, by=by, at=at))  # type: ignore[misc]
            step(len(part))
        database.write(removal.tidy)
        search_writing.sweep(database)  # what a program that was killed has left of the index
        if mirror is not None:
            report.lines = mirror.scrub()
    if not sweeping.sweep(database, vacuum=vacuum):
        report.remarks.append(_remark(database, vacuum=vacuum))
    if (directory / uploads.FOLDER).is_dir() and any((directory / uploads.FOLDER).iterdir()):
        report.remarks.append("Uploaded files wait to be imported, and may hold it; see to them.")
    return report


def _purged_before(connection: Any, name: str) -> bool:
    kinds = (purging.CANDIDATE, purging.PASS)
    return any(purging.purged(connection, [name], kind) for kind in kinds)


def _remark(database: Database, *, vacuum: bool) -> str:
    if vacuum:
        return (
            "Another program was reading the database, so that its log of writes still holds what "
            "was removed, until that program ends."
        )
    if database.dialect == "sqlite":
        return "Free places in the database file may hold earlier versions of what was removed."
    return "PostgreSQL frees the places of what was removed when it vacuums next."


def _said(backup: kept_backups.Backup) -> str:
    where = "" if backup.host == kept_backups.here() else f" on {backup.host}"
    return f"{backup.path}{where}"


def _parts(seqs: Sequence[int]) -> Iterable[Sequence[int]]:
    return (seqs[start : start + CHUNK] for start in range(0, len(seqs), CHUNK))
