import json
import os
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Corrigenda, approved, record, write_run


@pytest.fixture(autouse=True)
def data(here: Path, corrigenda: Corrigenda) -> None:
    write_run(
        here / "runs/r1",
        approved("a", "A", failure_category="wrong_answer", model_name="One", task_type="math"),
        approved("b", "B", failure_category="hallucination", model_name="Two", task_type="code"),
        record("c"),
    )
    write_run(here / "runs/r2", approved("d", "D", model_name="Two", task_type="math"))
    corrigenda("import", "runs")


def answers(text: str) -> str:
    rows = [json.loads(line) for line in text.splitlines()]
    return "".join(row["messages"][-1]["content"] for row in rows)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "ABD"),
        ("-o -", "ABD"),
        ("--format messages", "ABD"),
        ("--include-category wrong_answer", "A"),
        ("--include-category wrong_answer --include-category none", "AD"),
        ("--exclude-category hallucination", "AD"),
        ("--exclude-category none --exclude-category hallucination", "A"),
        ("--model Two", "BD"),
        ("--model Two --task-type math", "D"),
        ("--run r1", "AB"),
        ("--run r3", ""),
    ],
)
def test_filters(corrigenda: Corrigenda, words: str, expected: str) -> None:
    said = corrigenda("export", *words.split())
    assert answers(said.stdout) == expected
    rows = len(expected)
    assert said.stderr == f"Wrote {rows} row{'' if rows == 1 else 's'}.\n"


def test_a_file(here: Path, corrigenda: Corrigenda) -> None:
    target = here / "train.jsonl"
    target.write_text("old\n", encoding="utf-8")
    said = corrigenda("export", "-o", "train.jsonl")
    assert (said.stdout, said.stderr) == ("", "Wrote 3 rows to `train.jsonl`.\n")
    assert answers(target.read_text("utf-8")) == "ABD"
    assert corrigenda("export", "--output", "train.jsonl", "-q").stderr == ""


def test_a_file_stays_as_it_was_when_the_command_is_refused(
    here: Path, corrigenda: Corrigenda
) -> None:
    (here / "train.jsonl").write_text("old\n", encoding="utf-8")
    said = corrigenda("export", "--include-category", "nonsense", "-o", "train.jsonl", code=1)
    assert "Unknown failure category `nonsense`; allowed are `scoring_artifact`" in said.stderr
    said = corrigenda("export", "--format", "nonsense", "-o", "train.jsonl", code=1)
    assert "Unknown export format `nonsense`; known are `messages`" in said.stderr
    assert (here / "train.jsonl").read_text("utf-8") == "old\n"


def test_a_link_stays_a_link(here: Path, corrigenda: Corrigenda) -> None:
    (here / "real.jsonl").touch()
    (here / "link.jsonl").symlink_to("real.jsonl")
    corrigenda("export", "-o", "link.jsonl")
    assert (here / "link.jsonl").is_symlink()
    assert answers((here / "real.jsonl").read_text("utf-8")) == "ABD"


def test_a_pipe_is_written_to_not_replaced(here: Path, corrigenda: Corrigenda) -> None:
    os.mkfifo(here / "pipe")
    read: list[str] = []
    reader = threading.Thread(
        target=lambda: read.append((here / "pipe").read_text("utf-8")), daemon=True
    )
    reader.start()
    corrigenda("export", "-o", "pipe")
    reader.join(10)
    assert (here / "pipe").is_fifo()
    assert answers(read[0]) == "ABD"


@pytest.mark.parametrize("target", ["nowhere/train.jsonl", "."], ids=["no folder", "a folder"])
def test_a_place_that_cannot_be_written(corrigenda: Corrigenda, target: str) -> None:
    said = corrigenda("export", "-o", target, code=6)
    assert said.stderr.count("\n") == 1
    assert "Cannot use" in said.stderr or "is not a regular file" in said.stderr
