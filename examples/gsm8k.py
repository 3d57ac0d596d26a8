r"""Turn GPT-3's answers to GSM8K into four runs that Corrigenda imports.

The repository https://github.com/openai/grade-school-math publishes (MIT licence) the answers of
four GPT-3 models to the 1,319 questions of GSM8K's test set, one question a line:
`grade_school_math/data/example_model_solutions.jsonl`.

    python examples/gsm8k.py example_model_solutions.jsonl bench_results

writes each answer marked as wrong to `bench_results/<run_id>/sft_candidates.jsonl`, and each one
marked as right to `sft_passes.jsonl` beside it: it stands as a sibling beside the wrong ones.

**Don't train on the result in earnest.** The questions are GSM8K's own test set: a model that has
seen them has no GSM8K score that means anything. They serve to try Corrigenda on real failures.

A line before (shortened; each line has four models):

    {"question": "Janet's ducks lay 16 eggs per day. …", "ground_truth": "Janet sells …\nA: 18",
     "6b_finetuning": {"is_correct": false, "solution": "Janet eats 3 …\nA: 26"}, …}

The record after, in the run `gsm8k-gpt3-6b-finetuning` (the null fields are left out here):

    {"id": "gsm8k-0001-6b-finetuning", "source": "openai/grade-school-math",
     "benchmark_run_id": "gsm8k-gpt3-6b-finetuning", "status": "needs_review",
     "prompt_messages": [{"role": "user", "content": "Janet's ducks lay 16 eggs per day. …"}],
     "model_response": "Janet eats 3 …\nA: 26", "quality_score": 0.0,
     "failure_reason": "final answer `26`, expected `18`", "task_id": "gsm8k/test/1",
     "task_type": "math", "task_name": "GSM8K (test) #1", "model_id": "gpt3-6b-finetuning",
     "model_name": "GPT-3 6B (finetuning)", "reference_answer": "Janet sells …\nA: 18",
     "scoring": {"kind": "numeric", "params": {"expected": "18", "prefix": "A:"}}}

The number is the line's in the file, from 1, so that ids stay the same from one conversion to the
next. The log has neither times nor hardware; those fields are null. Only the standard library is
needed.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MODELS = {
    "6b_finetuning": "GPT-3 6B (finetuning)",
    "6b_verification": "GPT-3 6B (verification)",
    "175b_finetuning": "GPT-3 175B (finetuning)",
    "175b_verification": "GPT-3 175B (verification)",
}
"""The four keys of a line that hold a model's answer, and the name to show for each."""

WRONG, RIGHT = "sft_candidates.jsonl", "sft_passes.jsonl"
"""The two files of a run: what a model got wrong, and what it got right."""

_FILES = (WRONG, RIGHT)
FINAL_ANSWER = re.compile(r"^A:[ \t]*(\S.*)$")


class BadInputError(Exception):
    """The input cannot be converted; the message names the file, the line and what is wrong."""


def main(argv: Sequence[str] | None = None) -> int:
    """Convert the file named on the command line, and print a line for each run.

    Returns:
        The exit code: 0, or 1 when the input is unusable or the output cannot be written (2, for
        wrong arguments, is argparse's).
    """
    parser = argparse.ArgumentParser(
        description="Turn GSM8K's example_model_solutions.jsonl into runs for Corrigenda.",
        epilog="These questions are GSM8K's own test set: don't train on them in earnest.",
    )
    parser.add_argument("solutions", type=Path, help="the file example_model_solutions.jsonl")
    parser.add_argument("out_dir", type=Path, help="where to write <run_id>/sft_candidates.jsonl")
    args = parser.parse_args(argv)
    try:
        counts = convert(args.solutions, args.out_dir)
    except BadInputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: `{error.filename or args.out_dir}`: {error.strerror}", file=sys.stderr)
        return 1
    for key, count in counts.items():
        print(f"{run_id(key)}: {count[WRONG]} candidates, {count[RIGHT]} passes")
    return 0


def convert(solutions: Path, out_dir: Path) -> dict[str, dict[str, int]]:
    """Write one run for each model, as a stream: memory does not grow with the file.

    All files are complete before the first takes its name, so that bad input changes nothing.

    Returns:
        How many records were written, by the model's key in the input and the run's file.

    Raises:
        BadInputError: A line of `solutions` is not of the published format.
        OSError: A file cannot be read or written.
    """
    counts = {key: {WRONG: 0, RIGHT: 0} for key in MODELS}
    lines = read_lines(solutions)
    first = next(lines, None)
    if first is None:
        raise BadInputError(f"`{solutions}`: the file holds no questions")
    with ExitStack() as cleanup:
        if not out_dir.exists():
            out_dir.mkdir(parents=True)
            cleanup.callback(_remove_if_empty, out_dir)
        folder = cleanup.enter_context(TemporaryDirectory(prefix=".gsm8k-", dir=out_dir))
        drafts = {(key, name): Path(folder, f"{key}-{name}") for key in MODELS for name in _FILES}
        files = {
            which: cleanup.enter_context(draft.open("w", encoding="ascii", newline="\n"))
            for which, draft in drafts.items()
        }
        for number, line in chain([first], lines):
            for key in MODELS:
                name = RIGHT if line[key]["is_correct"] else WRONG
                files[key, name].write(json.dumps(record(line, number, key)) + "\n")
                counts[key][name] += 1
        for (key, _), file in files.items():
            file.flush()
            os.fsync(file.fileno())
            file.close()
            (out_dir / run_id(key)).mkdir(exist_ok=True)
        for (key, name), draft in drafts.items():
            draft.replace(out_dir / run_id(key) / name)
    return counts


def read_lines(solutions: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line with its number, from 1, after checking its form; blank lines are skipped.

    Raises:
        BadInputError: A line is not UTF-8, not JSON, or not of the published format.
        OSError: The file cannot be read.
    """
    with solutions.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            try:
                line = json.loads(raw.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise BadInputError(f"`{solutions}`, line {number}: not UTF-8: {error}") from error
            except (ValueError, RecursionError) as error:
                raise BadInputError(f"`{solutions}`, line {number}: not JSON: {error}") from error
            if problem := find_problem(line):
                raise BadInputError(f"`{solutions}`, line {number}: {problem}")
            yield number, line


def find_problem(line: object) -> str | None:
    """Say how a parsed line differs from the published format; None when it does not."""
    if not isinstance(line, dict):
        return "expected an object"
    for key in ("question", "ground_truth"):
        if not isinstance(line.get(key), str):
            return f"`{key}` is missing or not a text"
    if final_answer(line["ground_truth"]) is None:
        return "`ground_truth` does not end with a line `A: …`"
    for key in MODELS:
        answer = line.get(key)
        if not isinstance(answer, dict):
            return f"`{key}` is missing or not an object"
        if not isinstance(answer.get("is_correct"), bool):
            return f"`{key}.is_correct` is missing or not true or false"
        if not isinstance(answer.get("solution"), str):
            return f"`{key}.solution` is missing or not a text"
    return None


def record(line: dict[str, Any], number: int, key: str) -> dict[str, Any]:
    """Build the record of one model's answer; the module's docstring shows a wrong one.

    A right one has no status and no failure, and the score 1.

    Args:
        line: A checked line of the file.
        number: The line's number in the file, from 1.
        key: The model's key in the line, such as `6b_finetuning`.
    """
    solution = line[key]["solution"]
    expected = final_answer(line["ground_truth"])
    given = final_answer(solution)
    found = f"final answer `{given}`" if given else "no final answer (`A: …` on the last line)"
    slug = key.replace("_", "-")
    right = line[key]["is_correct"]
    return {
        "id": f"gsm8k-{number:04d}-{slug}",
        "source": "openai/grade-school-math",
        "benchmark_run_id": run_id(key),
        "timestamp": None,
        "status": None if right else "needs_review",
        "prompt_messages": [{"role": "user", "content": line["question"]}],
        "model_response": solution,
        "corrected_response": None,
        "quality_score": 1.0 if right else 0.0,
        "failure_reason": None if right else f"{found}, expected `{expected}`",
        "failure_category": None,
        "task_id": f"gsm8k/test/{number}",
        "task_type": "math",
        "task_name": f"GSM8K (test) #{number}",
        "model_id": f"gpt3-{slug}",
        "model_name": MODELS[key],
        "node_id": None,
        "gpu_id": None,
        "tokens_per_sec": None,
        "reference_answer": line["ground_truth"],
        "scoring": {"kind": "numeric", "params": {"expected": expected, "prefix": "A:"}},
    }


def final_answer(solution: str) -> str | None:
    r"""Return what follows `A:` on the last line, or None when the last line has no such mark.

    Example:
        >>> final_answer("16 - 7 = 9\n9 * 2 = 18\nA: 18")
        '18'
    """
    match = FINAL_ANSWER.match(solution.rstrip().rpartition("\n")[2])
    return match[1] if match else None


def run_id(key: str) -> str:
    """Name the run of one model: `175b_finetuning` becomes `gsm8k-gpt3-175b-finetuning`."""
    return f"gsm8k-gpt3-{key.replace('_', '-')}"


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


if __name__ == "__main__":
    sys.exit(main())
