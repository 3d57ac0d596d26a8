"""The verdicts of two runs, merged by prompt, as looking at each sample would have them."""

import random
from collections import defaultdict
from typing import Any

import pytest

from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import Action
from corrigenda.store import Database, passes, verdicts
from tests.store.samples import candidate, decision, do, put


def sample(name: str, run: str, prompt: int | None, **fields: Any) -> Candidate:
    messages = None if prompt is None else [{"role": "user", "content": f"Question {prompt}?"}]
    return candidate(name, benchmark_run_id=run, prompt_messages=messages, **fields)


def put_passes(database: Database, *samples: Candidate) -> None:
    database.write(lambda connection: passes.arrive(connection, samples))


def merged(database: Database, a: str, b: str) -> dict[str, list[tuple[bool, bool, str]]]:
    with database.reading() as connection:
        found = list(verdicts.by_prompt(connection, a, b))
    assert [key for key, _ in found] == sorted({key for key, _ in found})
    return {key: [(v.second, v.right, v.id) for v in samples] for key, samples in found}


def test_as_looking_at_each_sample(database: Database) -> None:
    chance = random.Random(7)
    failing: list[Candidate] = []
    passing: list[Candidate] = []
    for n in range(700):
        run = chance.choice(["a", "b", "other", None])
        made = sample(f"s{n}", run or "", chance.choice([None, *range(150)]))
        (failing if chance.random() < 0.5 else passing).append(made)
    put(database, failing)
    put_passes(database, *passing)
    expected = defaultdict(list)
    for second, run in enumerate("ab"):
        for right, samples in enumerate((failing, passing)):
            for each in samples:
                if each.run_id == run and each.prompt_key:
                    expected[each.prompt_key].append((bool(second), bool(right), each.id))
    assert merged(database, "a", "b") == expected
    assert merged(database, "a", "moon").keys() < expected.keys()
    with database.reading() as connection:
        found = verdicts.counted(connection, "a")
    of_a = [[each for each in some if each.run_id == "a"] for some in (failing, passing)]
    assert (found.candidates, found.passes) == (len(of_a[0]), len(of_a[1]))
    assert found.without_prompt == sum(each.prompt_key is None for each in of_a[0] + of_a[1])


def test_what_is_told_of_a_sample(database: Database) -> None:
    put(
        database,
        [
            sample("x", "a", 1, task_name="sums", held_out=True),
            sample("y", "a", 1),
            sample("z", "a", 1),
        ],
    )
    do(database, decision("x", Action.DISCARD, failure_category="scoring_artifact"))
    do(database, decision("y", Action.FLAG, failure_category="scoring_artifact"))
    with database.reading() as connection:
        [(_, [x, y, z])] = verdicts.by_prompt(connection, "a", "b")
        found = verdicts.counted(connection, "a")
    assert (x.held_out, x.task, x.task_type, x.category) == (
        True,
        "sums",
        "math",
        "scoring_artifact",
    )
    # A flagged answer is not fine, whatever else was said of it.
    assert [each.artifact for each in (x, y, z)] == [True, False, False]
    assert (found.artifacts, found.undecided, found.models) == (1, 1, ("small",))


@pytest.mark.parametrize("name", ["moon", "", "\0", "\ud800"])
def test_a_run_that_is_not_there(database: Database, name: str) -> None:
    put(database, [sample("x", "a", 1)])
    put_passes(database, sample("y", "b", 1))
    with database.reading() as connection:
        found = verdicts.counted(connection, name)
        assert verdicts.run_ids(connection) == ["a", "b"]
    assert (found.candidates, found.passes, found.models) == (0, 0, ())


def test_records_prompts_and_what_waits(database: Database) -> None:
    put(database, [sample(f"x{n}", "a", n) for n in range(3)])
    put_passes(database, sample("x0", "a", 9))
    do(database, decision("x1", Action.CORRECT))
    with database.reading() as connection:
        places = {
            name: (right, seq)
            for right in (False, True)
            for name, (seq, _) in verdicts.prompts_of(
                connection, ["x0", "x2", "moon", "\ud800"], right=right
            ).items()
        }
        assert places.keys() == {"x0", "x2"}
        records = dict(verdicts.records_at(connection, [*places.values(), (False, 99)]))
        assert {record["id"] for record in records.values()} == {"x0", "x2"}
        assert records[places["x0"]]["prompt_messages"][0]["content"] == "Question 9?"
        waiting = verdicts.waiting(connection, ["x2", "x1", "x0", "moon"])
    assert sorted(name for _, name in waiting) == ["x0", "x2"]


def test_more_samples_than_are_read_at_once(database: Database) -> None:
    put(database, [sample(f"x{n}", "a", n) for n in range(1200)])
    put_passes(database, *(sample(f"y{n}", "b", n) for n in range(1200)))
    found = merged(database, "a", "b")
    assert len(found) == 1200
    assert all(
        [v[:2] for v in samples] == [(False, False), (True, True)] for samples in found.values()
    )
