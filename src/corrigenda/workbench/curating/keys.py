"""The hashes by which items are compared: the same on every database, machine and day."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from corrigenda.core.candidate import prompt_key
from corrigenda.core.example import Example

SIZE = 16


def of_prompt(example: Example, known: str | None = None) -> bytes:
    """A hash of messages and tools; of the id where there are no messages.

    Args:
        example: Whose prompt.
        known: Its prompt key, if that is known.

    Example:
        >>> from corrigenda.core.example import of_correction
        >>> asked = {"id": "a", "prompt_messages": [{"role": "user", "content": "2 + 2?"}]}
        >>> of_prompt(of_correction(asked)).hex()[:8]
        'c8243912'
    """
    if known is None and example.prompt:
        known = prompt_key({"prompt_messages": example.prompt, "tools": example.tools})
    if known is None:
        return _hash(example.id.encode("utf-8"))
    return bytes.fromhex(known)


def of_answer(prompt: bytes, answer: Mapping[str, Any]) -> bytes:
    """A hash of a prompt and an assistant turn; the ids of tool calls do not matter."""
    content = answer.get("content")
    if len(answer) == 2 and isinstance(content, str):
        return _hash(prompt + b"text" + content.encode("utf-8", "surrogatepass"))
    said = {key: value for key, value in answer.items() if key != "tool_calls"}
    calls = [_without_id(call) for call in answer.get("tool_calls") or ()]
    canonical = json.dumps([said, calls], sort_keys=True, separators=(",", ":"))
    return _hash(prompt + b"turn" + canonical.encode("ascii"))


def of_pair(chosen: bytes, rejected: bytes) -> bytes:
    """A hash of two answers to one prompt."""
    return _hash(chosen + rejected)


def chance(seed: int, purpose: bytes, name: str) -> bytes:
    """A number that follows from seed, purpose and name alone: what is least is drawn first."""
    key = seed.to_bytes(16, "big", signed=True)
    return blake2b(
        name.encode("utf-8", "surrogatepass"), key=key, person=purpose, digest_size=8
    ).digest()


def _hash(data: bytes) -> bytes:
    return blake2b(data, digest_size=SIZE).digest()


def _without_id(call: Any) -> Any:
    return {k: v for k, v in call.items() if k != "id"} if isinstance(call, dict) else call
