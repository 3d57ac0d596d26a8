"""The doctor: does everything that is kept twice agree? Nothing is changed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from corrigenda.errors import StorageError
from corrigenda.mirror import Mirror
from corrigenda.store import Database, counts, places, search
from corrigenda.store.migrations import HEAD

_LOW_DISK = 500_000_000
_NO_DISK = 50_000_000


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    ok: bool
    message: str


def check(database: Database, mirror: Mirror | None, directory: Path) -> list[Finding]:
    """Check database, schema version, counts, orders, search, files and disk space."""
    findings = [look(database) for look in (_integrity, _schema, _counts, _orders, _search)]
    if mirror is not None:
        findings += [Finding("files", ok, message) for ok, message in mirror.check()]
    place = Path(database.url.database or "") if database.dialect == "sqlite" else directory
    return [*findings, *_disk(place.parent if place.is_file() else place)]


def ready(database: Database, mirror: Mirror | None, directory: Path) -> list[Finding]:
    """Check, at once, whether requests can be served; what is said names no place.

    The database must answer, the JSONL files be ours, and the disk have room.
    """
    try:
        answers = database.version() == HEAD
    except StorageError:
        answers = False
    said = "answers" if answers else "does not answer"
    findings = [Finding("database", answers, f"the database {said}")]
    if mirror is not None:
        said = "are kept by this process" if mirror.owner else "are kept by another process"
        findings.append(Finding("files", mirror.owner, f"the workspace's files {said}"))
    if directory.is_dir():
        room = shutil.disk_usage(directory).free > _NO_DISK
        said = "has room" if room else "is full"
        findings.append(Finding("disk", room, f"the disk {said}"))
    return findings


def _integrity(database: Database) -> Finding:
    with database.reading() as connection:
        broken = database.integrity(connection)
    return Finding("database", not broken, "; ".join(broken) or f"{database.place} is sound")


def _schema(database: Database) -> Finding:
    found = database.version()
    return Finding("schema", found == HEAD, f"version {found}; this program works with {HEAD}")


def _counts(database: Database) -> Finding:
    with database.reading() as connection:
        kept, fresh = counts.read(connection), counts.fresh(connection)
    wrong = sorted(key for key in kept.keys() | fresh.keys() if kept[key] != fresh[key])
    if not wrong:
        total = sum(n for (dimension, _, _, _), n in fresh.items() if dimension == counts.TOTAL)
        return Finding("counts", True, f"agree with a fresh count of {total} candidates")
    named = ", ".join(
        f"{' '.join(filter(None, k))}: {kept[k]} kept, {fresh[k]} counted" for k in wrong[:3]
    )
    return Finding("counts", False, f"{len(wrong)} differ from a fresh count ({named})")


def _orders(database: Database) -> Finding:
    with database.reading() as connection:
        wrong = places.wrong(connection)
    if not wrong:
        return Finding("orders", True, "agree with a fresh computation")
    return Finding("orders", False, f"{wrong} candidates stand in the wrong place of an order")


def _search(database: Database) -> Finding:
    """That the index of words is behind is told, and is nothing wrong: it follows by itself."""
    with database.reading() as connection:
        progress = search.progress(connection)
    said = f"finds all of {progress.total} candidates"
    if progress.behind:
        said = f"does not find {progress.behind} of {progress.total} candidates yet; it will"
    return Finding("search", True, said)


def _disk(directory: Path) -> list[Finding]:
    """Nothing is written to a directory that is not there, as beside a PostgreSQL database."""
    if not directory.is_dir():
        return []
    free = shutil.disk_usage(directory).free
    return [Finding("disk", free > _LOW_DISK, f"{free / 1e9:.1f} GB free")]
