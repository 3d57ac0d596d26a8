"""The prompts of a comparison: pages of those that a filter finds, and one with its answers."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from corrigenda.core.candidate import Record, label
from corrigenda.core.comparison import CATEGORY, SPLIT, TASK, TASK_TYPE
from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.core.packed import TOGETHER, Packed
from corrigenda.core.reasoning import subject
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.errors import InvalidInput, NotFound, shorten
from corrigenda.store import Database, Stored, candidates, verdicts

EXCERPT = 200
"""Characters of a prompt that a list shows."""

ANSWERS = 20
"""Answers of one run to one prompt that are shown."""

_FILTERS = 4
_is_key = re.compile(r"[0-9a-f]{32}").fullmatch
_DECIDED = (Status.APPROVED, Status.DISCARDED)

Told = dict[str, Any]
"""A prompt as `core.comparison.Comparison.as_dict` has it."""


@dataclass(frozen=True)
class PromptFilter:
    """Which prompts; several values of one field mean *or*, different fields *and*.

    `adjusted` takes the outcomes as adjusted. `none` is what has no category, or no task.
    """

    outcomes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    adjusted: bool = False

    def finds(self, told: Told) -> bool:
        """Whether a prompt is among them."""
        outcome = told["adjusted_outcome" if self.adjusted else "outcome"]
        return (
            (not self.outcomes or outcome in self.outcomes)
            and (not self.splits or told[SPLIT] in self.splits)
            # Without a category are the failures that nobody has named, not what was right.
            and (not self.categories or told[CATEGORY] in self.categories)
            and (not self.task_types or (told[TASK_TYPE] or UNCATEGORISED) in self.task_types)
            and (not self.tasks or (told[TASK] or UNCATEGORISED) in self.tasks)
        )


@dataclass(frozen=True)
class PromptPage:
    """A page of prompts; `cursor` is where the next one begins, `None` at the end."""

    items: list[Told]
    total: int
    cursor: str | None


class ComparedPrompts:
    """The prompts of one comparison, in the order of their keys."""

    def __init__(self, database: Database, prompts: Packed) -> None:
        self._database = database
        self._prompts = prompts
        self._found: OrderedDict[PromptFilter, array[int]] = OrderedDict()

    def page(self, chosen: PromptFilter, *, limit: int, cursor: str | None = None) -> PromptPage:
        """A page of what a filter finds, each with the beginning of its last question.

        Args:
            chosen: The filter.
            limit: How many, at least one.
            cursor: From the page before. It stays good when the comparison is made anew.

        Raises:
            InvalidInput: The cursor is none.
        """
        places = self._places(chosen)
        start = 0 if cursor is None else bisect_left(places, self._after(cursor))
        shown = places[start : start + limit]
        items = self._told(shown)
        more = start + limit < len(places)
        return PromptPage(
            [
                {**told, "excerpt": text}
                for told, text in zip(items, self._asked(items), strict=True)
            ],
            len(places),
            items[-1]["prompt_key"] if more else None,
        )

    def one(self, prompt_key: str) -> Told:
        """A prompt with what it asks, the right answer, and the answers of both runs.

        Raises:
            NotFound: It is not in the comparison.

        Example:
            {"prompt_key": "5f0c…", "outcome": "fixed", …, "prompt_messages": […],
             "reference_answer": "18", "a": {"answers": [{"id": "a17", "right": false, …}],
             "n": 1}, "b": {"answers": [{"id": "b17", "right": true, …}], "n": 1}}
        """
        place = self._after(prompt_key) - 1 if _is_key(prompt_key) else -1
        told = self._told([place])[0] if place >= 0 else None
        if told is None or told["prompt_key"] != prompt_key:
            raise NotFound(f"There is no prompt `{shorten(prompt_key)}` in this comparison.")
        sides = {name: _ids(told[name]) for name in "ab"}
        records = self._answers([each for ids in sides.values() for each in ids[:ANSWERS]])
        first = next(iter(records.values()), ({}, None))[0]
        return {
            **told,
            "prompt_messages": first.get("prompt_messages"),
            "reference_answer": first.get("reference_answer"),
            **{
                name: {
                    "answers": [_answer(each, *records[each]) for each in ids if each in records],
                    "n": len(ids),
                }
                for name, ids in sides.items()
            },
        }

    def _after(self, key: str) -> int:
        """The place of the first prompt whose key is greater."""
        if not _is_key(key):
            raise InvalidInput("`cursor` is not one of ours; begin without one.")
        prompts = self._prompts
        chunk = bisect_right(
            range(len(prompts.chunks)), key, key=lambda n: _key(prompts.chunk(n)[0])
        )
        if chunk == 0:
            return 0
        return (chunk - 1) * TOGETHER + bisect_right(prompts.chunk(chunk - 1), key, key=_key)

    def _places(self, chosen: PromptFilter) -> Sequence[int]:
        if chosen == PromptFilter(adjusted=chosen.adjusted):
            return range(len(self._prompts))
        found = self._found.get(chosen)
        if found is None:
            finds = chosen.finds
            found = array("I", (n for n, each in enumerate(self._prompts) if finds(each)))
            self._found[chosen] = found
            while len(self._found) > _FILTERS:
                self._found.popitem(last=False)
        return found

    def _told(self, places: Sequence[int]) -> list[Told]:
        found: list[Told] = []
        for chunk, some in groupby(places, key=lambda place: place // TOGETHER):
            prompts = self._prompts.chunk(chunk)
            found += [prompts[place % TOGETHER] for place in some]
        return found

    def _asked(self, items: Sequence[Told]) -> list[str]:
        firsts = [_ids(each["a"], 1) or _ids(each["b"], 1) for each in items]
        records = self._answers([each for ids in firsts for each in ids])
        return [_question(records[ids[0]][0]) if ids[0] in records else "" for ids in firsts]

    def _answers(self, wanted: Sequence["_Id"]) -> dict["_Id", tuple[Record, Stored | None]]:
        """The records of these samples, those of candidates with the state they are in."""
        right = [name for is_pass, name in wanted if is_pass]
        with self._database.reading() as connection:
            stored = candidates.find(connection, [name for is_pass, name in wanted if not is_pass])
            there = verdicts.prompts_of(connection, right, right=True)
            places = [(True, seq) for seq, _ in there.values()]
            passed = {each["id"]: each for _, each in verdicts.records_at(connection, places)}
        found: dict[_Id, tuple[Record, Stored | None]] = {
            (False, name): (each.record, each) for name, each in stored.items()
        }
        found |= {(True, name): (record, None) for name, record in passed.items()}
        return {each: found[each] for each in wanted if each in found}


def _key(told: Told) -> str:
    return str(told["prompt_key"])


_Id = tuple[bool, str]
"""Whether a sample is a pass, and its id."""


def _ids(side: Mapping[str, Sequence[str]], most: int | None = None) -> list[_Id]:
    found = [(False, each) for each in side["candidates"]]
    found += [(True, each) for each in side["passes"]]
    return found[:most]


def _answer(sample: _Id, record: Record, stored: Stored | None) -> dict[str, Any]:
    state = None if stored is None else stored.state
    category = state.failure_category if state else None
    return {
        "id": sample[1],
        "right": sample[0],
        "artifact": state is not None and category == ARTIFACT and state.status in _DECIDED,
        "status": state.status.value if state else None,
        **{name: label(record.get(name)) for name in ("model_name", "model_id")},
        "quality_score": record.get("quality_score"),
        "model_response": record.get("model_response"),
        "reasoning": subject(record).reasoning,
        "tool_calls": record.get("tool_calls"),
        "failure_reason": record.get("failure_reason"),
        "failure_category": category,
        "corrected_response": state.corrected_response if state else None,
        "decided_by": state.decided_by if state else None,
        "decided_at": state.decided_at if state else None,
    }


def _question(record: Record) -> str:
    """The beginning of what the user asked last."""
    messages = record.get("prompt_messages") or []
    asked = [each for each in messages if each.get("role") == "user"] or messages[-1:]
    content = asked[-1].get("content") if asked else None
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, Mapping))
        content = " ".join(text for text in texts if isinstance(text, str))
    return " ".join(str(content or "")[: 4 * EXCERPT].split())[:EXCERPT]
