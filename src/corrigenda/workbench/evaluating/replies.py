"""What an endpoint replies, within bounds: an answer, or why there is none.

The key that it was asked with is written nowhere, whatever the endpoint repeats of it.
"""

import email.utils
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corrigenda.errors import shorten
from corrigenda.jsonl import loads

BODY = 16 << 20
"""Bytes that a reply may have."""

_AGAIN = {408, 409, 425, 429}
_ENDS = {401, 403, 404, 405}
_SHOWN = 200
_LIMIT = 1 << 20  # characters of an answer
_LARGEST = 2**31 - 1
_SECRET = 8  # a shorter key is a placeholder, such as `EMPTY`, and may be a word of an answer
_HIDDEN = "…"


class Passing(Exception):
    """It may be better the next time; `after` are the seconds that the endpoint asks for."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Refused(Exception):
    """This question cannot be answered; the text says why."""


class Over(Exception):
    """No question can be answered; the text says why."""


@dataclass(frozen=True)
class Reply:
    """A reply: its status, its headers, its body, and the key that it may not repeat."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    key: str | None = None

    def check(self, model: str) -> None:
        """Raise what the status says, unless it is an answer."""
        if self.status == 200:
            return
        said = self._said()
        reason = f"HTTP {self.status}{f', {said}' if said else ''}."
        if self.status in _AGAIN or self.status >= 500:
            raise Passing(reason, _after(self.headers.get("retry-after")))
        if self.status in _ENDS or 300 <= self.status < 400:
            raise Over(f"The endpoint refuses to answer as `{shorten(model)}`: {reason}")
        raise Refused(f"The endpoint refuses the prompt: {reason}")

    def answer(self) -> dict[str, Any]:
        """The parts of a chat completion that are kept.

        Raises:
            Passing: It is none.
            Refused: It is one that cannot be kept.
        """
        try:
            whole = loads(self.body)
        except ValueError as error:
            if "too deep" in str(error):
                raise Refused("What the endpoint answers is nested too deeply.") from error
            raise Passing("what it answers is no chat completion.") from error
        try:
            choice = whole["choices"][0]
            message = choice["message"]
            text, calls = message.get("content"), message.get("tool_calls")
            thought = message.get("reasoning_content") or message.get("reasoning")
            ended, usage = choice.get("finish_reason"), whole.get("usage") or {}
            counted = {
                "prompt_tokens": usage.get("prompt_tokens"),
                "new_tokens": usage.get("completion_tokens"),
            }
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise Passing("what it answers is no chat completion.") from error
        if not isinstance(text, str | None) or len(text or "") > _LIMIT:
            raise Passing("what it answers is no text.")
        found = {
            "text": text or "",
            "reasoning": thought if isinstance(thought, str) and thought.strip() else None,
            "tool_calls": calls if _are_calls(calls) else None,
            "finish_reason": ended[:_SHOWN] if isinstance(ended, str) else None,
            **{name: n if _is_count(n) else None for name, n in counted.items()},
        }
        if self.key is not None and len(self.key) >= _SECRET:
            found = _without(found, self.key)
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return {name: value for name, value in {**found, "at": at}.items() if value is not None}

    def _said(self) -> str:
        """What an endpoint says of its refusal, on one line."""
        try:
            found = loads(self.body)
            error = found.get("error", found.get("detail", found.get("message")))
            text = error.get("message") if isinstance(error, dict) else error
        except (ValueError, AttributeError):
            text = None
        return one_line(text, self.key).rstrip(".") if isinstance(text, str) else ""


def read(parts: Iterable[bytes], until: float) -> bytes:
    """A body as it comes, until a moment of `time.monotonic`.

    Raises:
        TimeoutError: It takes longer.
        Refused: It is too long.
    """
    found = bytearray()
    for part in parts:
        found += part
        if len(found) > BODY:
            raise Refused(f"What the endpoint answers is longer than {BODY >> 20} MiB.")
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(found)


def one_line(text: str, key: str | None) -> str:
    """A text on one line, short, without the key."""
    if key:
        text = text.replace(key, _HIDDEN)
    return shorten(" ".join(text.split()), _SHOWN)


def _without(value: Any, key: str) -> Any:
    """A value of JSON without the key; `loads` bounds how deep it is."""
    if isinstance(value, str):
        return value.replace(key, _HIDDEN)
    if isinstance(value, list):
        return [_without(each, key) for each in value]
    if isinstance(value, dict):
        return {_without(name, key): _without(each, key) for name, each in value.items()}
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def _are_calls(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _after(value: str | None) -> float | None:
    """The seconds of a `Retry-After`, which may be a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value[:9])
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
