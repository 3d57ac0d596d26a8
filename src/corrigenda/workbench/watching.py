"""What changes in a workspace: two looks at its database, and the events between them.

It shows what any process does: another server on the same database, the command line, a file
that was edited.

    counts    {"total": 412, "by_status": {"needs_review": 300, …}}
    decided   {"ids": ["a1", …], "n": 3, "returned": ["b7"]}   100 ids at most; `returned` wait
    claimed   {"ids": ["c4", …], "reviewer": "kim"}
    released  {"ids": ["c4", …]}           given back, or the lease ran out
    imported  {"n": 250}                   so many candidates are new
    job       {"id": "…", "kind": "import", "state": "running", "done": 3, "total": 9, …}
    search    {"indexed": 900, "total": 1000}
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from corrigenda.core.decisions import Status
from corrigenda.store import (
    Database,
    Job,
    candidates,
    claims,
    counts,
    decisions,
    jobs,
    news,
    search,
)
from corrigenda.store.claims import Claim
from corrigenda.store.news import Decided

IDS = 100
"""Ids that one event names."""

_JOBS = 20
_WINDOW = 256
_HIDDEN = ("cancel_requested", "owner", "place")


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Look:
    """What a workspace is like at one moment, as far as it is told."""

    by_status: dict[str, int]
    newest: int
    last_decision: int
    claims: dict[int, Claim]
    names: dict[int, str]
    """The ids of the candidates that are claimed."""

    jobs: dict[str, Job]
    indexed: tuple[int, int]
    recent: frozenset[int]
    """The decisions that were seen last: on PostgreSQL an earlier one may appear after a later."""

    decided: tuple[Decided, ...]
    """Those since the look before, newest first."""

    @property
    def is_behind(self) -> bool:
        """Whether some candidates are not searchable yet."""
        return self.indexed[0] < self.indexed[1]

    @property
    def search(self) -> Event:
        """How far the search index is."""
        return Event("search", {"indexed": self.indexed[0], "total": self.indexed[1]})

    @property
    def counts(self) -> Event:
        """How many candidates there are."""
        by_status = {status.value: self.by_status.get(status.value, 0) for status in Status}
        return Event("counts", {"total": sum(by_status.values()), "by_status": by_status})


def look(database: Database, before: Look | None = None) -> Look:
    """Look at the database.

    Raises:
        StorageError: It refuses.
    """
    with database.reading() as connection:
        last = before.last_decision if before else decisions.last_seq(connection)
        found = news.decided(connection, after=last - _WINDOW, most=IDS + _WINDOW)
        held = claims.standing(connection)
        known = before.names if before else {}
        names = {seq: known[seq] for seq in held if seq in known}
        names |= claims.ids_of(connection, [seq for seq in held if seq not in names])
        by_status = counts.by_status(connection)
        progress = search.progress(connection, by_status.total())
        return Look(
            by_status=dict(by_status),
            newest=candidates.newest_seq(connection),
            last_decision=max(last, *(each.seq for each in found)) if found else last,
            claims=held,
            names=names,
            jobs=_jobs(connection, before),
            indexed=(progress.indexed, progress.total),
            recent=frozenset(each.seq for each in found),
            decided=tuple(e for e in found if before and e.seq not in before.recent),
        )


def _jobs(connection: Any, before: Look | None) -> dict[str, Job]:
    """The newest jobs, those that are not over, and those that were not over before."""
    found = {job.id: job for job in jobs.newest(connection, _JOBS)}
    for job in before.jobs.values() if before else ():
        if not job.state.finished and job.id not in found:
            found[job.id] = jobs.get(connection, job.id)
    return found


def changes(before: Look, after: Look) -> Iterator[Event]:
    """What happened between two looks."""
    if after.newest > before.newest:
        yield Event("imported", {"n": after.newest - before.newest})
    if after.decided:
        yield _decided(before, after)
    yield from _claims(before, after)
    for job in reversed(after.jobs.values()):
        if job != before.jobs.get(job.id):
            yield Event("job", job_as_json(job))
    if after.indexed != before.indexed:
        yield after.search
    if after.by_status != before.by_status:
        yield after.counts


def job_as_json(job: Job) -> dict[str, Any]:
    """A job, for people's programs."""
    shown = {name: value for name, value in asdict(job).items() if name not in _HIDDEN}
    return shown | {"state": job.state.value}


def _decided(before: Look, after: Look) -> Event:
    status = {each.id: each.status for each in after.decided}
    told = list(status)[:IDS]
    n = max(len(status), after.last_decision - before.last_decision)
    data: dict[str, Any] = {"ids": told, "n": n}
    if returned := [name for name in told if status[name] == Status.NEEDS_REVIEW.value]:
        data["returned"] = returned
    return Event("decided", data)


def _claims(before: Look, after: Look) -> Iterator[Event]:
    taken: dict[str, list[str]] = {}
    for seq, claim in after.claims.items():
        was = before.claims.get(seq)
        if (was is None or was.token != claim.token) and seq in after.names:
            taken.setdefault(claim.reviewer, []).append(after.names[seq])
    for reviewer, ids in taken.items():
        for start in range(0, len(ids), IDS):
            yield Event("claimed", {"ids": ids[start : start + IDS], "reviewer": reviewer})
    gone = [before.names[s] for s in before.claims if s not in after.claims and s in before.names]
    decided = {each.id for each in after.decided}
    gone = [name for name in gone if name not in decided]
    for start in range(0, len(gone), IDS):
        yield Event("released", {"ids": gone[start : start + IDS]})
