"""Submit and undo over HTTP: durable, and on SQLite with the JSONL files kept.

Beside the times stands that of an empty POST route; beside the rate of eight clients the rate at
which the same clients get answers from it.
"""

import json
import random
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from benchmarks.corpus import Corpus
from benchmarks.scale.clients import Asked, Client, Figures, timed, together
from benchmarks.scale.places import Place
from benchmarks.serving import server

CLIENTS = 8
_ALONE = 500
_EACH = 500
_EMPTY = Asked("/empty", {"id": "bench-0000001", "action": "discard"})


def decisions(place: Place) -> dict[str, Figures]:
    """Decide and undo, so that all is as it was but for the history."""
    numbers = _waiting(place, _ALONE + CLIENTS * _EACH)
    corpus = Corpus(place.size)
    submits = [_submit(corpus, number) for number in numbers]
    undos = [Asked("/api/sft/undo", {"id": _id(number)}) for number in numbers]
    found: dict[str, Figures] = {}
    with server(place.workspace, place.settings()) as address:
        for name, asked in (("submit", submits), ("undo", undos)):
            # A connection that nobody uses for some seconds is closed by the server.
            with Client(address) as client:
                limit = timed(client, [_EMPTY] * _ALONE)
                found[name] = {**timed(client, asked[:_ALONE]), "limit": limit["p50"]}
            empty = together(address, [[_EMPTY] * _EACH] * CLIENTS)
            many = together(address, _dealt(asked[_ALONE:]))
            found[f"{name}_together"] = {**many, "limit": empty["rate"]}
            if name == "submit":
                with Client(address) as client:
                    lost = sum(not _is_there(client, each) for each in submits[_ALONE::7])
                found["submit_together"]["lost"] = lost
    return found


def _waiting(place: Place, count: int) -> list[int]:
    """Candidates that wait for review, others in each run.

    Raises:
        ValueError: There are too few.
    """
    waiting = sa.text("SELECT id FROM candidates WHERE status = 'needs_review' AND id LIKE :tail")
    found: list[int] = []
    with place.connected() as connection:
        for tail in random.sample(range(100), 100):  # a hundredth of all at a time
            rows = connection.execute(waiting, {"tail": f"%{tail:02d}"}).scalars()
            found += [int(name.rpartition("-")[2]) for name in rows]
            if len(found) >= count:
                return random.sample(found, count)
    raise ValueError(f"of {place.size:,} candidates only {len(found):,} wait, not {count:,}")


def _submit(corpus: Corpus, number: int) -> Asked:
    body = {
        "id": _id(number),
        "action": "correct",
        "corrected_response": corpus.correction(number, ""),
        "failure_category": "wrong_answer",
        "decision_id": uuid.uuid4().hex,
    }
    return Asked("/api/sft/submit", body)


def _id(number: int) -> str:
    return f"bench-{number:07d}"


def _dealt(asked: Sequence[Asked]) -> list[Sequence[Asked]]:
    return [asked[start::CLIENTS] for start in range(CLIENTS)]


def _is_there(client: Client, asked: Asked) -> bool:
    record = json.loads(client.get(f"/api/sft/candidates/{asked.body['id']}"))
    record = record.get("record", record)
    return bool(record["corrected_response"] == asked.body["corrected_response"])
