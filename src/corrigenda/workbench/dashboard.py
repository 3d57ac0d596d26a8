"""The dashboard: what was wrong, where, how far the review is, and what may be concluded.

*Reviewed* is what does not wait any more. Shares are of the reviewed. Whether they say something
of the rest depends on how the reviewed were chosen, which `basis` says:

    all          everything selected is reviewed
    random       a batch reviewed in its own random order (see `core.estimates.in_random_order`)
    not_random   anything else: what reviewers came to first, or picked
"""

from collections import Counter, defaultdict
from dataclasses import asdict
from typing import Any

from corrigenda.core.candidate import Record
from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.core.estimates import Reviewed, estimate, in_random_order, wilson
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED, Taxonomy
from corrigenda.errors import NotFound
from corrigenda.store import Database, batches, candidates, counts, places, tallies
from corrigenda.store.batches import Batch, Member
from corrigenda.store.tallies import Tally

TASKS = 50
VALUES = 200
"""How many tasks, and how many models, task types and runs are shown."""


def dashboard(database: Database, taxonomy: Taxonomy, selection: Selection) -> dict[str, Any]:
    """Every number of the dashboard under a selection, as JSON.

    Runs come in the order of arrival, models and task types the most reviewed first. Tasks come
    worst first: by the lower end of the interval, so that one artifact of one does not lead.

    Raises:
        NotFound: The selection names a batch that is not there.
    """
    with database.reading() as connection:
        batch, members = None, []
        if selection.batch is not None:
            batch = next(iter(batches.found(connection, selection.batch)), None)
            if batch is None:
                raise NotFound(f"There is no batch {selection.batch}.")
            members = batches.members(connection, batch.id)
        by_status = tallies.by_status(connection, selection)
        approved = tallies.approved(connection, selection)
        models, types, runs = (
            tallies.of(connection, selection, dimension)
            for dimension in (counts.MODEL, counts.TASK_TYPE, counts.RUN)
        )
        tasks = tallies.of_tasks(connection, selection)
        hours = tallies.by_hour(connection, selection)
        firsts = places.first_of_runs(connection)
        runs = sorted(runs, key=lambda tally: firsts[tally.value])[-VALUES:]
        records = candidates.of_seqs(connection, [firsts[tally.value] for tally in runs])
    total, remaining = sum(by_status.values()), by_status[Status.NEEDS_REVIEW]
    over_time: dict[str, Counter[str]] = defaultdict(Counter)
    for row in hours:
        over_time[f"{row.hour}:00:00Z"][row.category] += row.n
    basis = _basis(batch, members, remaining, total)
    return {
        "total": total,
        "remaining": remaining,
        "reviewed": total - remaining,
        "by_status": {status.value: n for status, n in by_status.items()},
        **asdict(approved),
        "categories": list(taxonomy.names),
        "by_model": _most_reviewed(models),
        "by_task_type": _most_reviewed(types),
        "by_run": [
            {**_breakdown(tally), "timestamp": _time(records[firsts[tally.value]].record)}
            for tally in runs
        ],
        "artifacts_by_task": _shares(tasks, "artifacts", TASKS),
        "flagged_by_model": _shares(models, "flagged", VALUES),
        "over_time": [{"hour": hour, "counts": dict(n)} for hour, n in over_time.items()],
        "sample": _sample(batch, members, taxonomy, selection),
        "drawn_at_random": basis == "random",
        "basis": basis,
    }


def _breakdown(tally: Tally) -> dict[str, Any]:
    return {
        "value": tally.value,
        "total": tally.total,
        "reviewed": tally.reviewed,
        "counts": dict(tally.counts),
    }


def _most_reviewed(found: list[Tally]) -> list[dict[str, Any]]:
    ordered = sorted(found, key=lambda tally: (-tally.reviewed, -tally.total, tally.value))
    return [_breakdown(tally) for tally in ordered[:VALUES]]


def _shares(counted: list[Tally], what: str, most: int) -> list[dict[str, Any]]:
    found = []
    for tally in counted:
        if tally.reviewed:
            n = tally.flagged if what == "flagged" else tally.counts[ARTIFACT]
            share = asdict(wilson(n, tally.reviewed))
            found.append({"value": tally.value, "reviewed": tally.reviewed, what: n, **share})
    return sorted(found, key=lambda row: (-row["low"], -row["share"], row["value"]))[:most]


def _basis(batch: Batch | None, members: list[Member], remaining: int, total: int) -> str:
    if batch is None:
        return "all" if total and not remaining else "not_random"
    if batch.size == batch.population == batch.reviewed:
        return "all"
    done = [member.reviewed for member in members]
    return "random" if in_random_order(done, [m.put_off for m in members]) else "not_random"


def _sample(
    batch: Batch | None, members: list[Member], taxonomy: Taxonomy, selection: Selection
) -> dict[str, Any] | None:
    """Estimates for all that the batch was drawn from; none where it is narrowed further."""
    if batch is None or selection.restricted != {"batch"}:
        return None
    counts: list[Counter[str]] = [Counter() for _ in batch.strata]
    for member in members:
        if member.reviewed:
            counts[member.stratum][member.category] += 1
    strata = [Reviewed(n, counts[at]) for at, (_, n, _) in enumerate(batch.strata)]
    seen = {category for counted in counts for category in counted}
    names = [*taxonomy.names, *sorted(seen - {*taxonomy.names, UNCATEGORISED}), UNCATEGORISED]
    shares = estimate(strata, names) if batch.reviewed else {}
    return {
        "batch": batch.id,
        "name": batch.name,
        "population": batch.population,
        "size": batch.size,
        "reviewed": batch.reviewed,
        "estimates": [
            {"category": name, **asdict(share), "expected": round(share.share * batch.population)}
            for name, share in shares.items()
        ],
    }


def _time(record: Record) -> str | None:
    value = record.get("timestamp")
    return value if isinstance(value, str) else None
