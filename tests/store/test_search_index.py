"""The index of words follows the candidates, however they come and go."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.engine import Connection

from corrigenda.core.selection import Selection
from corrigenda.store import Database, candidates, search
from corrigenda.store.matching import RARE, matches
from corrigenda.store.search_edits import edits
from tests.store.samples import candidate, put


def some(first: int, n: int, text: str = "alike") -> list[str]:
    return [f"c{number}-{text}" for number in range(first, first + n)]


def fill(database: Database, first: int, n: int, text: str = "alike") -> None:
    names = some(first, n, text)
    put(database, [candidate(name, model_response=text) for name in names])


def found(database: Database, text: str) -> list[str]:
    with database.reading() as connection:
        return [each.id for each in candidates.stream(connection, Selection(text=text))]


def progress(database: Database) -> search.Progress:
    with database.reading() as connection:
        return search.progress(connection)


def test_a_large_import_is_found_later(database: Database) -> None:
    fill(database, 0, search.AT_ONCE + 1)
    assert progress(database) == search.Progress(0, search.AT_ONCE + 1)
    assert search.waits(database)
    fill(database, 1000, 1)
    assert found(database, "alike") == [], "those before it come first"
    assert not search.catch_up(database, at_most=10)
    assert search.catch_up(database, at_most=1000)
    assert progress(database).behind == 0
    assert len(found(database, "alike ")) == search.AT_ONCE + 2
    assert found(database, "c1000") == some(1000, 1)
    assert not search.waits(database)


def test_a_common_word(database: Database) -> None:
    names = some(0, RARE + 50)
    put(
        database,
        [
            candidate(name, model_response="alike" if number % 50 else "other")
            for number, name in enumerate(names)
        ],
    )
    fill(database, 9000, 5, "late")
    search.catch_up(database)
    with database.reading() as connection:
        known = matches(connection, "small alike c")
    assert known is not None
    assert known.n <= RARE + 50
    assert len(found(database, "small ")) == RARE + 55
    assert found(database, "small other ") == names[::50]
    fill(database, 10_000, search.AT_ONCE + 1, "waits")
    assert len(found(database, "small ")) == RARE + 55, "beyond what is in the index"


def test_many_small_parts_become_one(database: Database) -> None:
    for number in range(20):
        fill(database, number, 1)
    search.catch_up(database)
    assert found(database, "alike ") == some(0, 20)
    with database.reading() as connection:
        assert search.joined(connection) is None
        assert search.progress(connection) == search.Progress(20, 20)


def test_what_is_removed_is_not_found(database: Database) -> None:
    fill(database, 0, 3)
    with database.reading() as connection:
        gone = candidates.get(connection, "c1-alike")
    database.write(lambda c: search.forget(c, [(gone.seq, gone.record)]))
    assert found(database, "alike ") == ["c0-alike", "c2-alike"]
    assert progress(database).indexed == 2


@pytest.mark.parametrize("indexed", [False, True])
def test_a_record_that_is_edited_while_the_index_is_filled(
    database: Database, indexed: bool
) -> None:
    fill(database, 0, search.AT_ONCE + 1)
    if indexed:
        search.catch_up(database)
    with database.reading() as connection:
        step = search.next_step(connection)
    edited = candidate("c5-alike", model_response="drawer")
    database.write(lambda c: candidates.replace_record(c, edited))
    assert step is None or not database.write(lambda c: search.take(c, step))
    search.catch_up(database)
    assert found(database, "drawer") == ["c5-alike"]
    assert len(found(database, "alike ")) == search.AT_ONCE + 1, "by its id"


def test_two_who_fill_it_do_not_get_in_each_others_way(database: Database) -> None:
    fill(database, 0, search.AT_ONCE + 1)
    with database.reading() as connection:
        one, other = search.next_step(connection), search.next_step(connection)
    assert one is not None
    assert other is not None
    assert database.write(lambda c: search.take(c, one))
    assert not database.write(lambda c: search.take(c, other))
    assert len(found(database, "alike ")) == search.AT_ONCE + 1


def test_all_words_read_anew(database: Database) -> None:
    fill(database, 0, 1)
    database.write(search.rebuild)
    assert found(database, "alike ") == some(0, 1)


def test_an_edit_that_is_not_committed_yet_is_waited_for(database: Database) -> None:
    """Else parts are joined as they were before it, and what was removed comes back."""
    if database.dialect == "sqlite":
        pytest.skip("has one writer at a time")
    for first in range(12):
        fill(database, first, 1)
    with database.reading() as connection:
        step = search.joined(connection)
        record = candidates.get(connection, "c3-alike").record
    assert step is not None
    edited, taken = threading.Event(), []

    def edit(connection: Connection) -> None:
        (row,) = candidates.find(connection, ["c3-alike"]).values()
        search.replace(connection, row.seq, record, {**record, "model_response": "changed"})
        edited.set()
        time.sleep(0.3)

    with ThreadPoolExecutor(2) as pool:
        editing = pool.submit(database.write, edit)
        assert edited.wait(10)
        joining = pool.submit(database.write, lambda c: taken.append(search.take(c, step)))
        editing.result(20)
        joining.result(20)
    assert taken == [False]
    assert found(database, "changed") == ["c3-alike"]


def test_two_edits_at_once_count_as_two(database: Database) -> None:
    for first in range(2):
        fill(database, first, 1)
    looked = threading.Barrier(2)

    with database.reading() as connection:
        before = edits(connection)

    def one(named: str) -> None:
        def edit(connection: Connection) -> None:
            (row,) = candidates.find(connection, [named]).values()
            if database.dialect == "postgresql":
                with contextlib.suppress(threading.BrokenBarrierError):
                    looked.wait(2)
            search.forget(connection, [(row.seq, row.record)])
            time.sleep(0.1)

        database.write(edit)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(one, name) for name in ("c0-alike", "c1-alike")]:
            future.result(20)
    with database.reading() as connection:
        assert edits(connection) == before + 2
