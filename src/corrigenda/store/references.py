"""The right answers to each prompt, as reviewers have said them: versions, appended only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import reference_versions as rows

_PART = 500


@dataclass(frozen=True)
class Version:
    """All right answers to a prompt from one time on, the reference first."""

    version: int
    answers: tuple[str, ...]
    author: str
    note: str | None
    created_at: str

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "answers": list(self.answers)}


def are_there(connection: Connection) -> bool:
    """Whether anybody has said any."""
    return connection.execute(sa.select(rows.c.seq).limit(1)).first() is not None


def versions(connection: Connection, prompt_key: str) -> list[Version]:
    """Every version of a prompt's answers, newest first."""
    query = sa.select(rows).where(rows.c.prompt_key == prompt_key)
    return [_version(row) for row in connection.execute(query.order_by(rows.c.version.desc()))]


def newest(connection: Connection, prompt_keys: Iterable[str]) -> dict[str, Version]:
    """The newest version of each of these prompts that has any."""
    keys = list(dict.fromkeys(prompt_keys))
    found = {}
    for start in range(0, len(keys), _PART):
        query = sa.select(rows).where(rows.c.prompt_key.in_(keys[start : start + _PART]))
        for row in connection.execute(query.order_by(rows.c.version)):
            found[row.prompt_key] = _version(row)
    return found


def add(connection: Connection, prompt_key: str, version: Version) -> None:
    """Put in a version; one of the same number makes an `IntegrityError`."""
    connection.execute(sa.insert(rows).values(prompt_key=prompt_key, **version.as_json()))


def _version(row: Any) -> Version:
    return Version(row.version, tuple(row.answers), row.author, row.note, row.created_at)
