"""Protecting: the prompts of a benchmark's test set are noted, and nothing is trained on them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corrigenda.clock import now
from corrigenda.core import ngrams
from corrigenda.core.candidate import is_run_name
from corrigenda.errors import Conflict, InvalidInput, NotFound, shorten
from corrigenda.store import Database, protected
from corrigenda.workbench.protected_index import entry

NGRAM = 13
"""Words of an n-gram, as in the decontamination of large training sets."""

Messages = Sequence[Mapping[str, Any]]


def protect(
    database: Database, name: str, found: Iterable[str | Messages], *, ngram: int, author: str
) -> dict[str, Any]:
    """Keep prompts as a protected set.

    Args:
        database: Where to.
        name: The set's.
        found: Texts or conversations.
        ngram: The words of an n-gram.
        author: Who wants it.

    Returns:
        `{"name": "gsm8k", "prompts": 1319, "short": 4}`: how many different prompts there are,
        and how many have too few words to be found within other prompts.

    Raises:
        Conflict: There is a set of this name.
        InvalidInput: The name or the n-grams cannot be used, or there is no prompt.
    """
    least, greatest = ngrams.SIZES
    if not least <= ngram <= greatest:
        raise InvalidInput(f"An n-gram has from {least} to {greatest} words, not {ngram}.")
    if not is_run_name(name):
        raise InvalidInput("A protected set needs a name of at most 500 characters.")
    with database.reading() as connection:
        _refuse_taken(protected.exists(connection, name), name)
    prompts: dict[bytes, bytes] = {}
    for each in found:
        if (made := entry(each, ngram)) is not None:
            prompts.setdefault(*made)
    if not prompts:
        raise InvalidInput(f"There is no prompt to protect as `{shorten(name)}`.")

    def add(connection: Any) -> None:
        _refuse_taken(protected.exists(connection, name), name)
        protected.add(connection, name, ngram, prompts.items(), author=author, at=now())

    database.write(add)
    short = sum(not kept for kept in prompts.values())
    return {"name": name, "prompts": len(prompts), "short": short}


def unprotect(database: Database, name: str) -> None:
    """Remove a protected set.

    Raises:
        NotFound: There is none of this name.
    """
    if not database.write(lambda connection: protected.remove(connection, name)):
        raise NotFound(f"There is no protected set `{shorten(name)}`.")


def listing(database: Database) -> list[dict[str, Any]]:
    """The protected sets, in the order in which they were added."""
    with database.reading() as connection:
        return [each.as_json() for each in protected.listing(connection)]


def _refuse_taken(taken: bool, name: str) -> None:
    if taken:
        raise Conflict(
            f"There is a protected set `{shorten(name)}` already; remove it first, or name this "
            "one otherwise."
        )
