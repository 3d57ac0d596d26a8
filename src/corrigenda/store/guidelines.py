"""The versions of the workspace's guidelines: appended, never changed."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import rows
from corrigenda.store.schema import guidelines

BUILT_IN = 0
"""The version that ships with the program, and is in no table."""

_NEWEST = "SELECT max(version) FROM guidelines"
_VERSIONS = sa.select(guidelines.c.version, guidelines.c.author, guidelines.c.created_at)


@dataclass(frozen=True)
class Version:
    """One version without its text."""

    version: int
    author: str | None
    created_at: str | None


def current_version(connection: Connection) -> int:
    """The newest version; one step in an index, so every decision can ask."""
    newest: int | None = rows.execute(connection, _NEWEST).fetchone()[0]
    return newest or BUILT_IN


def versions(connection: Connection) -> list[Version]:
    """What was saved, newest first; the built-in version is not among them."""
    query = _VERSIONS.order_by(guidelines.c.version.desc())
    return [Version(*row) for row in connection.execute(query)]


def text_of(connection: Connection, version: int) -> str | None:
    """The Markdown of a version that was saved, `None` if there is none."""
    query = sa.select(guidelines.c.text).where(guidelines.c.version == version)
    text: str | None = connection.execute(query).scalar()
    return text


def add(connection: Connection, version: int, text: str, *, author: str, at: str) -> None:
    """Put in a version; one of the same number makes an `IntegrityError`."""
    connection.execute(
        sa.insert(guidelines).values(version=version, text=text, author=author, created_at=at)
    )
