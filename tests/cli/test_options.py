"""Which workspace: before and after the command's name, in the environment; and none at all."""

import json
from pathlib import Path

import pytest

from corrigenda import __version__
from tests.cli.conftest import Corrigenda, record, write_run

READING = {
    "runs": ["runs"],
    "stats": ["stats"],
    "export": ["export"],
    "sync": ["sync"],
    "history": ["history", "a"],
    "doctor": ["doctor"],
}


def total(said: str) -> int:
    found: int = json.loads(said)["total"]
    return found


@pytest.fixture
def _two(here: Path, corrigenda: Corrigenda) -> None:
    """The workspace `one` has one candidate, `two` has two, and so have the databases."""
    one = write_run(here / "r1", record("a"))
    two = write_run(here / "r2", record("a"), record("b"))
    for name, run in (("one", one), ("two", two)):
        corrigenda("import", run, "-w", name)
        corrigenda("import", run, "--database-url", f"sqlite:///{here / name}.db")


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize(
    ("words", "environment", "expected"),
    [
        ("-w one stats --json", "", 1),
        ("--workspace two stats --json", "", 2),
        ("stats --json -w two", "", 2),
        ("stats --workspace one --json", "", 1),
        ("-w one stats --json -w two", "", 2),
        ("stats --json", "two", 2),
        ("-w one stats --json", "two", 1),
        ("stats --json -w one", "two", 1),
    ],
)
def test_the_nearest_workspace_is_taken(
    corrigenda: Corrigenda, words: str, environment: str, expected: int
) -> None:
    env = {"CORRIGENDA_WORKSPACE": environment}
    assert total(corrigenda(*words.split(), env=env).stdout) == expected


@pytest.mark.usefixtures("_two")
def test_the_nearest_database_is_taken(here: Path, corrigenda: Corrigenda) -> None:
    one, two = (f"sqlite:///{here / name}.db" for name in ("one", "two"))
    json_stats = ["stats", "--json"]
    assert total(corrigenda("--database-url", one, *json_stats).stdout) == 1
    assert total(corrigenda(*json_stats, "--database-url", two).stdout) == 2
    assert total(corrigenda("--database-url", one, *json_stats, "--database-url", two).stdout) == 2
    env = {"CORRIGENDA_DATABASE_URL": two}
    assert total(corrigenda(*json_stats, env=env).stdout) == 2
    assert total(corrigenda("--database-url", one, *json_stats, env=env).stdout) == 1


@pytest.mark.parametrize("words", READING.values(), ids=READING.keys())
@pytest.mark.parametrize("place", ["nowhere", "empty", "sqlite:///nowhere.db"])
def test_looking_makes_nothing(
    here: Path, corrigenda: Corrigenda, words: list[str], place: str
) -> None:
    (here / "empty").mkdir()
    option = "--database-url" if ":" in place else "-w"
    said = corrigenda(*words, option, place, code=4)
    assert said.stderr.startswith("Error: There is no ")
    assert said.stderr.count("\n") == 1
    assert [path.name for path in here.rglob("*")] == ["empty"]


def test_the_default_is_data(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("import", write_run(here / "r", record("a")))
    assert (here / "data/corrigenda.db").is_file()
    assert total(corrigenda("stats", "--json").stdout) == 1


def test_a_database_on_postgresql(postgres_url: str, here: Path, corrigenda: Corrigenda) -> None:
    words = ["--database-url", postgres_url]
    corrigenda("import", write_run(here / "r", record("a")), *words)
    assert total(corrigenda("stats", "--json", *words).stdout) == 1
    assert [path.name for path in here.iterdir()] == ["r"]


def test_a_database_that_cannot_be_reached(corrigenda: Corrigenda) -> None:
    url = "postgresql://kim:secret@127.0.0.1:1/nothing"
    said = corrigenda("stats", "--database-url", url, code=6)
    assert said.stderr.count("\n") == 1
    assert "secret" not in said.stderr


@pytest.mark.parametrize("url", ["nonsense", "mysql://localhost/x"])
def test_a_url_that_cannot_be_used(corrigenda: Corrigenda, url: str) -> None:
    said = corrigenda("stats", "--database-url", url, code=1)
    assert said.stderr.count("\n") == 1


def test_version(corrigenda: Corrigenda) -> None:
    assert corrigenda("--version").stdout == f"corrigenda {__version__}\n"


def test_a_mistyped_command(corrigenda: Corrigenda) -> None:
    assert "Did you mean 'stats'?" in corrigenda("stat", code=2).stderr
