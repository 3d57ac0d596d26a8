"""The answers of a re-evaluation: a file that is appended to, in which each is found by its key.

The key of an answer is a hash of all that it depends on: the model, the messages, the tools, the
settings, and which repeat it is. So nothing is asked twice, whatever is interrupted or changed.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corrigenda.jsonl import encode, loads, read_lines, storage_errors

_NEWLINE = b"\n"


def key_of(
    identity: str, prompt: Mapping[str, Any], settings: Mapping[str, Any], repeat: int
) -> str:
    """The key of an answer.

    Args:
        identity: The model's.
        prompt: See `core.candidate.prompt_of`.
        settings: What an answer depends on beside model and prompt.
        repeat: Which repeat, from 0.
    """
    said = {"model": identity, "prompt": prompt, "settings": dict(settings), "repeat": repeat}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class Answers:
    """The answers in a file; a half line at its end, of a process that was killed, is cut off.

    An answer that is an error counts as none: it is asked for again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._places: dict[bytes, int] = {}
        self._errors: dict[bytes, str] = {}
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._cut()
            self.read_on()

    def __contains__(self, key: str) -> bool:
        return bytes.fromhex(key) in self._places

    def __len__(self) -> int:
        return len(self._places)

    def error(self, key: str) -> str | None:
        """Why there is no answer, if it was asked for."""
        return self._errors.get(bytes.fromhex(key))

    def get(self, key: str) -> dict[str, Any] | None:
        """An answer by its key."""
        place = self._places.get(bytes.fromhex(key))
        if place is None:
            return None
        with storage_errors(self._path), self._path.open("rb") as file:
            file.seek(place)
            found: dict[str, Any] = loads(file.readline())
        return found

    def append(self, answer: Mapping[str, Any]) -> None:
        """Add an answer, from any thread; it is in the file when this returns."""
        line = encode(answer) + _NEWLINE
        with self._lock, storage_errors(self._path), self._path.open("ab") as file:
            place = file.tell()
            file.write(line)
            file.flush()
            self._note(place, answer)

    def failed(self) -> frozenset[str]:
        """The keys of what was asked for and has no answer."""
        return frozenset(key.hex() for key in self._errors)

    def read_on(self) -> None:
        """Read the whole file anew, as another process has left it."""
        with storage_errors(self._path), self._path.open("rb") as file:
            for line in read_lines(file):
                if line.complete:
                    self._note_line(line.offset, line.data)

    def _note_line(self, place: int, data: bytes) -> None:
        try:
            answer = loads(data)
        except ValueError:
            return  # not one of ours; what it may have been is asked again
        if isinstance(answer, dict):
            self._note(place, answer)

    def _note(self, place: int, answer: Mapping[str, Any]) -> None:
        try:
            key = bytes.fromhex(answer["key"])
        except (KeyError, TypeError, ValueError):
            return
        if isinstance(answer.get("text"), str):
            self._places[key] = place
            self._errors.pop(key, None)
        elif isinstance(answer.get("error"), str) and key not in self._places:
            self._errors[key] = answer["error"]

    def _cut(self) -> None:
        with self._path.open("rb+") as file:
            end = file.seek(0, 2)
            for start, block in _backwards(file, end):
                at = block.rfind(_NEWLINE)
                if at >= 0:
                    file.truncate(start + at + 1)
                    return
            file.truncate(0)


def _backwards(file: Any, end: int, size: int = 1 << 16) -> Iterator[tuple[int, bytes]]:
    """(place, bytes) of a file's blocks, the last first."""
    while end > 0:
        start = max(0, end - size)
        file.seek(start)
        yield start, file.read(end - start)
        end = start
