"""What was decided lately, how far the review is, and what a reviewer wants to see last."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from corrigenda.clock import now
from corrigenda.core.decisions import Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.errors import InvalidInput
from corrigenda.store import Database, activity, decisions, facets, put_off

_CURSOR = re.compile(r"(\d+)\.(\d{4}-[-:.T\d]{1,30}Z)")
_SPARK = timedelta(hours=24)


@dataclass(frozen=True)
class Feed:
    """A page of decisions, newest first; `cursor` is where the next begins, `None` at the end."""

    items: list[dict[str, Any]]
    cursor: str | None


def feed(
    database: Database,
    *,
    reviewer: str | None = None,
    since: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Feed:
    """Decisions on all candidates, newest first.

    Each is an entry of a candidate's history, with the candidate's `id`, `title` (its task, else
    its id) and `model_name`. It `stands` while the candidate's state is what it says.

    Args:
        database: Where from.
        reviewer: Only this one's.
        since: Only those of this time and later, ISO 8601.
        limit: At most so many.
        cursor: Where the page before ended.

    Raises:
        InvalidInput: `since` is no time, `limit` below 1, or `cursor` not one of ours.
    """
    if limit < 1:
        raise InvalidInput("`limit` must be 1 or more.")
    after = None
    if cursor is not None:
        match = _CURSOR.fullmatch(cursor)
        if match is None or int(match[1]) >= 2**63:
            raise InvalidInput("`cursor` is not one of ours; begin without one.")
        after = (match[2], int(match[1]))
    with database.reading() as connection:
        rows = activity.newest(
            connection, reviewer=reviewer, since=_time(since), after=after, limit=limit + 1
        )
    items = [
        {
            **decisions.entry(row.candidate_id, row).as_json(),
            "id": row.candidate_id,
            "title": row.task or row.candidate_id,
            "model_name": row.model,
            "stands": bool(row.stands),
        }
        for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return Feed(items, None if last is None else f"{last.seq}.{last.decided_at}")


def progress(
    database: Database,
    selection: Selection = EVERYTHING,
    *,
    reviewer: str,
    since: str | None = None,
) -> dict[str, Any]:
    """What remains under a filter, and what one reviewer has done.

    Args:
        database: Where from.
        selection: What remains is counted under this; its statuses do not matter.
        reviewer: Whose work is counted.
        since: From when on, ISO 8601; from the beginning if not given.

    Raises:
        InvalidInput: `since` is no time.

    Example:
        {"remaining": 310, "done": 42, "seconds": 1810.5,
         "by_hour": [{"hour": "2026-11-22T20:00:00Z", "n": 17}]}
    """
    start = _time(since)
    day_ago = _written(datetime.fromisoformat(now()) - _SPARK)
    waiting = replace(selection, statuses=(Status.NEEDS_REVIEW,))
    with database.reading() as connection:
        remaining = facets.total(connection, waiting)
        done = activity.done(connection, reviewer, start)
        hours = activity.by_hour(connection, reviewer, day_ago)
    answer: dict[str, Any] = {"remaining": remaining.n}
    if remaining.at_least:
        answer["total_is_lower_bound"] = True
    answer |= {"done": done.candidates, "seconds": done.seconds}
    return {**answer, "by_hour": [{"hour": f"{hour}:00:00Z", "n": n} for hour, n in hours]}


def see_last(database: Database, candidate_id: str, *, reviewer: str, put: bool = True) -> None:
    """Put a candidate at the end of a reviewer's queue, or take that back.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    if put:
        at = now()
        database.write(lambda c: put_off.put(c, reviewer, candidate_id, at=at))
    else:
        database.write(lambda c: put_off.take_back(c, reviewer, candidate_id))


def _time(text: str | None) -> str | None:
    """A time as it is kept, so that the two compare as texts."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return _written(found.astimezone(UTC))
    except (ValueError, OverflowError):
        raise InvalidInput("`since` must be a time such as `2026-04-07T10:00:00Z`.") from None


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
