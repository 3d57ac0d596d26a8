r"""The tokenizer of the model that is to be trained: how many tokens a conversation is.

Tokenizers are read by transformers, which comes with the extra `corrigenda[tokens]` and needs no
torch for it. A name is a folder's path or what a model is called where it was downloaded from;
nothing is downloaded unless that is asked for, and no code of a model is run.
"""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput, shorten
from corrigenda.workbench.quiet import quiet

NEEDED = "install `corrigenda[tokens]`"
"""What to do where transformers is missing."""

_FILES = (
    "added_tokens.json",
    "chat_template.jinja",
    "merges.txt",
    "special_tokens_map.json",
    "spiece.model",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
)
"""What makes a tokenizer; a folder has some of them."""


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer that was loaded.

    Attributes:
        name: What it is called: the model's name, or the last part of a folder's path.
        sha256: A hash of its files.
    """

    name: str
    sha256: str
    _inner: Any = field(repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def has_template(self) -> bool:
        """Whether it knows how a conversation is written."""
        return bool(self._inner.chat_template)

    def as_json(self) -> dict[str, str]:
        """As a manifest names it."""
        return {"name": self.name, "sha256": self.sha256}

    def of_text(self, text: str) -> int:
        """How many tokens a text is, without those that mark beginning and end."""
        with self._lock:  # it keeps state while it encodes
            return len(self._inner(text, add_special_tokens=False)["input_ids"])

    def of_messages(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] = ()) -> int:
        """How many tokens a conversation is in the chat template.

        Raises:
            ValueError: The template does not take it.
        """
        said = [_as_templates_read(message) for message in messages]
        try:
            with self._lock:
                return len(
                    self._inner.apply_chat_template(
                        said, tools=list(tools) or None, tokenize=True, return_dict=False
                    )
                )
        except Exception as error:  # a template may raise anything
            raise ValueError(str(error).partition("\n")[0] or type(error).__name__) from error


def available() -> bool:
    """Whether transformers is installed, and what chat templates need."""
    return all(find_spec(name) is not None for name in ("transformers", "jinja2"))


def load(name: str, *, fetch: bool = False) -> Tokenizer:
    """A tokenizer by its name, or by the path of its folder or its `tokenizer.json`.

    Args:
        name: See the module.
        fetch: Whether it may be downloaded.

    Raises:
        InvalidInput: It is not there or cannot be read, or transformers is not installed.
    """
    if not available():
        raise InvalidInput(f"Counting tokens needs transformers: {NEEDED}.")
    path = Path(name)
    try:
        if path.is_file() and path.name == "tokenizer.json":
            path = path.parent
        local = path.is_dir()
        place, stamp = (str(path.resolve()), _stamp(path)) if local else (name, ())
    except (OSError, ValueError) as error:
        raise _refused(name, error) from error
    return _loaded(place, local, stamp, fetch and not local)


@lru_cache(maxsize=4)
def _loaded(place: str, local: bool, _stamp: tuple[Any, ...], fetch: bool) -> Tokenizer:
    try:
        with quiet():
            from transformers import AutoTokenizer

            inner = AutoTokenizer.from_pretrained(
                place, local_files_only=not fetch, trust_remote_code=False
            )
            sha256 = _hash_of(place)
        return Tokenizer(Path(place).name if local else place, sha256, inner)
    except Exception as error:  # of several libraries, of any kind
        raise _refused(place, error, here=not local and not fetch) from error


def _stamp(folder: Path) -> tuple[Any, ...]:
    """What changes when the files of a folder change."""
    found = [folder / name for name in _FILES if (folder / name).is_file()]
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in found)


def _hash_of(place: str) -> str:
    """A hash of the files of a tokenizer that has been read."""
    from transformers.utils.hub import cached_file

    whole = hashlib.sha256()
    for name in _FILES:
        found = cached_file(
            place, name, local_files_only=True, _raise_exceptions_for_missing_entries=False
        )
        if found is not None:
            content = hashlib.sha256(Path(found).read_bytes()).hexdigest()
            whole.update(f"{name} {content}\n".encode("ascii"))
    return whole.hexdigest()


def _refused(name: str, error: Exception, *, here: bool = False) -> InvalidInput:
    if here and isinstance(error, OSError):
        return InvalidInput(
            f"There is no tokenizer `{shorten(name)}` on this machine; give the folder of one, "
            "or let it be downloaded with `corrigenda export --tokenizer NAME --fetch`."
        )
    reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    return InvalidInput(f"The tokenizer `{shorten(name)}` cannot be read: {shorten(reason)}.")


def _as_templates_read(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as trainers hand it to a template: a call's arguments are an object."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list):
        return dict(message)
    return {**message, "tool_calls": [_with_object(call) for call in calls]}


def _with_object(call: Any) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(arguments, str):
        return call
    try:
        return {**call, "function": {**function, "arguments": json.loads(arguments)}}
    except ValueError:
        return call
