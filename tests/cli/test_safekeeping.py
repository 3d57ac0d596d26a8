"""`backup`, `restore` and `purge`, as a user calls them."""

import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Corrigenda, approved, record, write_run
from tests.fixtures.processes import stop
from tests.fixtures.serving import serving


@pytest.fixture
def ws(here: Path, corrigenda: Corrigenda) -> Path:
    run = write_run(here / "run-1", record("a"), approved("b"), record("c"))
    corrigenda("import", run, "-w", "ws")
    return here / "ws"


def test_there_and_back(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    said = corrigenda("backup", "-w", ws, "-o", here / "b.tar.zst").stdout
    assert said.startswith(f"Wrote `{here / 'b.tar.zst'}` (0.")
    assert said.endswith("MB): 3 candidates, 1 decision.\n")
    said = corrigenda("restore", "b.tar.zst", "again").stdout
    assert said.startswith(f"`{here / 'again'}` is as it was at 20")
    assert corrigenda("stats", "-w", "again").stdout == corrigenda("stats", "-w", ws).stdout
    corrigenda("doctor", "-w", "again")
    refused = corrigenda("restore", "b.tar.zst", "again", code=5).stderr
    assert "keep it aside with `--force`" in refused
    forced = corrigenda("restore", "b.tar.zst", "-w", "again", "--force")
    assert forced.stderr.startswith(f"What was there is `{here}/again.before-restore-20")


def test_it_is_restored_where_the_environment_says(
    ws: Path, here: Path, corrigenda: Corrigenda
) -> None:
    corrigenda("backup", "-w", ws, "-o", "b.tar.zst")
    url = f"sqlite:///{here / 'apart.db'}"
    env = {"CORRIGENDA_WORKSPACE": "again", "CORRIGENDA_DATABASE_URL": url}
    corrigenda("restore", "b.tar.zst", env=env)
    assert not (here / "again/corrigenda.db").exists()
    said = corrigenda("stats", env=env).stdout
    assert said == corrigenda("stats", "-w", ws).stdout
    # What stands on the line goes before it.
    corrigenda("restore", "b.tar.zst", "third", env={"CORRIGENDA_WORKSPACE": "again"})
    assert (here / "third/corrigenda.db").exists()


def test_passes_that_were_purged_are_counted(here: Path, corrigenda: Corrigenda) -> None:
    lines = [{"question": f"Q{n}?", "answer": "4", "correct": n > 0} for n in range(4)]
    (here / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    maps = ("--map", "prompt=question", "--map", "response=answer")
    words = ("import", "r.jsonl", *maps, "--wrong-when", "correct==false")
    assert "Imported 1 candidate and 3 passes." in corrigenda(*words).output
    done = corrigenda("purge", "--run", "r", "--yes")
    assert done.stdout == "Removed 1 candidate, 0 decisions, 3 passes.\n"
    assert "Left out 4 samples removed by `purge`" in corrigenda(*words).output
    assert json.loads(corrigenda(*words, "--json").stdout)["purged"] == 4


def test_for_programs(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    made = json.loads(corrigenda("backup", "-w", ws, "--json").stdout)
    assert Path(made["path"]).parent == here
    assert (made["candidates"], made["decisions"]) == (3, 1)
    done = json.loads(corrigenda("restore", made["path"], "again", "--json").stdout)
    assert (done["directory"], done["kept"]) == (str(here / "again"), None)
    report = json.loads(corrigenda("purge", "-w", ws, "--candidate", "b", "-y", "--json").stdout)
    assert report == {
        "candidates": 1,
        "passes": 0,
        "decisions": 1,
        "runs": 0,
        "lines": 2,
        "snapshots": [],
        "backups": [made["path"]],
        "remarks": [],
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("backup -w nowhere", 4, "There is no workspace in"),
        ("backup -w ws -o run-1/sft_candidates.jsonl", 5, "is there already; it is not replaced."),
        ("backup -w ws -o ws", 1, "cannot lie in the workspace"),
        ("restore nowhere.tar.zst x", 4, "There is no backup `nowhere.tar.zst`."),
        ("restore run-1/sft_candidates.jsonl x", 1, "not a backup of Corrigenda."),
        ("restore run-1/sft_candidates.jsonl", 2, "say where the workspace will be"),
        ("restore run-1/sft_candidates.jsonl x -w y", 2, "give the workspace once"),
        ("-w y restore run-1/sft_candidates.jsonl x", 2, "give the workspace once"),
        ("purge -w ws", 2, "say what to remove"),
        ("purge -w ws -y --candidate nope", 4, "There is no candidate `nope`"),
        ("purge -w ws -y --run nope", 4, "There is no run `nope` in this workspace."),
        ("purge -w nowhere -y --run nope", 4, "There is no workspace in"),
    ],
)
def test_is_refused(ws: Path, corrigenda: Corrigenda, words: str, code: int, said: str) -> None:
    error = corrigenda(*words.split(), code=code).stderr
    assert said in error
    if code != 2:
        assert error.count("\n") == 1
    assert ws.is_dir()


def test_purging_asks_first(ws: Path, corrigenda: Corrigenda) -> None:
    asked = corrigenda("purge", "-w", ws, "--run", "run-1", code=1)
    assert "To remove for good: 3 candidates, 1 run." in asked.stderr
    assert "Candidates        3" in corrigenda("stats", "-w", ws).stdout
    done = corrigenda("purge", "-w", ws, "--run", "run-1", "--yes")
    assert done.stdout == "Removed 3 candidates, 1 decision.\n"
    assert "Candidates        0" in corrigenda("stats", "-w", ws).stdout
    report = corrigenda("import", "run-1", "-w", ws).output
    assert "Left out 3 samples removed by `purge` (--allow-purged)." in report
    assert "Candidates        0" in corrigenda("stats", "-w", ws).stdout
    corrigenda("import", "run-1", "-w", ws, "--allow-purged")
    assert "Candidates        3" in corrigenda("stats", "-w", ws).stdout


def test_while_a_server_runs(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    with serving(ws, here / "log") as served:
        served.json("/api/sft/submit", {"id": "a", "action": "discard"})
        corrigenda("backup", "-w", ws, "-o", here / "b.tar.zst")
        refused = corrigenda("purge", "-w", ws, "--candidate", "a", "-y", code=5).stderr
        assert "stop it first" in refused
        assert served.get("/readyz")[0] == 200
        assert "corrigenda_candidates{status=" in served.get("/metrics")[1]
    corrigenda("restore", "b.tar.zst", "again")
    assert corrigenda("history", "a", "-w", "again").stdout.split()[1] == "discard"


def test_requests_are_told_of_as_json(ws: Path, here: Path) -> None:
    words = ("--log-level", "info", "--log-format", "json")
    with serving(ws, here / "log", *words) as served:
        served.get("/api/sft/queue?q=secret")
    lines = [json.loads(line) for line in (here / "log").read_text().splitlines() if line[0] == "{"]
    told = [line["route"] for line in lines if line["event"] == "request"]
    assert told[-1] == "/api/sft/queue"
    assert "secret" not in (here / "log").read_text()


def test_the_second_signal_ends_it_at_once(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    with serving(ws, here / "log") as served:
        served.json("/api/sft/submit", {"id": "a", "action": "correct", "corrected_response": "4"})
        # Its end has to wait for whoever writes to the database.
        other = sqlite3.connect(ws / "corrigenda.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        served.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 20
        while "Finishing what has begun" not in served.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(5) == 130
        other.close()
        assert stop(served.process)
    assert "Ended at once" in served.log.read_text()
    corrigenda("sync", "-w", ws)
    corrigenda("doctor", "-w", ws)
    assert "a" in (ws / "sft_approved.jsonl").read_text()
