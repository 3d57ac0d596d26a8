"""Purging: a candidate, a pass or a whole run is removed for good, and stays away.

    database     the record, the words to search by, decisions, tags, notes, claims, lots' lists
    files        its lines in both JSONL files, and in the copies that are kept of them
    left         a tombstone of hashes, by which it is known if it comes again

Snapshots and backups are never changed; those that still hold it are named. What was cut short is
brought to its end by purging the same again.
"""

import glob
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corrigenda.clock import now
from corrigenda.core.candidate import storable
from corrigenda.errors import CorrigendaError, UnknownCandidate, UnknownRun, WorkspaceInUse
from corrigenda.mirror import Mirror
from corrigenda.mirror.scrubbing import files_of
from corrigenda.store import (
    Database,
    exports,
    kept_backups,
    purging,
    removal,
    search_writing,
    sweeping,
)
from corrigenda.workbench import snapshots, uploads
from corrigenda.workbench.opening import DATABASE_NAME
from corrigenda.workbench.recovery import KEPT

CHUNK = 200
"""Samples of one transaction: others who write wait for one chunk at most."""

Progress = Callable[[int, int], object]
"""Called with (samples removed, samples in all)."""


@dataclass(frozen=True)
class Target:
    """What is to be removed: places of arrival, newest first.

    Of what was purged before nothing is here, and only what a crash may have left in the files
    is removed.
    """

    candidates: tuple[int, ...] = ()
    passes: tuple[int, ...] = ()
    runs: tuple[str, ...] = ()


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
        UnknownCandidate, UnknownRun: There is none of this name, and none was purged.
    """
    seqs: dict[str, set[int]] = {purging.CANDIDATE: set(), purging.PASS: set()}
    names = [each for each in ids if storable(each)]
    known: set[str] = set()
    with database.reading() as connection:
        for kind in seqs:
            found = removal.of_ids(connection, names, kind)
            seqs[kind].update(found.values())
            known |= found.keys() | purging.purged(connection, names, kind)
        for name in ids:
            if name not in known:
                raise UnknownCandidate(name)
        for run_id in runs:
            there = removal.of_run(connection, run_id) if storable(run_id) else None
            if there is None:
                raise UnknownRun(run_id, "in this workspace")
            for kind, members in zip(seqs, there, strict=True):
                seqs[kind].update(members)
    mine, good = (tuple(sorted(each, reverse=True)) for each in seqs.values())
    return Target(mine, good, tuple(dict.fromkeys(runs)))


def _name_holders(database: Database, directory: Path, target: Target, report: PurgeReport) -> None:
    """Name the snapshots, backups and what was kept aside that hold what is to be removed."""
    with database.reading() as connection:
        ids, passes = (
            {name for part in _parts(seqs) for name in removal.ids_of(connection, part, kind)}
            for seqs, kind in (
                (target.candidates, purging.CANDIDATE),
                (target.passes, purging.PASS),
            )
        )
        if not ids and not passes:
            return
        made = exports.newest(connection)
        report.backups = [
            _said(backup)
            for backup in kept_backups.holding(
                connection, min(target.candidates, default=None), min(target.passes, default=None)
            )
        ]
    report.backups += map(str, _kept_aside(directory, ids, passes))
    for export in made:
        try:
            if not snapshots.holding(directory, export, ids, passes=bool(passes)):
                continue
        except CorrigendaError as error:
            report.remarks.append(
                f"The export `{export.name}` counts as one that holds it, since that cannot be "
                f"told: {error.message}"
            )
        report.snapshots.append(export.name)


def _kept_aside(directory: Path, ids: Set[str], passes: Set[str]) -> Iterator[Path]:
    """Copies made before an upgrade, and workspaces that a restore has put aside."""
    for copy in sorted(directory.glob("*.before-*")):
        if kept_backups.has(copy, ids, passes):
            yield copy
    place = directory.absolute()
    for folder in sorted(place.parent.glob(f"{glob.escape(place.name)}{KEPT}*")):
        file = folder / DATABASE_NAME
        if kept_backups.has(file, ids, passes) if file.exists() else files_of(folder):
            yield folder


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
    _name_holders(database, directory, target, report)
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
            database.write(lambda c, r=run_id: removal.remove_run(c, r, by=by, at=at))  # type: ignore[misc]
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
