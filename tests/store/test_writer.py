"""Writes are transactions that do all or nothing, also where several are committed together."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.errors import StorageError
from corrigenda.store import Database, runs
from corrigenda.store.decisions import Raced
from corrigenda.store.schema import runs as runs_table
from corrigenda.store.writer import MAX_TOGETHER, GroupWriter


class Refused(Exception):
    pass


class Noting:
    """A piece of work that writes one row, and then perhaps fails."""

    def __init__(self, name: str, error: Exception | None = None) -> None:
        self.name = name
        self.error = error
        self.times = 0

    def __call__(self, connection: Connection) -> str:
        self.times += 1
        runs.begin(connection, self.name, "test", None)
        if self.error is not None:
            raise self.error
        return self.name


def noted(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(sa.select(runs_table.c.run_id)).scalars())


def test_a_write_returns_what_the_work_returns(database: Database) -> None:
    assert database.write(Noting("a")) == "a"
    assert noted(database) == {"a"}


def test_a_failing_work_writes_nothing_and_its_error_comes_out(database: Database) -> None:
    with pytest.raises(Refused, match="no"):
        database.write(Noting("a", Refused("no")))
    assert noted(database) == set()


def test_a_database_error_is_one_sentence_and_writes_nothing(database: Database) -> None:
    def broken(connection: Connection) -> None:
        Noting("a")(connection)
        connection.execute(sa.text("SELECT * FROM no_such_table"))

    with pytest.raises(StorageError, match="no_such_table") as caught:
        database.write(broken)
    assert "\n" not in str(caught.value)
    assert noted(database) == set()


def test_a_race_is_tried_again(database: Database) -> None:
    work = Noting("a", Raced())

    def twice(connection: Connection) -> str:
        if work.times == 2:
            work.error = None
        return work(connection)

    assert database.write(twice) == "a"
    assert work.times == 3


def test_endless_races_are_refused(database: Database) -> None:
    work = Noting("a", Raced())
    with pytest.raises(StorageError, match="Too many others"):
        database.write(work)
    assert 1 < work.times < 20
    assert noted(database) == set()


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    return Database.open(tmp_path / "test.db")


def grouped(database: Database, works: list[Noting]) -> list["Future[str]"]:
    """Have the pieces of work wait until all are there, so that they are committed together."""
    gate = threading.Event()
    begun = threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        assert gate.wait(timeout=30)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(database.write, hold)
        assert begun.wait(timeout=30)
        futures = [pool.submit(database.write, work) for work in works]
        writer = database.writer
        assert isinstance(writer, GroupWriter)
        while writer._waiting.qsize() < len(works):
            threading.Event().wait(0.001)
        gate.set()
        first.result(timeout=30)
    return futures


class Commits:
    """Counts the transactions, as a companion sees them."""

    def __init__(self) -> None:
        self.begun = 0
        self.done = 0

    def before_commit(self, connection: Connection, done: object) -> None:  # noqa: ARG002
        self.begun += 1

    def after_commit(self) -> None:
        self.done += 1


def test_one_failing_piece_takes_nothing_of_its_neighbours(sqlite: Database) -> None:
    works = [Noting(f"w{n}", Refused(f"w{n}") if n % 3 == 1 else None) for n in range(12)]
    futures = grouped(sqlite, works)
    for work, future in zip(works, futures, strict=True):
        if work.error is None:
            assert future.result() == work.name
        else:
            with pytest.raises(Refused, match=work.name):
                future.result()
        assert work.times == 1
    assert noted(sqlite) == {work.name for work in works if work.error is None}
    sqlite.close()


def test_what_waits_is_committed_together(sqlite: Database) -> None:
    commits = Commits()
    sqlite.writer.companion = commits
    futures = grouped(sqlite, [Noting(f"w{n}") for n in range(20)])
    assert [future.result() for future in futures] == [f"w{n}" for n in range(20)]
    assert commits.begun == commits.done == 2  # the one that held the others up, and all others
    assert MAX_TOGETHER > 20
    sqlite.close()


def test_a_group_of_refusals_only_is_no_news_for_the_companion(sqlite: Database) -> None:
    commits = Commits()
    sqlite.writer.companion = commits
    with pytest.raises(Refused):
        sqlite.write(Noting("a", Refused()))
    assert commits.begun == 0
    sqlite.close()


class Refusing(Commits):
    def before_commit(self, connection: Connection, done: object) -> None:  # noqa: ARG002
        raise Refused("the disk is full")


def test_a_companion_that_refuses_stops_the_whole_commit(database: Database) -> None:
    database.writer.companion = Refusing()
    try:
        with pytest.raises(Refused, match="disk"):
            database.write(Noting("a"))
    finally:
        database.writer.companion = None
    assert noted(database) == set()
    assert database.write(Noting("b")) == "b"


def test_closing_finishes_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = Database.open(tmp_path / "test.db")
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(database.write, Noting(f"w{n}")) for n in range(40)]
        database.close()
    done = {future.result() for future in futures if future.exception() is None}
    for future in futures:
        if (refusal := future.exception()) is not None:
            assert isinstance(refusal, StorageError)
            assert "closed" in str(refusal)
    with pytest.raises(StorageError, match="closed"):
        database.write(Noting("late"))
    database.close()  # twice is fine
    again = Database.open(tmp_path / "test.db")
    assert noted(again) == done
    again.close()
    assert set(threading.enumerate()) <= before


def test_a_companion_that_is_let_go_of_finishes_what_it_began(sqlite: Database) -> None:
    class Leaving(Commits):
        def before_commit(self, connection: Connection, done: object) -> None:
            super().before_commit(connection, done)
            sqlite.writer.companion = None

    leaving = Leaving()
    sqlite.writer.companion = leaving
    sqlite.write(Noting("a"))
    assert (leaving.begun, leaving.done) == (1, 1)
    sqlite.close()
