"""`stats`, `runs`, `history`, `doctor` and `sync`."""

import json
import sqlite3
from pathlib import Path

import pytest

import corrigenda as package
from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, approved, record, write_run


@pytest.fixture
def data(here: Path) -> Path:
    """A workspace with three candidates, one of them approved."""
    run = write_run(
        here / "bench/r1", record("a"), record("b"), approved("c", failure_category="wrong_answer")
    )
    with package.open(here / "data") as workspace:
        workspace.import_path(run)
    (here / "data/label_tool.yaml").write_text(
        "sft:\n  bench_results_dir: ../bench\n", encoding="utf-8"
    )
    return here / "data"


def decide(data: Path) -> None:
    with Workspace.open(data) as workspace:
        workspace.submit(
            "a",
            "correct",
            corrected_response="first\nsecond\x1b[31m" + "x" * 300,
            failure_category="hallucination",
            note="see the book",
            tags=["hard", "long"],
            seconds=12.5,
            reviewer="kim",
        )


@pytest.mark.usefixtures("data")
def test_stats_for_people(corrigenda: Corrigenda) -> None:
    lines = corrigenda("stats").stdout.splitlines()
    assert lines[:6] == [
        "Candidates           3",
        "  needs review       2",
        "  approved           1",
        "  discarded          0",
        "  model rejected     0",
        "Ready to export      1",
    ]
    assert "  wrong_answer       1" in lines
    assert "  Small-1B           3" in lines


def test_stats_as_json_are_those_of_the_workspace(data: Path, corrigenda: Corrigenda) -> None:
    with Workspace.open(data) as workspace:
        expected = workspace.stats()
    said = corrigenda("stats", "--json").stdout
    assert json.loads(said) == expected
    assert said.count("\n") == 1


@pytest.mark.usefixtures("data")
def test_runs(here: Path, corrigenda: Corrigenda) -> None:
    write_run(here / "bench/r2", record("d", timestamp="2099-01-01T00:00:00Z"))
    lines = corrigenda("runs").stdout.splitlines()
    assert lines[0].split() == ["RUN", "TIME", "CANDIDATES", "IMPORTED"]
    assert lines[1].split() == ["r2", "2099-01-01T00:00:00Z", "1", "-"]
    assert lines[2].split()[2:] == ["3", "yes"]
    answer = json.loads(corrigenda("runs", "--json").stdout)
    assert [run["run_id"] for run in answer] == ["r2", "r1"]
    assert answer[0] == {
        "run_id": "r2",
        "timestamp": "2099-01-01T00:00:00Z",
        "candidate_count": 1,
        "already_imported": False,
    }


def test_runs_without_a_benchmark_folder(data: Path, corrigenda: Corrigenda) -> None:
    (data / "label_tool.yaml").unlink()
    said = corrigenda("runs")
    assert (said.stdout, said.stderr.count("\n")) == ("", 1)
    assert "set `sft.bench_results_dir` in" in said.stderr
    assert corrigenda("runs", "--json").stdout == "[]\n"


def test_runs_with_a_broken_configuration(data: Path, corrigenda: Corrigenda) -> None:
    (data / "label_tool.yaml").write_text("sft: {bench_results_dir: 7}\n", encoding="utf-8")
    said = corrigenda("runs", code=1)
    assert said.stderr.endswith("`sft.bench_results_dir` must be a folder's path.\n")


def test_history_for_people(data: Path, corrigenda: Corrigenda) -> None:
    decide(data)
    first, *details = corrigenda("history", "a").stdout.splitlines()
    assert first.split("  ")[1:] == ["correct", "by kim", "needs_review -> approved"]
    assert details[0] == "    category    hallucination"
    assert details[1].startswith(r"    correction  first\nsecond\x1b[31mxxx")
    assert details[1].endswith("…")
    assert details[2:] == [
        "    note        see the book",
        "    tags        hard, long",
        "    seconds     12.5",
    ]


def test_history_of_what_a_correction_says_beside_its_text(
    here: Path, corrigenda: Corrigenda
) -> None:
    messages = [{"role": "assistant", "content": "?"}]
    corrigenda("import", write_run(here / "r", record("a", prompt_messages=messages)))
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
    rewritten = {"reasoning": "rewrite", "reasoning_text": "So\nthen", "tool_calls": [call]}
    with Workspace.open(here / "data") as workspace:
        workspace.submit("a", "correct", corrected_response="x", corrected_parts=rewritten)
        parts = {"reasoning": "drop", "tool_calls": [], "turn": 0}
        workspace.submit("a", "amend", corrected_response="y", corrected_parts=parts)
        workspace.submit("a", "categorise")
    lines = corrigenda("history", "a").stdout.splitlines()
    assert [line.split("  ")[1:] if line[0] != " " else line for line in lines] == [
        ["correct", "by local", "needs_review -> approved"],
        "    correction  x",
        r"    reasoning   So\nthen",
        '    tool calls  add {"a": 2}',
        ["amend", "by local", "approved -> approved"],
        "    correction  y",
        "    reasoning   dropped",
        "    tool calls  none",
        "    turn        0",
        ["categorise", "by local", "approved -> approved"],
        "    category    none",
    ]


def test_history_as_json(data: Path, corrigenda: Corrigenda) -> None:
    decide(data)
    [entry] = json.loads(corrigenda("history", "a", "--json").stdout)
    assert len(entry["corrected_response"]) > 300
    assert entry["tags"] == ["hard", "long"]


@pytest.mark.usefixtures("data")
def test_history_of_nothing(corrigenda: Corrigenda) -> None:
    said = corrigenda("history", "b")
    assert (said.stdout, said.stderr) == ("", "`b` has no decisions yet.\n")
    said = corrigenda("history", "nobody", code=4)
    assert said.stderr == "Error: There is no candidate `nobody` in this workspace.\n"


@pytest.mark.usefixtures("data")
def test_doctor_finds_nothing(corrigenda: Corrigenda) -> None:
    lines = corrigenda("doctor").stdout.splitlines()
    assert {line.split()[0] for line in lines} == {
        "database",
        "schema",
        "counts",
        "orders",
        "files",
        "search",
        "disk",
    }
    assert {line.split()[1] for line in lines} == {"ok"}
    for finding in json.loads(corrigenda("doctor", "--json").stdout):
        assert finding.keys() == {"check", "ok", "message"}
        assert finding["ok"] is True


def test_doctor_finds_a_wrong_count(data: Path, corrigenda: Corrigenda) -> None:
    database = sqlite3.connect(data / "corrigenda.db")
    with database:
        database.execute("UPDATE counts SET n = n + 5 WHERE dimension = 'total'")
    database.close()
    said = corrigenda("doctor", code=3)
    assert [line.split()[0] for line in said.stdout.splitlines() if "FAIL" in line] == ["counts"]
    answer = json.loads(corrigenda("doctor", "--json", code=3).stdout)
    assert [finding["check"] for finding in answer if not finding["ok"]] == ["counts"]


def test_sync_writes_what_is_missing(data: Path, corrigenda: Corrigenda) -> None:
    assert corrigenda("sync").stdout == f"The files in `{data}` are up to date.\n"
    (data / "sft_candidates.jsonl").unlink()
    assert corrigenda("sync").stdout == f"Wrote `{data}/sft_candidates.jsonl`.\n"
    assert len((data / "sft_candidates.jsonl").read_text("utf-8").splitlines()) == 3


def test_sync_leaves_the_files_to_their_owner(data: Path, corrigenda: Corrigenda) -> None:
    with Workspace.open(data):
        said = corrigenda("sync", code=5)
        assert "keeps its files" in said.stderr
        corrigenda("stats")
        corrigenda("doctor")


def test_sync_of_a_database_without_files(here: Path, corrigenda: Corrigenda) -> None:
    url = f"sqlite:///{here / 'other.db'}"
    corrigenda("import", write_run(here / "r", record("a")), "--database-url", url)
    assert "keeps no files" in corrigenda("sync", "--database-url", url).stdout
