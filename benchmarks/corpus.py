"""Candidates to measure with: native JSONL lines of about 2 KB, the same for the same number.

They are like the failures of real runs: twenty runs of eight models over 500 tasks of ten types,
a few tasks with many samples and many with few; each prompt is failed by four runs in the mean;
the answers are of very different lengths, and of 200,000 words, which are as unequally common as
those of a language (Zipf), so that "a rare word" and "a common word" mean something.

    python -m benchmarks.corpus 1000000 corpus.jsonl

A candidate follows from its number and the size of the corpus alone: nothing is kept in memory,
and any part of a corpus can be made by itself.
"""

import hashlib
import json
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from benchmarks.vocabulary import WORDS_IN_TABLE, word_table

RUNS = 20
MODELS = (
    "base-3b",
    "chat-7b",
    "small-1b",
    "large-70b",
    "code-8b",
    "math-7b",
    "tiny-360m",
    "moe-8x",
)
TASK_TYPES = (
    "math", "code", "extraction", "reasoning", "writing", "translation", "knowledge",
    "classification", "tool_use", "safety",
)  # fmt: skip
TASKS = 500
_RUNS_OF = (6, 4, 3, 2, 2, 1, 1, 1)  # of each model
_RUN_MODELS = tuple(name for name, n in zip(MODELS, _RUNS_OF, strict=True) for _ in range(n))
_PROMPTS_PER_RUN = 5  # of so many prompts in a row, each run fails one
_TYPE_SHARES = (4, 3, 3, 2, 2, 2, 1, 1, 1, 1)
_TYPES = tuple(name for name, n in zip(TASK_TYPES, _TYPE_SHARES, strict=True) for _ in range(n))
_FOREIGN = (
    "Größe und Maß in Köln",
    "東京都の人口は何人ですか",
    "où est l'été",
    "Сколько будет 2 + 2?",
)
_REASONS = (
    "expected `{w}`, found `{v}`",
    "exact match failed: the reference says {w} {v}",
    "the judge gave {n} of 10: it leaves out {w}",
    "unit test {n} failed: assertion on {w}",
    "no answer could be extracted",
    "the JSON has no field `{w}`",
)


@dataclass(frozen=True)
class Corpus:
    """So many candidates; the seed makes other ones of the same kind."""

    size: int
    seed: int = 7

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(self.candidate, range(self.size))

    def candidate(self, number: int) -> dict[str, Any]:
        """One candidate, which waits for review.

        Args:
            number: From 0 to `size - 1`; they come run by run, and in a run task by task.
        """
        per_run = -(-self.size // RUNS)
        run, sample = divmod(number, per_run)
        dice = self._dice("c", number, 8)
        prompt = sample * _PROMPTS_PER_RUN + dice[0] % _PROMPTS_PER_RUN
        task = _task(prompt / (per_run * _PROMPTS_PER_RUN))
        kind = _TYPES[task * 7 % len(_TYPES)]
        model = _RUN_MODELS[run]
        asked = self._dice("p", prompt, 3)
        length = 30 + asked[1] % 110
        # Most answers are short, and some are long: the mean is about 150 words.
        answer = int(24 + 72 / (0.25 + dice[1] / 2**32 * 1.4))
        words = self.words("c", number, answer + 4)
        reason = _REASONS[(dice[2] + task) % len(_REASONS)]
        return {
            "id": f"bench-{number:07d}",
            "source": "benchmark",
            "benchmark_run_id": f"run-{run:02d}",
            "timestamp": f"2026-{run // 4 + 1:02d}-{run % 4 * 7 + 1:02d}T"
            f"{sample % 24:02d}:{dice[3] % 60:02d}:{dice[4] % 60:02d}Z",
            "status": "needs_review",
            "prompt_messages": [
                {"role": "system", "content": _sentences(self.words("t", task, 18))},
                {"role": "user", "content": self._question(prompt, asked, length)},
            ],
            "model_response": _sentences(words[4:]),
            "corrected_response": None,
            "reference_answer": _sentences(self.words("r", prompt, 6 + asked[2] % 40)),
            "quality_score": 0.0 if dice[5] % 5 < 3 else dice[5] % 97 / 100,
            "failure_reason": reason.format(w=words[0], v=words[1], n=dice[6] % 10),
            "failure_category": None,
            "task_id": f"{kind}/{task:03d}",
            "task_type": kind,
            "task_name": f"{kind.replace('_', ' ').capitalize()} {task:03d}",
            "model_id": f"bench/{model}",
            "model_name": model,
            "node_id": f"gpu-{run % 3:02d}",
            "gpu_id": run % 4,
            "tokens_per_sec": dice[7] % 800 / 10 + 10,
        }

    def correction(self, number: int, given: str) -> str:
        """What a reviewer makes of the candidate's answer: most of it, and something new."""
        dice = self._dice("d", number, 2)
        kept = given[: len(given) * (dice[0] % 80 + 20) // 100]
        return f"{kept} {_sentences(self.words('d', number, 12 + dice[1] % 40))}"

    def words(self, kind: str, number: int, count: int) -> list[str]:
        """So many words, drawn for this number."""
        table = word_table()
        mask = WORDS_IN_TABLE - 1
        return [table[drawn & mask] for drawn in self._dice(f"w{kind}", number, count)]

    def _question(self, prompt: int, dice: "array[int]", length: int) -> str:
        text = _sentences(self.words("p", prompt, length))
        foreign = _FOREIGN[dice[0] // 16 % len(_FOREIGN)] if dice[0] % 16 == 0 else ""
        return f"{prompt}. {text}\n{foreign}?"

    def _dice(self, kind: str, number: int, count: int) -> "array[int]":
        """Random numbers of 32 bits, which follow from what they are for."""
        key = f"{self.seed}/{kind}/{number}".encode("ascii")
        return array("I", hashlib.shake_128(key).digest(4 * count))


def write_corpus(path: Path, count: int, seed: int = 7) -> int:
    """Write `count` candidates; returns the size of the file in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for candidate in Corpus(count, seed):
            file.write(json.dumps(candidate) + "\n")
    return path.stat().st_size


@cache
def _task_ends() -> list[float]:
    """Where in the row of all prompts each task ends: the first are the largest."""
    sums = list(accumulate(1 / (number + 20) for number in range(TASKS)))
    return [each / sums[-1] for each in sums]


def _task(place: float) -> int:
    return min(bisect_right(_task_ends(), place), TASKS - 1)


def _sentences(words: list[str]) -> str:
    """The words as sentences of fifteen, and paragraphs of sixty."""
    parts = [" ".join(words[at : at + 15]) for at in range(0, len(words), 15)]
    lines = [". ".join(parts[at : at + 4]) for at in range(0, len(parts), 4)]
    return ".\n".join(lines).capitalize() + "."


if __name__ == "__main__":
    write_corpus(Path(sys.argv[2]), int(sys.argv[1]))
