"""A workspace in the middle of its work: of a hundred candidates twenty are approved.

    python -m benchmarks.filled 1000000 WORKSPACE-OR-URL [--corpus corpus.jsonl] [--no-search]

Four of a hundred are discarded, two flagged, and the others wait. Thirty reviewers decided, over
sixty days. The rows go in by the store's one way in, past importing and reviewing: they are
what those would have made, sooner.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from benchmarks.corpus import RUNS, Corpus
from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.jsonl import loads
from corrigenda.store import Database, arrivals, runs, search

REVIEWERS = 30
_AT_ONCE = 1_000
_DAYS = 60
_HOURS = 8
_CATEGORIES = (
    "wrong_answer", "wrong_answer", "wrong_answer", "format_error", "partial_answer",
    "hallucination", "style_violation", None,
)  # fmt: skip


def fill(
    target: Path | str,
    corpus: Corpus,
    records: Iterable[dict[str, Any]] | None = None,
    *,
    decided: bool = True,
    searchable: bool = True,
) -> None:
    """Put a corpus into a database.

    Args:
        target: The database's file, or its URL.
        corpus: What to put in.
        records: The same candidates, where they are at hand.
        decided: Whether some of them are, or all wait for review.
        searchable: Whether the words to search for are put in, too.
    """
    database = Database.open(target)
    made = enumerate(corpus if records is None else records)
    try:
        while part := list(islice(made, _AT_ONCE)):
            batch = [_candidate(corpus, *each, decided=decided) for each in part]
            database.write(partial(_arrive, part[0][0], batch))
        names = [f"run-{number:02d}" for number in range(RUNS)]
        database.write(partial(_note_runs, names))
        if searchable:
            search.catch_up(database)
    finally:
        database.close()


def read_corpus(path: Path) -> Iterator[dict[str, Any]]:
    """The candidates of a file that `corpus.write_corpus` wrote."""
    with path.open("rb") as lines:
        yield from map(loads, lines)


def status_of(number: int) -> Status:
    """Where the candidate of this number stands."""
    if number % 5 == 0:
        return Status.APPROVED
    if number % 25 == 1:
        return Status.DISCARDED
    return Status.MODEL_REJECTED if number % 50 == 2 else Status.NEEDS_REVIEW


def _candidate(corpus: Corpus, number: int, record: dict[str, Any], *, decided: bool) -> Candidate:
    status = status_of(number) if decided else Status.NEEDS_REVIEW
    if status is Status.NEEDS_REVIEW:
        return Candidate(record, ReviewState())
    category = _CATEGORIES[number // 5 % len(_CATEGORIES)]
    if status is Status.APPROVED:
        text = corpus.correction(number, record["model_response"])
        return Candidate(record, ReviewState(status, text, category))
    if status is Status.DISCARDED and number % 2:
        category = "scoring_artifact"
    return Candidate(record, ReviewState(status, failure_category=category))


def _arrive(number: int, batch: list[Candidate], connection: Connection) -> None:
    turn = number // _AT_ONCE
    hour = turn % (_DAYS * _HOURS)
    day, hour = hour // _HOURS, hour % _HOURS + 9
    at = f"2026-{day // 30 + 9:02d}-{day % 30 + 1:02d}T{hour:02d}:00:00Z"
    ids = (f"{number:08d}-{place:04d}" for place in range(len(batch)))
    reviewer = f"reviewer-{turn * 7 % REVIEWERS + 1:02d}"
    arrivals.arrive(connection, batch, reviewer=reviewer, at=at, new_id=partial(next, ids))


def _note_runs(names: list[str], connection: Connection) -> None:
    for name in names:
        runs.note(connection, name, "native", 0.0, "2026-08-31T00:00:00Z")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fill a workspace or database to measure with.")
    parser.add_argument("size", type=int)
    parser.add_argument("target", help="a workspace's folder, or a database URL")
    parser.add_argument("--corpus", type=Path, help="the corpus of this size, as a file")
    parser.add_argument("--no-search", action="store_true", help="without words to search for")
    parser.add_argument("--undecided", action="store_true", help="all wait for review")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = _options()
    url = chosen.target
    where: Path | str = url if "://" in url else Path(url) / "corrigenda.db"
    begin = time.perf_counter()
    fill(
        where,
        Corpus(chosen.size),
        read_corpus(chosen.corpus) if chosen.corpus else None,
        decided=not chosen.undecided,
        searchable=not chosen.no_search,
    )
    print(json.dumps({"seconds": round(time.perf_counter() - begin, 1)}), file=sys.stderr)
