"""Removing for good: nothing of a sample is left, and it does not come in again."""

from typing import Any

import pytest
import sqlalchemy as sa

from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import Action
from corrigenda.core.selection import Selection
from corrigenda.store import Database, candidates, places, purging, references, removal, schema
from corrigenda.store.schema import metadata
from tests.store.samples import AT, both_counts, candidate, decision, do, ids, put

REMOVED = {"by": "kim", "at": AT}


def prompt(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def remove(database: Database, *names: str) -> int:
    with database.reading() as connection:
        found = removal.of_ids(connection, names, purging.CANDIDATE)
    seqs = sorted(found.values(), reverse=True)
    return database.write(lambda c: removal.remove_candidates(c, seqs, **REMOVED))


def sift(database: Database, batch: list[Candidate], **options: Any) -> tuple[list[str], int]:
    kept, gone = database.write(lambda c: purging.sift(c, batch, **options))
    return [each.id for each in kept], gone


def rows_of(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("search_parts", "facts")  # they count what is there, and edits
        }


def found(database: Database, text: str) -> list[str]:
    with database.reading() as connection:
        return [s.id for s in candidates.stream(connection, Selection(text=text))]


def test_nothing_of_a_candidate_is_left(database: Database) -> None:
    put(database, [candidate("kept", prompt_messages=prompt("one"))])
    before = rows_of(database)
    secret = candidate(
        "gone", "run-9", benchmark_run_id=None, prompt_messages=prompt("zebra"), model_name="other"
    )
    put(database, [secret])
    do(database, decision("gone", Action.CORRECT, "My number is 555.", tags=("odd",)))
    do(database, decision("gone", Action.UNDO))
    do(database, decision("gone", Action.FLAG, note="zebra again"))
    version = references.Version(1, ("zebra",), "kim", None, AT)
    database.write(lambda c: references.add(c, str(secret.prompt_key), version))
    assert found(database, "zebra") == ["gone"]
    assert remove(database, "gone") == 3
    database.write(removal.tidy)
    assert rows_of(database) == {**before, "tombstones": 1}
    assert ids(database) == ["kept"]
    assert found(database, "zebra") == []
    kept, fresh = both_counts(database)
    assert kept == fresh
    assert not any("run-9" in key or "other" in key for key in kept)


def test_those_that_are_left_stand_where_they_should(database: Database) -> None:
    put(
        database,
        [
            candidate(f"{run}-{n}-{model}", None, **fields)
            for run in ("r1", "r2")
            for n in range(3)
            for model in ("small", "large")
            for fields in [
                {
                    "benchmark_run_id": run,
                    "model_name": model,
                    "prompt_messages": prompt(f"prompt {n}"),
                }
            ]
        ],
    )
    for name in ("r1-0-small", "r2-1-large", "r1-0-large", "r2-0-small"):
        assert remove(database, name) == 0
        with database.reading() as connection:
            assert places.wrong(connection) == 0
        kept, fresh = both_counts(database)
        assert kept == fresh
    with database.reading() as connection:
        assert removal.of_run(connection, "r9") is None
        seqs, good = removal.of_run(connection, "r1") or ([], [])
    assert len(seqs) == 4
    assert good == []
    database.write(lambda c: removal.remove_candidates(c, seqs, **REMOVED))
    with database.reading() as connection:
        assert places.wrong(connection) == 0
    assert all(name.startswith("r2") for name in ids(database))


def test_a_lot_forgets_it(database: Database) -> None:
    put(database, [candidate("a"), candidate("b")])
    for name, members in (("l1", ["a", "b"]), ("l2", ["a"])):
        request = {"request": {"action": "discard", "ids": members}}
        row = {"id": name, "action": "discard", "params": request, "n": len(members)}
        row |= {"reviewer": "kim", "created_at": AT}
        database.write(lambda c, row=row: c.execute(sa.insert(schema.lots), row))  # type: ignore[misc]
    do(database, decision("a", Action.DISCARD, lot="l1"))
    do(database, decision("a", Action.UNDO))
    do(database, decision("a", Action.DISCARD, lot="l2"))
    do(database, decision("b", Action.DISCARD, lot="l1"))
    remove(database, "a")
    with database.reading() as connection:
        (left,) = connection.execute(sa.select(schema.lots)).all()
    assert (left.id, left.n, left.params["request"]["ids"]) == ("l1", 1, ["b"])


def test_a_removed_id_does_not_come_in_again(database: Database) -> None:
    put(database, [candidate("a"), candidate("b"), candidate("c", benchmark_run_id=None)])
    assert sift(database, [candidate("a")]) == (["a"], 0), "nothing was removed yet"
    remove(database, "a", "c")
    assert sift(database, [candidate("a"), candidate("b"), candidate("x")]) == (["b", "x"], 1)
    assert sift(database, [candidate("a", benchmark_run_id=None)]) == ([], 1), "no run is said"
    assert sift(database, [candidate("c", benchmark_run_id="run-7")]) == ([], 1), "it had none"
    with database.reading() as connection:
        assert purging.purged(connection, ["a", "b", "c"]) == {"a", "c"}


def test_another_runs_sample_of_the_same_id_is_another_sample(database: Database) -> None:
    put(database, [candidate("a")])
    remove(database, "a")
    other = candidate("a", benchmark_run_id="run-2")
    assert sift(database, [other]) == (["run-2:a"], 0)
    put(database, [other.renamed("run-2:a")])
    remove(database, "run-2:a")
    assert sift(database, [other]) == ([], 1)


@pytest.mark.parametrize("kind", [purging.CANDIDATE, purging.PASS])
def test_nothing_of_a_removed_run_comes_in_again(database: Database, kind: str) -> None:
    put(database, [candidate("a")])
    database.write(lambda c: removal.remove_run(c, "run-1", **REMOVED))
    assert sift(
        database, [candidate("new"), candidate("y", benchmark_run_id="run-2")], kind=kind
    ) == (
        ["y"],
        1,
    )
    assert sift(database, [candidate("new")], kind=kind, allow=True) == (["new"], 0)
    assert sift(database, [candidate("new")], kind=kind) == (["new"], 0), "it is allowed for good"


def test_what_is_removed_twice_has_one_tombstone(database: Database) -> None:
    for _ in range(2):
        database.write(lambda c: purging.lay(c, purging.CANDIDATE, [("a", None)], by="kim", at=AT))
    with database.reading() as connection:
        (stone,) = connection.execute(sa.select(schema.tombstones)).all()
    assert (stone.kind, stone.n, stone.removed_by, stone.removed_at) == ("candidate", 1, "kim", AT)
