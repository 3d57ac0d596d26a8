"""The rim: the one place that asks for the time and for new names."""

import uuid
from datetime import UTC, datetime


def now() -> str:
    """This moment, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def new_id() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex
