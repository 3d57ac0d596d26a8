"""The hashes of records, as `core.candidate` defines them, several times as quickly.

They are taken of JSON with sorted keys. For what nearly every record consists of, `orjson` writes
that byte for byte as `json` does; anything else is left to `json`.
"""

import hashlib
from typing import Any

import orjson

from corrigenda.core import candidate as core
from corrigenda.core.candidate import Candidate, Record

_PLAIN = frozenset({str, int, bool, type(None)})


def add_digests(candidate: Candidate) -> None:
    """Work out `digest` and `prompt_key` of a candidate, which it then has at hand."""
    known = vars(candidate)  # where a cached property keeps its value
    if "digest" not in known:
        known["digest"] = record_digest(candidate.record)
    if "prompt_key" not in known:
        known["prompt_key"] = prompt_key(candidate.record)


def record_digest(record: Record) -> str:
    """The same as `core.candidate.record_digest`."""
    said = core.without_state(record)
    return _hashed(said) if _usual(said) else core.record_digest(record)


def prompt_key(record: Record) -> str | None:
    """The same as `core.candidate.prompt_key`."""
    said = core.prompt_of(record)
    if said is None:
        return None
    return _hashed(said) if _usual(said) else core.prompt_key(record)


def _hashed(value: dict[str, Any]) -> str:
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        return core.digest_of(value)
    if not data.isascii() or b"\x7f" in data:
        return core.digest_of(value)
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _usual(value: dict[str, Any]) -> bool:
    """Whether every number in it is written alike by both."""
    for item in value.values():
        kind = type(item)
        if kind in _PLAIN:
            continue
        if kind is float:
            if item and not 1e-3 < abs(item) < 1e9:
                return False
        elif kind is list:
            for each in item:
                if type(each) is not dict or not _PLAIN.issuperset(map(type, each.values())):
                    return False
        elif kind is not dict or not _PLAIN.issuperset(map(type, item.values())):
            return False
    return True
