"""The rim: the one place that asks for the time and for new names."""

import time
import uuid
from datetime import UTC, datetime

_STARTED = time.time() - time.monotonic()


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return as_text(datetime.now(UTC))


def steady() -> datetime:
    """This moment by a clock that nobody sets: the wall's when the program began, and on.

    For spans of time within one process, such as leases.
    """
    return datetime.fromtimestamp(_STARTED + time.monotonic(), UTC)


def as_text(moment: datetime) -> str:
    """An aware time as ISO 8601 in UTC, always as long, so that texts sort as times do.

    Example:
        >>> as_text(datetime(2026, 4, 7, 10, tzinfo=UTC))
        '2026-04-07T10:00:00.000000Z'
    """
    said = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return said.replace("+00:00", "Z")


def stamp() -> str:
    """This moment as a part of a file's name: `20261123T081500Z`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def new_id() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex
