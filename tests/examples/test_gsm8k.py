import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "gsm8k.py"
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
RUNS = {key: f"gsm8k-gpt3-{key.replace('_', '-')}" for key in MODELS}


def line(*solutions: str, question: str = "How many apples are three and four?") -> dict[str, Any]:
    """One line of the published format; a solution that ends like the truth counts as correct."""
    truth = "3 + 4 = <<3+4=7>>7\nA: 7"
    answers = {
        key: {"is_correct": solution.endswith("A: 7"), "solution": solution}
        for key, solution in zip(MODELS, solutions, strict=True)
    }
    return {"question": question, "ground_truth": truth, **answers}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    return path


def convert(source: Path, out_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(source), str(out_dir)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=60,
        check=False,
    )


def read_run(out_dir: Path, key: str, name: str = "sft_candidates.jsonl") -> list[dict[str, Any]]:
    text = (out_dir / RUNS[key] / name).read_text(encoding="utf-8")
    return [json.loads(each) for each in text.splitlines()]


def test_wrong_answers_become_candidates_of_four_runs(tmp_path: Path) -> None:
    source = write(
        tmp_path / "solutions.jsonl",
        line("A: 7", "3 * 4 = 12\nA: 12", "A: 7", "A: 7"),
        line("A: 8", "A: 7", "A: 7", "A: 7", question="Wie viele Äpfel? \ud83c\udf4e"),
    )

    done = convert(source, tmp_path / "new" / "bench")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "gsm8k-gpt3-6b-finetuning: 1 candidates, 1 passes",
        "gsm8k-gpt3-6b-verification: 1 candidates, 1 passes",
        "gsm8k-gpt3-175b-finetuning: 0 candidates, 2 passes",
        "gsm8k-gpt3-175b-verification: 0 candidates, 2 passes",
    ]
    out = tmp_path / "new" / "bench"
    assert read_run(out, "6b_verification") == [
        {
            "id": "gsm8k-0001-6b-verification",
            "source": "openai/grade-school-math",
            "benchmark_run_id": "gsm8k-gpt3-6b-verification",
            "timestamp": None,
            "status": "needs_review",
            "prompt_messages": [{"role": "user", "content": "How many apples are three and four?"}],
            "model_response": "3 * 4 = 12\nA: 12",
            "corrected_response": None,
            "quality_score": 0.0,
            "failure_reason": "final answer `12`, expected `7`",
            "failure_category": None,
            "task_id": "gsm8k/test/1",
            "task_type": "math",
            "task_name": "GSM8K (test) #1",
            "model_id": "gpt3-6b-verification",
            "model_name": "GPT-3 6B (verification)",
            "node_id": None,
            "gpu_id": None,
            "tokens_per_sec": None,
            "reference_answer": "3 + 4 = <<3+4=7>>7\nA: 7",
            "scoring": {"kind": "numeric", "params": {"expected": "7", "prefix": "A:"}},
        }
    ]
    (right,) = read_run(out, "6b_finetuning", "sft_passes.jsonl")
    assert (right["id"], right["model_response"]) == ("gsm8k-0001-6b-finetuning", "A: 7")
    assert (right["status"], right["failure_reason"], right["quality_score"]) == (None, None, 1.0)
    (second,) = read_run(out, "6b_finetuning")
    assert second["id"] == "gsm8k-0002-6b-finetuning"
    assert second["prompt_messages"][0]["content"] == "Wie viele Äpfel? 🍎"
    assert sorted(path.name for path in out.iterdir()) == sorted(RUNS.values())


@pytest.mark.parametrize(
    ("solution", "reason"),
    [
        ("A: 1,200 \n", "final answer `1,200`, expected `7`"),
        ("A: 5\nso there are 5", "no final answer (`A: …` on the last line), expected `7`"),
        ("A:", "no final answer (`A: …` on the last line), expected `7`"),
        ("", "no final answer (`A: …` on the last line), expected `7`"),
    ],
    ids=["comma", "not the last line", "nothing after the mark", "empty"],
)
def test_the_reason_states_what_is_there(tmp_path: Path, solution: str, reason: str) -> None:
    source = write(tmp_path / "in.jsonl", line(solution, "A: 7", "A: 7", "A: 7"))
    assert convert(source, tmp_path).returncode == 0
    assert read_run(tmp_path, "6b_finetuning")[0]["failure_reason"] == reason


def test_a_blank_line_counts_as_a_line(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(f"\n{json.dumps(line('A: 1', 'A: 7', 'A: 7', 'A: 7'))}", encoding="utf-8")
    assert convert(source, tmp_path).returncode == 0
    assert read_run(tmp_path, "6b_finetuning")[0]["id"] == "gsm8k-0002-6b-finetuning"


GOOD = json.dumps(line("A: 1", "A: 2", "A: 3", "A: 4")).encode()


def changed(**fields: object) -> bytes:
    return json.dumps(line("A: 1", "A: 2", "A: 3", "A: 4") | fields).encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file holds no questions"),
        (GOOD + b'\n{"question": ', "line 2: not JSON: Expecting value"),
        (GOOD + b"\n\xff\n", "line 2: not UTF-8: "),
        (b"[1]", "line 1: expected an object"),
        (b'{"messages": []}', "line 1: `question` is missing or not a text"),
        (changed(ground_truth=7), "line 1: `ground_truth` is missing or not a text"),
        (changed(ground_truth="#### 7"), "line 1: `ground_truth` does not end with a line `A: …`"),
        (changed(**{"175b_finetuning": None}), "line 1: `175b_finetuning` is missing or not"),
        (
            changed(**{"6b_finetuning": {"is_correct": "no", "solution": ""}}),
            "line 1: `6b_finetuning.is_correct` is missing or not true or false",
        ),
        (
            changed(**{"6b_finetuning": {"is_correct": False}}),
            "line 1: `6b_finetuning.solution` is missing or not a text",
        ),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(
    tmp_path: Path, content: bytes, message: str
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(content)

    done = convert(source, tmp_path / "out")

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: `{source}`")
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_bad_input_leaves_an_earlier_conversion_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    source = write(tmp_path / "in.jsonl", line("A: 1", "A: 2", "A: 3", "A: 4"))
    assert convert(source, out).returncode == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    write(source, line("A: 9", "A: 9", "A: 9", "A: 9"), [])

    assert convert(source, out).returncode == 1
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("which", ["missing input", "input is a directory", "output is a file"])
def test_a_path_that_cannot_be_used_is_one_line(tmp_path: Path, which: str) -> None:
    source = write(tmp_path / "in.jsonl", line("A: 1", "A: 2", "A: 3", "A: 4"))
    cases = {
        "missing input": (tmp_path / "nowhere.jsonl", tmp_path / "out", "nowhere.jsonl"),
        "input is a directory": (tmp_path, tmp_path / "out", str(tmp_path)),
        "output is a file": (source, source, "in.jsonl"),
    }
    given, out, named = cases[which]

    done = convert(given, out)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: `")
    assert named in done.stderr


def real_file() -> Path:
    named = os.environ.get("GSM8K_FILE")
    if named:
        return Path(named)
    return ROOT.parent / "shared" / "data" / "gsm8k" / "example_model_solutions.jsonl"


def test_the_published_file_gives_every_wrong_answer(tmp_path: Path) -> None:
    source = real_file()
    if not source.is_file():
        pytest.skip(f"`{source}` is missing: GSM8K_FILE can name the published file")
    wrong: Counter[str] = Counter()
    for raw in source.read_bytes().splitlines():
        for key in MODELS:
            wrong[key] += raw.count(f'"{key}": {{"is_correct": false'.encode())

    done = convert(source, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert wrong.total() == 3275
    questions = len(source.read_bytes().splitlines())
    records = {key: read_run(tmp_path, key) for key in MODELS}
    assert {key: len(each) for key, each in records.items()} == wrong
    passes = {key: len(read_run(tmp_path, key, "sft_passes.jsonl")) for key in MODELS}
    assert passes == {key: questions - wrong[key] for key in MODELS}
    ids = [record["id"] for each in records.values() for record in each]
    assert len(set(ids)) == len(ids)
    first = records["6b_finetuning"][0]
    assert first["failure_reason"] == "final answer `26`, expected `18`"
    assert first["id"] == "gsm8k-0001-6b-finetuning"
