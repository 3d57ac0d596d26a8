"""A comparison keeps little of each prompt, however long the answers are."""

import tracemalloc
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from corrigenda.jsonl import dumps
from corrigenda.store import Database
from corrigenda.store.schema import candidates, id_key, records
from corrigenda.workbench import comparing_runs

PROMPTS = 1500
ANSWER = f"{'I do not know ' * 10}{'a' * 4000} "


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two runs that fail every prompt, put in without the review's counts, which are slower."""
    found = Database.open(database_url)
    rows = [_row(run, n) for run in range(2) for n in range(PROMPTS)]
    bodies = [
        {"seq": seq, "body": dumps({"model_response": f"{ANSWER}{seq % 3}"})}
        for seq in range(1, 2 * PROMPTS + 1)
    ]
    found.write(lambda connection: connection.execute(sa.insert(candidates), rows))
    found.write(lambda connection: connection.execute(sa.insert(records), bodies))
    yield found
    found.close()


def _row(run: int, n: int) -> dict[str, object]:
    name = f"run-{run}-sample-{n}"
    return {
        "seq": run * PROMPTS + n + 1,
        "id": name,
        "id_key": id_key(name),
        "run_id": f"run-{run}",
        "task": "sums",
        "prompt_key": id_key(str(n)).hex(),
        "digest": "",
        "status": "needs_review",
        "exportable": False,
        "revision": 0,
    }


def test_memory(database: Database) -> None:
    tracemalloc.start()
    try:
        found = comparing_runs.compare(database, "run-0", "run-1")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.n == PROMPTS
    assert sum(map(len, found.prompts.chunks)) / PROMPTS < 60  # bytes; 30 MB of 500,000 prompts
    # All the answers would be 12 MB.
    assert most < 6e6
