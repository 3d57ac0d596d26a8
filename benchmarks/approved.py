"""A workspace full of approved corrections to export: the same for the same number.

Of twenty, one is an exact duplicate (another model failed the same prompt, and got the same
correction) and one a near-duplicate, with another word in the prompt.
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from benchmarks.corpus import Corpus
from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.store import Database, arrivals

_CATEGORIES = ("wrong_answer", "format_error", "scoring_artifact", None)
_AT_ONCE = 2_000


def fill(path: Path, count: int, seed: int = 7) -> None:
    """Make the database of a workspace with so many approved corrections."""
    database = Database.open(path)
    made = _candidates(Corpus(count, seed))
    ids = map(str, range(count))
    try:
        while batch := list(islice(made, _AT_ONCE)):
            database.write(partial(_arrive, batch, ids))
    finally:
        database.close()


def _candidates(corpus: Corpus) -> Iterator[Candidate]:
    before: dict[str, Any] = {}
    corrected = ""
    for number, record in enumerate(corpus):
        match number % 20:
            case 1:
                record["prompt_messages"] = before["prompt_messages"]
            case 2:
                record["prompt_messages"] = _with_another_word(before["prompt_messages"])
            case _:
                corrected = corpus.correction(number, record["model_response"])
        category = _CATEGORIES[number % len(_CATEGORIES)]
        before = record
        yield Candidate(record, ReviewState(Status.APPROVED, corrected, category))


def _with_another_word(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    system, user = messages
    return [system, {**user, "content": user["content"] + " indeed"}]


def _arrive(batch: list[Candidate], ids: Iterator[str], connection: Connection) -> None:
    arrivals.arrive(
        connection,
        batch,
        reviewer="benchmark",
        at="2026-01-01T00:00:00Z",
        new_id=partial(next, ids),
    )
