"""`compare`: two runs side by side, as text, Markdown and JSON, and as a check."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.candidate import parse
from corrigenda.store import passes
from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, record, write_run

DOCUMENT = Path(__file__).parents[2] / "docs/comparing.md"


def sample(run: str, prompt: str, **fields: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": prompt}]
    more = {"prompt_messages": asked, "benchmark_run_id": run, "task_name": "sums"}
    return record(f"{run}-{prompt}", **{**more, **fields})


@pytest.fixture
def data(here: Path) -> Path:
    """Two runs: two prompts are fixed, one of them by the scorer's fault, and one regressed."""
    wrong = [sample("a", f"q{n}") for n in range(4)]
    wrong += [sample("b", "q3", model_response="other"), sample("b", "p|`0")]
    right = [sample(run, f"p|`{n}") for n in range(5) for run in "ab" if (n, run) != (0, "b")]
    right += [sample("b", f"q{n}") for n in range(3)]
    run = write_run(here / "bench/runs", *wrong)
    with Workspace.open(here / "data") as workspace:
        workspace.import_path(run)
        samples = [parse(each) for each in right]
        workspace.database.write(lambda connection: passes.arrive(connection, samples))
        workspace.submit("a-q0", "discard", failure_category="scoring_artifact")
    return here / "data"


@pytest.mark.usefixtures("data")
def test_as_text(corrigenda: Corrigenda) -> None:
    lines = corrigenda("compare", "a", "b").stdout.splitlines()
    assert lines[:2] == ["Comparison of two runs", "======================"]
    said = {line.split("  ")[0]: re.split(" {2,}", line) for line in lines}
    assert said["fixed"] == [
        *("fixed", "of A's failures", "3", "75.0% (30.1 to 95.4)"),
        *("2", "66.7% (20.8 to 93.9)"),
    ]
    assert said["regressed"][2:] == [
        *("1", "20.0% (3.6 to 62.4)", "1", "16.7% (3.0 to 56.4)"),
    ]
    assert "  Both have 9 prompts; 0 are in A alone and 0 in B alone, and not compared" in lines
    assert any("a-p" in line and "b-p" in line for line in lines)


@pytest.mark.usefixtures("data")
def test_as_markdown(corrigenda: Corrigenda) -> None:
    lines = corrigenda("compare", "a", "b", "--format", "markdown").stdout.splitlines()
    assert lines[0] == "# Comparison of two runs"
    tables = [line for line in lines if line.startswith("|")]
    assert (
        "| same failure | of A's failures | 0 | 0.0% (0.0 to 49.0) | 0 | 0.0% (0.0 to 56.1) |"
        in (tables)
    )
    assert [line for line in lines if line.startswith("## ")] == [
        *("## To know first", "## Outcomes", "## Pass rates"),
        *("## By failure category of A", "## By failure category of A, adjusted", "## Regressed"),
    ]
    # Nothing of an id is Markdown.
    assert lines[-1] == r"- A ``a-p\|`0``; B ``b-p\|`0``"


def test_as_json_it_is_that_of_the_workspace(data: Path, corrigenda: Corrigenda) -> None:
    said = json.loads(corrigenda("compare", "a", "b", "--format", "json").stdout)
    with Workspace.open(data) as workspace:
        assert said == workspace.compare("a", "b").as_dict()
    outcomes = {
        (*each["a"]["candidates"], *each["a"]["passes"])[0]: each["outcome"]
        for each in said["prompts"]
    }
    assert outcomes["a-q0"] == "fixed"
    assert outcomes["a-q3"] == "different_failure"
    assert outcomes["a-p|`0"] == "regressed"


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("name", "words"),
    [("found.md", []), ("found.json", []), ("found.txt", []), ("found", ["--format", "json"])],
)
def test_into_a_file(here: Path, corrigenda: Corrigenda, name: str, words: list[str]) -> None:
    forms = {".md": "markdown", ".json": "json"}
    form = words or ["--format", forms.get(Path(name).suffix, "text")]
    printed = corrigenda("compare", "a", "b", *form).stdout
    done = corrigenda("compare", "a", "b", *words, "-o", here / name)
    assert (done.stdout, done.stderr.startswith("Wrote ")) == ("", True)
    assert (here / name).read_text("utf-8") == printed


@pytest.mark.usefixtures("data")
def test_checks(here: Path, corrigenda: Corrigenda) -> None:
    words = ("compare", "a", "b", "--fail-on")
    assert corrigenda(*words, "regressed>1").stderr == ""
    done = corrigenda(*words, "regressed>0", "--fail-on", "adjusted.fixed_rate<0.9", code=3)
    assert done.stdout == corrigenda("compare", "a", "b").stdout
    assert done.stderr.splitlines() == [
        "Failed: `regressed` is 1: it is > 0.",
        "Failed: `adjusted.fixed_rate` is 0.666667: it is < 0.9.",
    ]
    said = corrigenda(*words, "regressed>0", "-o", here / "found.md", code=3)
    assert (here / "found.md").exists()
    assert "Failed" in said.stderr
    refused = corrigenda(*words, "worse>0", "-o", here / "no.md", code=1)
    assert refused.stderr.startswith("Error: `worse` cannot be checked; use one of fixed, ")
    assert not (here / "no.md").exists()


@pytest.mark.usefixtures("data")
def test_what_fails_is_queued(corrigenda: Corrigenda) -> None:
    done = corrigenda("compare", "a", "b", "--queue", "again")
    assert done.stderr == "Made the batch `again` of 2 candidates.\n"
    assert done.stdout == corrigenda("compare", "a", "b").stdout
    refused = corrigenda("compare", "a", "b", "--queue", "again", code=1)
    assert refused.stdout == ""
    assert "There is a batch `again` already" in refused.stderr
    nothing = corrigenda("compare", "b", "a", "--queue", "more").stderr
    assert nothing == "Made the batch `more` of 3 candidates.\n"


@pytest.mark.usefixtures("data")
def test_what_was_trained_on(corrigenda: Corrigenda) -> None:
    with Workspace.open("data") as workspace:
        workspace.submit("a-q1", "correct", corrected_response="right")
    corrigenda("export", "--curated", "--name", "set-1")
    said = corrigenda("compare", "a", "b", "--trained", "set-1").stdout
    assert "Trained on: `set-1`, 1 row of corrections and 0 passes" in said
    assert re.search(r"^trained +1 +1 +0", said, re.MULTILINE)
    corrigenda("compare", "a", "b", "--trained", "set-2", code=4)


@pytest.mark.usefixtures("data")
def test_what_cannot_be_compared(corrigenda: Corrigenda) -> None:
    said = corrigenda("compare", "a", "c", code=4).stderr
    assert said.startswith("Error: There is no run `c` with samples in this workspace; known are ")
    assert "itself" in corrigenda("compare", "a", "a", code=1).stderr
    corrigenda("compare", "a", "b", "--format", "moon", code=2)


def test_no_workspace(corrigenda: Corrigenda) -> None:
    corrigenda("compare", "a", "b", code=4)


def test_no_prompt_in_common(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("import", write_run(here / "r", sample("a", "one"), sample("b", "two")))
    said = corrigenda("compare", "a", "b").stdout
    assert "The runs have no prompt in common, so there is nothing to compare." in said
    failed = corrigenda("compare", "a", "b", "--fail-on", "regressed>0", code=3).stderr
    assert failed == "Failed: `regressed` cannot be told: no prompt shows it.\n"


MODELS = ("6b_finetuning", "175b_finetuning")


def _final(solution: str) -> str | None:
    """The number on the last line `A: …`, as the benchmark's authors write it."""
    found = re.findall(r"^A: *\$?([-\d.,]+)", solution, re.MULTILINE)
    return found[-1].replace(",", "").rstrip(".") if found else None


def test_real_models(here: Path, shared_data: Path, corrigenda: Corrigenda) -> None:
    """GSM8K by two models: as counted from the file itself, and as the documentation shows."""
    path = shared_data / "gsm8k/example_model_solutions.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for model in MODELS:
        lines = [
            json.dumps(
                {
                    "question": row["question"],
                    "reference": row["ground_truth"],
                    "solution": row[model]["solution"],
                    "correct": row[model]["is_correct"],
                }
            )
            for row in rows
        ]
        (here / f"{model}.jsonl").write_text("\n".join(lines), "utf-8")
        columns = ("prompt=question", "response=solution", "reference=reference")
        words = [word for each in columns for word in ("--map", each)]
        corrigenda("import", f"{model}.jsonl", *words, "--wrong-when", "correct==false")

    said = corrigenda("compare", *MODELS, "--format", "json").stdout
    total = json.loads(said)["raw"]["total"]
    pairs = [tuple(row[model]["is_correct"] for model in MODELS) for row in rows]
    both = [row for row in rows if not any(row[model]["is_correct"] for model in MODELS)]
    alike = sum(
        len({_final(row[model]["solution"]) for model in MODELS}) == 1
        and _final(row[MODELS[0]]["solution"]) is not None
        for row in both
    )
    assert (total["n"], total["fixed"], total["regressed"], total["kept"]) == (
        1319,
        pairs.count((False, True)),
        pairs.count((True, False)),
        pairs.count((True, True)),
    )
    assert total["same_failure"] + total["different_failure"] == len(both)
    # A bare `30` and `30.00` are one answer, which this count does not see.
    assert alike <= total["same_failure"] <= alike + 5

    shown = corrigenda("compare", *MODELS).stdout
    start, end = shown.index("Outcomes\n"), shown.index("Regressed\n")
    assert shown[start:end].strip() in DOCUMENT.read_text("utf-8")
