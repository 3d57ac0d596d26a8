"""A workspace full of approved corrections to export: the same for the same number.

Of twenty, one is an exact duplicate (another model failed the same prompt) and one a near
duplicate, with another word in the prompt. The rows go straight into the store, past reviewing;
what an export does not read, such as the words to search for, is left out.
"""

import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from benchmarks.corpus import candidate, text
from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.jsonl import dumps
from corrigenda.store import Database, counts
from corrigenda.store.bulk import insert_rows
from corrigenda.store.candidates import dimensions_of, record_columns, state_columns
from corrigenda.store.schema import candidates, id_key, records

_CATEGORIES = ("wrong_answer", "format_error", "scoring_artifact", None)
_AT_ONCE = 10_000


def fill(path: Path, count: int, seed: int = 7) -> None:
    """Make the database of a workspace with so many approved corrections."""
    database = Database.open(path)
    made = enumerate(_candidates(random.Random(seed), count), 1)
    try:
        while batch := list(islice(made, _AT_ONCE)):
            database.write(partial(_insert, batch))
    finally:
        database.close()


def _candidates(rng: random.Random, count: int) -> Iterator[Candidate]:
    before: dict[str, Any] = {}
    corrected = ""
    for number in range(count):
        record = candidate(rng, number)
        match number % 20:
            case 1:
                record["prompt_messages"] = before["prompt_messages"]
            case 2:
                record["prompt_messages"] = _with_another_word(before["prompt_messages"])
            case _:
                corrected = text(rng, 100)
        state = ReviewState(
            status=Status.APPROVED,
            corrected_response=corrected,
            failure_category=_CATEGORIES[number % len(_CATEGORIES)],
            revision=1,
            decided_by="benchmark",
            decided_at="2026-01-01T00:00:00Z",
        )
        before = record
        yield Candidate(record, state)


def _with_another_word(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    system, user = messages
    return [system, {**user, "content": user["content"] + " indeed"}]


def _insert(batch: list[tuple[int, Candidate]], connection: Connection) -> None:
    insert_rows(
        connection,
        candidates,
        [
            {
                "seq": seq,
                "id": each.id,
                "id_key": id_key(each.id),
                **record_columns(each),
                **state_columns(each.state),
            }
            for seq, each in batch
        ],
    )
    insert_rows(
        connection, records, [{"seq": seq, "body": dumps(each.record)} for seq, each in batch]
    )
    change: Counter[counts.Key] = Counter()
    for _, each in batch:
        change.update(counts.keys_of(dimensions_of(each), each.state))
    counts.add(connection, change)
