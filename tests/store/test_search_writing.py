"""A part of the index goes in by several transactions, and whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
import sqlalchemy as sa

from corrigenda.core.candidate import Candidate
from corrigenda.core.postings import BLOCK, bits, places, unpaged
from corrigenda.core.words import record_words
from corrigenda.store import Database, candidates, search, search_writing
from corrigenda.store.matching import matches
from corrigenda.store.schema import facts, search_parts, search_words
from corrigenda.workbench.checking import check
from tests.store.samples import candidate, put

N = 300


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """With candidates that wait, whose words are many portions."""
    monkeypatch.setattr(search_writing, "_BYTES", 500)
    monkeypatch.setattr(search_writing, "_ROWS", 3)
    put(database, some(0, N))
    return database


def some(first: int, n: int) -> list[Candidate]:
    return [
        candidate(f"c{number}", model_response=f"alike w{number} " + " ".join(words(number)))
        for number in range(first, first + n)
    ]


def words(number: int) -> list[str]:
    return [f"x{number * 7 % 1009}y{each}" for each in range(40)]


def step(database: Database) -> search.Step:
    with database.reading() as connection:
        found = search.next_step(connection)
    assert found is not None
    return found


def loose(database: Database) -> tuple[int, int]:
    """Pages that belong to no part, and notes of such."""
    query = sa.select(sa.func.count()).where(
        search_words.c.part.not_in(sa.select(search_parts.c.id))
    )
    noted = sa.select(sa.func.count()).where(facts.c.name.startswith("search_loose"))
    with database.reading() as connection:
        return connection.execute(query).scalar_one(), connection.execute(noted).scalar_one()


def complete(database: Database) -> bool:
    """Whether every word leads to its candidates, and to no other."""
    expected: defaultdict[str, set[int]] = defaultdict(set)
    found: defaultdict[str, set[int]] = defaultdict(set)
    pages = sa.select(search_parts.c.block, search_words.c.page).join_from(
        search_parts, search_words, search_words.c.part == search_parts.c.id
    )
    with database.reading() as connection:
        for stored in candidates.stream(connection):
            for word in record_words(stored.record):
                expected[word].add(stored.seq)
        for block, page in connection.execute(pages):
            for word, data in unpaged(page).items():
                found[word].update(block * BLOCK + place for place in places(bits(data)))
    return found == expected


def test_by_many_transactions(filled: Database) -> None:
    ready = step(filled)
    assert len(list(search_writing._portions(ready.pages))) > 5
    assert search_writing.write(filled, ready)
    assert loose(filled) == (0, 0)
    assert complete(filled)


def test_none_of_it_is_found_before_all_is_in(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    added, seen = search_writing._added, []

    def add(*given: object) -> bool:
        with filled.reading() as connection:
            found = matches(connection, "alike ")
            seen.append((found.n if found else 0, search.progress(connection).indexed))
        return added(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(search_writing, "_added", add)
    assert search.catch_up(filled)
    assert set(seen) == {(0, 0)}
    assert len(seen) > 5


@pytest.mark.parametrize("after", [0, 2])
def test_an_edit_meanwhile(filled: Database, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    added, calls = search_writing._added, []

    def add(*given: object) -> bool:
        calls.append(1)
        if len(calls) == after + 1:
            monkeypatch.setattr(search_writing, "_added", added)
            edited = candidate("c5", model_response="drawer")
            candidates.replace_record(given[0], edited)  # type: ignore[arg-type]
        return added(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(search_writing, "_added", add)
    assert not search_writing.write(filled, step(filled))
    assert loose(filled) == (0, 0)
    assert search.catch_up(filled)
    assert complete(filled)


def test_what_was_left_is_swept(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise RuntimeError("killed")

    monkeypatch.setattr(search_writing, "_concluded", fail)
    with pytest.raises(RuntimeError, match="killed"):
        search.catch_up(filled)
    assert min(loose(filled)) > 0
    monkeypatch.undo()
    assert search.catch_up(filled)
    assert loose(filled) == (0, 0)
    assert complete(filled)


def test_swept_by_somebody_else_meanwhile(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    concluded = search_writing._concluded
    ready = step(filled)

    def sweep_first(connection: sa.Connection, part: int, given: search.Step) -> bool:
        name = f"search_loose_{part}"
        while search_writing._swept(connection, name):
            pass
        return concluded(connection, part, given)

    monkeypatch.setattr(search_writing, "_concluded", sweep_first)
    assert not search_writing.write(filled, ready)
    monkeypatch.undo()
    assert search.catch_up(filled)
    assert complete(filled)


def test_parts_that_were_joined_are_swept(filled: Database) -> None:
    for first in range(N, N + 20):
        put(filled, some(first, 1))
        if first == N:
            search.catch_up(filled)
    assert search.catch_up(filled)
    assert loose(filled) == (0, 0)
    assert complete(filled)


def test_forgetting_all_words(filled: Database) -> None:
    with filled.reading() as connection:
        assert loose(filled) == (0, 0)
        assert search.progress(connection).indexed == 0
    search.catch_up(filled)
    filled.write(search.clear)
    assert loose(filled) == (0, 0)


KILLED = """
import sys, time
from pathlib import Path
from corrigenda.store import Database, search, search_writing
search_writing._BYTES = 500
database = Database.open(Path(sys.argv[1]))
added = search_writing._added
left = int(sys.argv[2])
def add(*given):
    global left
    print(flush=True)
    left -= 1
    if left < 0:  # however fast the machine is, it is not done before it is killed
        time.sleep(60)
    return added(*given)
search_writing._added = add
search.catch_up(database)
print("done", flush=True)
"""


@pytest.mark.parametrize("portions", [1, 5, 20])
def test_killed_while_it_is_filled(tmp_path: Path, portions: int) -> None:
    place = tmp_path / "test.sqlite3"
    database = Database.open(place)
    put(database, some(0, N))
    database.close()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, place, str(portions)], stdout=subprocess.PIPE
    ) as filling:
        assert filling.stdout is not None
        for _ in range(portions):
            assert filling.stdout.readline() == b"\n"
        time.sleep(0.002 * portions)
        os.kill(filling.pid, signal.SIGKILL)
    database = Database.open(place)
    try:
        assert loose(database)[1] == 1, "killed in the middle"
        assert search.catch_up(database)
        assert loose(database) == (0, 0)
        assert complete(database)
        line = next(each for each in check(database, None, tmp_path) if each.check == "search")
        assert (line.ok, line.message) == (True, f"finds all of {N} candidates")
    finally:
        database.close()
