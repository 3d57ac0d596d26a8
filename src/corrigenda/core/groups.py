"""What must not be in two splits: the keys of a row, and where a group of them falls.

    prompt     the messages and tools, see `core.candidate.prompt_key`
    document   what the record says it was made of
    template   the prompt with its numbers and quoted texts taken out, and the system message
    task       the task's name

Rows that share a key go to one split (see `core.division`).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from corrigenda.core.candidate import Record

KEY_BYTES = 16
"""The length of a key that is kept. Keys of another length hold for one division alone."""

_SALT = b"corrigenda splits 1\n"
_NUMBERS = re.compile(r"\d+(?:[.,:/]\d+)*")
_QUOTED = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»|`[^`\n]+`|(?<!\w)'[^'\n]*'(?!\w)")
_BLANKS = re.compile(r"\s+")

DOCUMENT_FIELDS = (
    *("document", "document_id", "source_document", "source_document_id"),
    *("document_url", "source_url", "passage_id", "article_id", "paper_id"),
)
"""Fields that name the document a prompt was made of, in the record, its `metadata`, or there
one or two objects deeper, where sources keep the columns and metadata of the log."""


def key(kind: str, *values: str) -> bytes:
    """The key of what may be shared, such as a document."""
    said = "\0".join((kind, *values)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=KEY_BYTES).digest()


def draw(seed: int, smallest: bytes, shares: Sequence[float]) -> int:
    """Which of the shares a group falls into, by a hash.

    Example:
        >>> draw(0, key("task", "sums"), (0.5, 0.0, 0.5)) in (0, 2)
        True
    """
    digest = hashlib.blake2b(_SALT + b"%d\n" % seed + smallest, digest_size=8).digest()
    at, total = int.from_bytes(digest) / 2**64, sum(shares)
    below = 0.0
    for place, share in enumerate(shares):
        below += share / total
        if at < below:
            return place
    # Rounding may leave a sliver above the last share that is not empty.
    return max(place for place, share in enumerate(shares) if share > 0)


def documents(record: Record, task: str) -> list[bytes]:
    """The keys of the documents that a record names.

    A bare number counts documents of one task alone.

    Example:
        >>> one = documents({"id": "a", "metadata": {"document": "Moby-Dick"}}, "qa")
        >>> other = {"id": "b", "metadata": {"plain": {"source_document": "Moby-Dick"}}}
        >>> one == documents(other, "essays")
        True
    """
    found: dict[bytes, None] = {}
    for level in _levels(record):
        for name in DOCUMENT_FIELDS:
            value = level.get(name)
            text = str(value).strip() if isinstance(value, str | int) else ""
            if text and not isinstance(value, bool):
                within = (name, task) if text.isdecimal() else ()
                found[key("document", text, *within)] = None
    return list(found)


def template(record: Record) -> str | None:
    """What prompts of one template share: system and last user message, with their slots empty.

    Example:
        >>> said = 'Add 3 and 4.5, then say "done".'
        >>> template({"id": "a", "prompt_messages": [{"role": "user", "content": said}]})
        'add # and #, then say "".'
    """
    messages = record.get("prompt_messages") or ()
    system = [text(each) for each in messages if each.get("role") in ("system", "developer")]
    user = [text(each) for each in messages if each.get("role") == "user"][-1:]
    if not user:
        return None
    said = _NUMBERS.sub("#", _QUOTED.sub('""', "\n\n".join([*system, *user])))
    return _BLANKS.sub(" ", said).strip().lower()


def text(message: Mapping[str, object]) -> str:
    """The text of a message, also of one in parts."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") if isinstance(part, dict) else part for part in parts)
    return "\n".join(each for each in texts if isinstance(each, str))


def _levels(record: Record) -> Iterable[Mapping[str, object]]:
    yield record
    metadata = record.get("metadata")
    if not isinstance(metadata, dict):
        return
    yield metadata
    for inner in metadata.values():
        if isinstance(inner, dict):
            yield inner
            yield from (inner[name] for name in ("metadata", "doc") if _is_object(inner, name))


def _is_object(inner: Mapping[str, object], name: str) -> bool:
    return isinstance(inner.get(name), dict)
