import json
import os
import threading
from pathlib import Path

import pytest

from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, approved, record, write_run


@pytest.fixture(autouse=True)
def data(here: Path, corrigenda: Corrigenda) -> None:
    write_run(
        here / "runs/r1",
        approved(
            "a",
            "A",
            failure_category="wrong_answer",
            model_name="One",
            task_type="math",
            quality_score=0.1,
            task_name="Sums",
        ),
        approved(
            "b",
            "B",
            failure_category="hallucination",
            model_name="Two",
            task_type="code",
            quality_score=0.5,
        ),
        record("c"),
    )
    write_run(
        here / "runs/r2",
        approved("d", "D", model_name="Two", task_type="math", failure_reason="sunny"),
    )
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
        ("--task Sums", "A"),
        ("--min-score 0.5", "B"),
        ("--max-score 0.5", "AB"),
        ("--reviewer import", "ABD"),
        ("--reviewer nobody", ""),
        ("--from 2020-01-01 --until 9999-12-31", "ABD"),
        ("--from 9999-01-01", ""),
        ("--until 2020-01-01", ""),
        ("--text sunny", "D"),
        ("--tag odd", ""),
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
    assert "Unknown export format `nonsense`; known are `alpaca`" in said.stderr
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


@pytest.mark.parametrize(
    ("target", "code", "reason"),
    [
        ("nowhere/train.jsonl", 6, "Cannot use"),
        (".", 1, "`.` is not empty; name a new or an empty folder."),
        ("data/sft_candidates.jsonl", 1, "is one of the workspace's own files"),
    ],
)
def test_a_place_that_cannot_be_written(
    corrigenda: Corrigenda, target: str, code: int, reason: str
) -> None:
    said = corrigenda("export", "-o", target, code=code)
    assert said.stderr.count("\n") == 1
    assert reason in said.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "abcd"),
        ("--status needs_review", "c"),
        ("--status needs_review --status approved --run r1", "abc"),
        ("--status discarded", ""),
    ],
)
@pytest.mark.parametrize("more", ["", "--no-deduplicate --strict"])
def test_records_in_a_status(corrigenda: Corrigenda, words: str, expected: str, more: str) -> None:
    chosen = [*words.split(), *more.split()]
    rows = corrigenda("export", "--format", "candidates", *chosen).stdout.splitlines()
    assert "".join(json.loads(row)["id"] for row in rows) == expected


@pytest.mark.parametrize("more", [[], ["--curated"], ["--dry-run"]])
def test_training_data_is_of_what_is_approved(corrigenda: Corrigenda, more: list[str]) -> None:
    said = corrigenda("export", "--status", "needs_review", "--status", "approved", *more, code=1)
    assert said.stderr.endswith(
        "is for training, and only approved corrections are trained on; a status can be chosen "
        "for `candidates` and `csv`.\n"
    )
    assert corrigenda("export", "--status", "approved", *more).stderr


def test_an_unknown_status(corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--format", "csv", "--status", "open", code=1)
    assert said.stderr.count("\n") == 1
    assert "needs_review" in said.stderr


def test_where_nothing_is_left_it_says_how_to_see_why(here: Path, corrigenda: Corrigenda) -> None:
    prompts = [record(each)["prompt_messages"][-1]["content"] for each in "abd"]
    (here / "set.txt").write_text("\n".join(prompts))
    corrigenda("protect", "set.txt")
    assert corrigenda("export").stderr == (
        "Wrote 0 rows.\n`corrigenda export --dry-run` says what is left out, and why.\n"
    )


def test_a_batch_by_its_name_or_number(here: Path, corrigenda: Corrigenda) -> None:
    with Workspace.open(here / "data") as workspace:
        number = workspace.create_batch("sample", size=5)["id"]
        workspace.submit("c", "correct", corrected_response="C")
    for batch in ("sample", str(number)):
        assert answers(corrigenda("export", "--batch", batch).stdout) == "C"


def test_a_table_goes_to_standard_output_as_csv(corrigenda: Corrigenda) -> None:
    said = corrigenda("export", "--format", "csv", "--run", "r1")
    lines = said.stdout.splitlines()
    assert lines[0].startswith("id,status,")
    assert [line.partition(",")[0] for line in lines[1:]] == ["a", "b", "c"]
