import json
from pathlib import Path

import pytest

from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, record, write_run


def imported(said: str) -> dict[str, bool]:
    return {run["run_id"]: run["already_imported"] for run in json.loads(said)}


def test_makes_a_workspace_with_a_run_left_to_import(here: Path, corrigenda: Corrigenda) -> None:
    said = corrigenda("demo", "--no-serve").stdout
    assert "`corrigenda-demo`" in said
    assert "30 invented answers wait for review, and 1 run can be imported" in said
    runs = imported(corrigenda("runs", "--json", "-w", "corrigenda-demo").stdout)
    assert list(runs.values()) == [False, True, True, True], "newest first"
    newest = next(iter(runs))
    assert json.loads(corrigenda("import", newest, "--json", "-w", "corrigenda-demo").stdout) == {
        "imported": 4,
        "skipped": 0,
    }
    assert [path.name for path in here.iterdir()] == ["corrigenda-demo"]


@pytest.mark.parametrize(
    "words", [["demo", "--no-serve", "-w", "d"], ["-w", "d", "demo", "--no-serve"]]
)
def test_keeps_what_was_done(corrigenda: Corrigenda, words: list[str]) -> None:
    corrigenda(*words)
    config = Path("d/label_tool.yaml")
    config.write_text("# mine\n" + config.read_text("utf-8"), encoding="utf-8")
    with Workspace.open("d") as workspace:
        [first] = workspace.queue(limit=1).items
        workspace.submit(first["id"], "discard")
    assert "29 invented answers wait" in corrigenda(*words).stdout
    assert config.read_text("utf-8").startswith("# mine\n")
    with Workspace.open("d") as workspace:
        assert workspace.get(first["id"])["status"] == "discarded"


def test_leaves_other_directories_alone(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("import", write_run(here / "r", record("a")), "-w", "work")
    said = corrigenda("demo", "--no-serve", "-w", "work", code=1)
    assert "`work` holds something else" in said.stderr
    assert json.loads(corrigenda("stats", "--json", "-w", "work").stdout)["total"] == 1


def test_leaves_the_environment_s_workspace_alone(here: Path, corrigenda: Corrigenda) -> None:
    env = {
        "CORRIGENDA_WORKSPACE": str(here / "work"),
        "CORRIGENDA_DATABASE_URL": f"sqlite:///{here / 'work.db'}",
    }
    corrigenda("demo", "--no-serve", env=env)
    assert [path.name for path in here.iterdir()] == ["corrigenda-demo"]
