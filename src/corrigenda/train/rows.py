"""The rows of a run: read, looked at without a tokenizer, and put in order.

A row of corrections, replay and validation is conversational prompt and completion, so that the
loss falls on the last turn alone; one of pairs has two completions:

    {"prompt": [{"role": "user", "content": "2 + 2?"}],
     "completion": [{"role": "assistant", "content": "4"}], "tools": [...]}
    {"prompt": [...], "chosen": [{"role": "assistant", "content": "4"}],
     "rejected": [{"role": "assistant", "content": "5"}]}
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from corrigenda.errors import Conflict, InvalidInput, NotFound
from corrigenda.train.files import digest
from corrigenda.train.findings import Finding, found
from corrigenda.train.plan import DataFile, TrainPlan

_T = TypeVar("_T")

COMPLETIONS = {
    "corrections": ("completion",),
    "replay": ("completion",),
    "validation": ("completion",),
    "pairs": ("chosen", "rejected"),
}
"""The keys of a row's answers, by the use of its file."""


@dataclass(frozen=True)
class Row:
    """A row and where it stands: `file` in the run's folder and `line`, from 1."""

    use: str
    file: str
    line: int
    data: dict[str, Any]

    @property
    def place(self) -> str:
        """Where it stands, for a message: `data/pairs.jsonl:3`."""
        return f"{self.file}:{self.line}"


def read(folder: Path, plan: TrainPlan) -> dict[str, list[Row]]:
    """The rows that the plan's method needs, by their use.

    Raises:
        NotFound: A file is missing.
        Conflict: A file is not what the plan was made for.
        InvalidInput: A line is no row.
    """
    return {use: list(_rows(folder, use, file)) for use, file in plan.files().items() if file.rows}


def _rows(folder: Path, use: str, file: DataFile) -> Iterator[Row]:
    path = folder / file.file
    if not path.is_file():
        raise NotFound(f"The rows of {use} are missing: there is no `{path}`.")
    if digest(path) != file.sha256:
        raise Conflict(
            f"`{file.file}` was changed after the plan of this run was made; start another run."
        )
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield Row(use, file.file, number, _row(f"{file.file}:{number}", line, use))


def _row(place: str, line: bytes, use: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise InvalidInput(f"`{place}` is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise InvalidInput(f"`{place}` is not an object.")
    for key in ("prompt", *COMPLETIONS[use]):
        messages = data.get(key)
        if (
            not isinstance(messages, list)
            or not messages
            or not all(isinstance(m, dict) and isinstance(m.get("role"), str) for m in messages)
        ):
            raise InvalidInput(f"`{key}` of `{place}` is not a list of messages with roles.")
    if not isinstance(data.get("tools"), list | None):
        raise InvalidInput(f"`tools` of `{place}` is not a list.")
    return data


def mixed(corrections: Sequence[_T], replay: Sequence[_T], seed: int) -> list[_T]:
    """Corrections and passes in the order that the seed gives.

    Example:
        >>> rows = [Row("replay", "replay.jsonl", n, {}) for n in range(5)]
        >>> mixed(rows[:3], rows[3:], seed=1) == mixed(rows, [], seed=1)
        True
    """
    together = [*corrections, *replay]
    random.Random(seed).shuffle(together)
    return together


def columns(rows: Sequence[Row], answers: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with the same keys each, which is what a table needs."""
    keys = ["prompt", *answers]
    if any(row.data.get("tools") for row in rows):
        keys.append("tools")
    return [{key: row.data.get(key) for key in keys} for row in rows]


def check(rows: Sequence[Row]) -> list[Finding]:
    """What can be said against rows without a tokenizer."""
    again = "the same prompt and answer as in a row before: it counts more than once"
    last, null, empty, silent = [], [], [], []
    same = []
    for row in rows:
        answers = [row.data[key] for key in COMPLETIONS[row.use]]
        if any(answer[-1]["role"] != "assistant" for answer in answers):
            last.append(row.place)
        messages = [*row.data["prompt"], *(m for answer in answers for m in answer)]
        if any(_null(message) for message in messages):
            null.append(row.place)
        if any(_says_nothing(answer[-1]) for answer in answers):
            empty.append(row.place)
        if any(m["role"] == "user" and _says_nothing(m) for m in row.data["prompt"]):
            silent.append(row.place)
        if row.use == "pairs" and answers[0] == answers[1]:
            same.append(row.place)
    return [
        *found("error", "last_turn", "the last turn is not the assistant's", last),
        *found("error", "null_content", "a message has neither a content nor calls of tools", null),
        *found("error", "empty_answer", "the answer is empty", empty),
        *found("error", "equal_pair", "the chosen and the rejected answer are the same", same),
        *found("warning", "empty_question", "a message of the user is empty", silent),
        *found("warning", "repeated", again, _repeated(rows)),
    ]


def _repeated(rows: Sequence[Row]) -> list[str]:
    """Where something is trained on that was there before; a pass may repeat a correction."""
    seen: set[bytes] = set()
    places = []
    for row in rows:
        if row.use == "validation":
            continue
        answers = [row.data[key] for key in COMPLETIONS[row.use]]
        said = [row.data["prompt"], row.data.get("tools") or None, answers]
        text = json.dumps(said, sort_keys=True)
        key = hashlib.sha256(text.encode("ascii")).digest()[:16]
        if key in seen:
            places.append(row.place)
        seen.add(key)
    return places


def _null(message: dict[str, Any]) -> bool:
    return message.get("content") is None and not message.get("tool_calls")


def _says_nothing(message: dict[str, Any]) -> bool:
    content = message.get("content")
    if message.get("tool_calls") or _null(message):
        return False
    if isinstance(content, list):
        return all(not str(part.get("text", "x")).strip() for part in content)
    return not str(content).strip()
