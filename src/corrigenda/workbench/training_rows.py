"""Which prompts an export trains on, so that the rest can be told from them.

An export's list of rows names candidates and passes; their prompts are in the workspace. Rows of
the splits for validation and test are held out like a run that was imported so.

A held out prompt that is in the training rows all the same is contaminated. It is looked for by
its key, and as `corrigenda protect` keeps a benchmark out of an export: by its words, or by at
least half of its n-grams (see `protected_index`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corrigenda.core.comparison import Split, TrainedOn
from corrigenda.core.parts import in_parts
from corrigenda.core.recipe import SPLITS
from corrigenda.errors import InvalidInput
from corrigenda.store import verdicts
from corrigenda.workbench.curating.items import Origin
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.curating.plan import WHOLE
from corrigenda.workbench.protected_index import EXACT, OVERLAP, IndexedSet, entry, looked_at
from corrigenda.workbench.protecting import NGRAM

_TOGETHER = 500
_TRAINED = (SPLITS[0], "all")


@dataclass
class TrainingRows:
    """The prompts of an export, as keys of 16 bytes.

    Attributes:
        trained: Prompts of which a correction or an unwanted answer is trained on.
        replayed: Prompts of which only a pass is trained on.
        apart: Prompts of the splits that are not trained on.
        contaminated: Held out prompts that were found in the training rows, and how.
    """

    exported: Exported
    trained: set[bytes] = field(default_factory=set)
    replayed: set[bytes] = field(default_factory=set)
    apart: set[bytes] = field(default_factory=set)
    contaminated: dict[bytes, str] = field(default_factory=dict)
    corrections: int = 0
    passes: int = 0
    missing: int = 0

    def told(self) -> TrainedOn:
        """The same for the reader of a comparison."""
        return TrainedOn(self.exported.name, self.corrections, self.passes, self.missing)

    def holds_out(self, key: bytes) -> bool:
        """Whether the export keeps a prompt out of training by its splits."""
        return key in self.apart

    def split_of(self, prompt_key: str, held_out: bool) -> Split:
        """What training has to do with a prompt."""
        key = bytes.fromhex(prompt_key)
        if held_out or key in self.apart:
            return Split.CONTAMINATED if key in self.contaminated else Split.HELD_OUT
        if key in self.trained:
            return Split.TRAINED
        return Split.REPLAYED if key in self.replayed else Split.NEITHER


def read(connection: Any, exported: Exported) -> TrainingRows:
    """Read the list of rows of an export.

    Raises:
        InvalidInput: The list is missing, was changed, or is not of rows for training.
    """
    if exported.recipe.format == WHOLE:
        raise InvalidInput(
            f"`{exported.name}` holds whole candidates, and no rows that are trained on."
        )
    found = TrainingRows(exported)
    for entries in in_parts(exported.entries(), _TOGETHER):
        for (right, trained), keys in _keys(connection, entries, found).items():
            if not trained:
                found.apart |= keys
            elif right:
                found.replayed |= keys
            else:
                found.trained |= keys
    return found


def look_for(
    connection: Any, rows: TrainingRows, held_out: Iterable[tuple[str, verdicts.Place]]
) -> None:
    """Find the held out prompts that are in the training rows; see the module.

    Args:
        connection: The workspace's.
        rows: Takes what is found.
        held_out: (prompt key, a sample with that prompt) of each.
    """
    keys, kept = _kept(connection, rows, held_out)
    if not kept:
        return
    index = IndexedSet("held out", NGRAM, kept)
    alike: dict[bytes, list[bytes]] = defaultdict(list)
    for key, (words, _) in zip(keys, kept, strict=True):
        alike[words].append(key)
    for messages in _prompts(connection, rows.exported):
        wholes, parts = looked_at(messages)
        for words in wholes:
            rows.contaminated |= dict.fromkeys(alike.get(words, ()), EXACT)
        for place in index.overlapped(parts):
            rows.contaminated.setdefault(keys[place], OVERLAP)


def _kept(
    connection: Any, rows: TrainingRows, held_out: Iterable[tuple[str, verdicts.Place]]
) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
    """The prompts that are not trained on by their keys, as they are looked for."""
    keys, kept = [], []
    for batch in in_parts(held_out, _TOGETHER):
        samples = dict(verdicts.records_at(connection, [place for _, place in batch]))
        for prompt_key, place in batch:
            key = bytes.fromhex(prompt_key)
            if key in rows.trained or key in rows.replayed:
                rows.contaminated[key] = EXACT
            elif (made := entry(samples[place].get("prompt_messages") or [], NGRAM)) is not None:
                keys.append(key)
                kept.append(made)
    return keys, kept


def _keys(
    connection: Any, entries: Sequence[Mapping[str, Any]], counted: TrainingRows
) -> dict[tuple[bool, bool], set[bytes]]:
    """(whether passes, whether trained on) → the keys of these rows' prompts."""
    found: dict[tuple[bool, bool], set[bytes]] = {}
    for right in (False, True):
        some = [each for each in entries if (each["origin"] == Origin.PASS) == right]
        there = verdicts.prompts_of(connection, [each["id"] for each in some], right=right)
        for each in some:
            trained = _trained(each)
            counted.corrections += trained and not right
            counted.passes += trained and right
            _, prompt_key = there.get(each["id"], (0, None))
            if each["id"] not in there:
                counted.missing += 1
            elif prompt_key is not None:
                found.setdefault((right, trained), set()).add(bytes.fromhex(prompt_key))
    return found


def _trained(row: Mapping[str, Any]) -> bool:
    return row.get("split", "all") in _TRAINED


def _prompts(connection: Any, exported: Exported) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The prompts of the rows that are trained on."""
    for entries in in_parts(filter(_trained, exported.entries()), _TOGETHER):
        places = []
        for right in (False, True):
            ids = [each["id"] for each in entries if (each["origin"] == Origin.PASS) == right]
            there = verdicts.prompts_of(connection, ids, right=right)
            places += [(right, seq) for seq, _ in there.values()]
        for _, record in verdicts.records_at(connection, places):
            yield record.get("prompt_messages") or []
