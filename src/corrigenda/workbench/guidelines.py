"""The guidelines: how to review here, as Markdown that a workspace writes on, version by version.

Version 0 ships with the program. What a workspace saves is version 1, 2 and so on; none is ever
changed, since each decision says which version its reviewer had at hand.
"""

from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from corrigenda.clock import now
from corrigenda.errors import GuidelinesChanged, InvalidInput, NotFound
from corrigenda.store import Database
from corrigenda.store import guidelines as rows

LIMIT = 200_000
"""Bytes of one version, as UTF-8."""

_BUILT_IN = rows.Version(rows.BUILT_IN, None, None)


@cache
def built_in_text() -> str:
    """The Markdown of version 0."""
    return (files("corrigenda.workbench") / "guidelines.md").read_text("utf-8")


def read(database: Database, version: int | None = None) -> dict[str, Any]:
    """One version, the newest unless another is named, and which there are.

    Raises:
        NotFound: There is no such version.

    Example:
        {"version": 1, "text": "# How we review", "author": "kim",
         "created_at": "2026-04-07T10:00:00.000000Z", "built_in": False, "versions": [
         {"version": 1, "author": "kim", "created_at": "2026-04-07T10:00:00.000000Z"},
         {"version": 0, "author": None, "created_at": None}]}
    """
    with database.reading() as connection:
        versions = [*rows.versions(connection), _BUILT_IN]
        chosen = next((v for v in versions if version in (None, v.version)), None)
        if chosen is None:
            raise NotFound(f"There is no version {version} of the guidelines.")
        text = rows.text_of(connection, chosen.version)
    return {
        "version": chosen.version,
        "text": built_in_text() if text is None else text,
        "author": chosen.author,
        "created_at": chosen.created_at,
        "built_in": chosen.version == rows.BUILT_IN,
        "versions": [asdict(found) for found in versions],
    }


def save(database: Database, text: str, *, based_on: int, author: str) -> dict[str, Any]:
    """Write the next version; saving the newest text again writes none.

    Args:
        database: Where to.
        text: Markdown, not blank, at most `LIMIT` bytes.
        based_on: The version that was edited.
        author: Who wrote it.

    Raises:
        InvalidInput: The text is blank or too long.
        GuidelinesChanged: `based_on` is not the newest; nothing was written.
    """
    if not text.strip():
        raise InvalidInput("The guidelines need a text; to start again, save the built-in one.")
    if len(text.encode("utf-8", "surrogatepass")) > LIMIT:
        raise InvalidInput(f"The guidelines may have at most {LIMIT // 1000} KB.")

    def work(connection: Any) -> None:
        newest = next(iter(rows.versions(connection)), _BUILT_IN)
        before = rows.text_of(connection, newest.version)
        if text == (built_in_text() if before is None else before):
            return  # a request that is sent again, too
        if based_on != newest.version:
            raise GuidelinesChanged(based_on, newest.version, newest.author)
        rows.add(connection, newest.version + 1, text, author=author, at=now())

    database.write(work)
    return read(database)
