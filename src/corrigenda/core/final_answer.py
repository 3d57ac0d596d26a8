r"""What a failing answer comes down to, so that two failures can be told apart.

    rule      {"kind": "numeric", "params": {"take": "last"}}
    answers   "16 - 3 = 13, so 13 eggs."      "She has $13.00 left"       "She has 12 left"
    finally   13                              13                          12

Where the rule that failed it takes an answer out of the text (a number, a choice, what a pattern
finds), that is compared, and else the whole answer without its reasoning: case, blanks,
punctuation and Markdown make no difference, numbers and their signs do.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corrigenda.core import reasoning
from corrigenda.core.scoring import Tools, Verdict, score, without_rule
from corrigenda.core.scoring.numbers import value_of
from corrigenda.core.scoring.result import FOUND_LIMIT

_WORD = re.compile(
    # A number with its sign, a word, an operator between two numbers.
    r"(?<![\w)])[-+]?\d+(?:[.,:/]\d+)*|[^\W_]+"
    r"|(?:(?<=[\d)])|(?<=[\d)] ))[-+*/<=>%^](?=\s*[\d(])"
)


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """What an answer comes down to.

    Attributes:
        taken: What the rule takes for the answer; `None` where it takes nothing out of it.
        text: A hash of the whole answer's words and tool calls, 16 bytes.
    """

    taken: str | None
    text: bytes


def final_answer(record: Mapping[str, Any], references: Sequence[str], tools: Tools) -> FinalAnswer:
    """What the response of a record comes down to; never raises.

    Args:
        record: A candidate's record.
        references: Its right answers: some rules look for what is like them.
        tools: Patterns and schemas, for rules that need them.

    Example:
        >>> from corrigenda.core.scoring import NO_TOOLS
        >>> asked = {"id": "a", "scoring": {"kind": "numeric"}, "model_response": "So: $13.00."}
        >>> final_answer(asked, ["18"], NO_TOOLS).taken
        '13'
    """
    said = reasoning.subject(record)
    taken = _taken(record.get("scoring"), said.text, references, tools)
    return FinalAnswer(taken, _hash(said))


def same(one: FinalAnswer, other: FinalAnswer) -> bool:
    """Whether two answers come down to the same."""
    if one.taken is not None and other.taken is not None:
        return one.taken == other.taken
    return one.text == other.text


def _taken(rule: object, text: str, references: Sequence[str], tools: Tools) -> str | None:
    if isinstance(rule, Mapping) and rule:
        if not _takes(rule):
            return None
        result = score(rule, text, references, tools)
    else:
        kind, result = without_rule(text, references)
        if kind != "numeric":
            return None
    found = result.found
    if result.verdict is Verdict.UNKNOWN or found is None or len(found) >= FOUND_LIMIT:
        return None  # what is as long was cut
    value = None if any(map(str.isalpha, found)) else value_of(found)
    return str(value) if value is not None else " ".join(found.casefold().split())


def _takes(rule: object, depth: int = 10) -> bool:
    """Whether a rule takes something out of the answer, and does not judge it as a whole."""
    if not isinstance(rule, Mapping) or depth == 0:
        return False
    params = rule.get("params")
    params = params if isinstance(params, Mapping) else {}
    match rule.get("kind"):
        case "numeric" | "choice":
            return True
        case "regex":
            return params.get("use") == "extract"
        case "all" | "any":
            rules = params.get("rules")
            inner = rules if isinstance(rules, list | tuple) else ()
            return bool(inner) and all(_takes(each, depth - 1) for each in inner)
        case _:
            return False


def _hash(said: reasoning.Subject) -> bytes:
    folded = said.text.casefold().replace("\u2212", "-")
    words = _WORD.findall(folded)
    found = [" ".join(words) if words else "".join(folded.split())]
    found += [json.dumps(_without_id(call), sort_keys=True) for call in said.tool_calls]
    data = "\0".join(found).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).digest()


def _without_id(call: Any) -> Any:
    return {k: v for k, v in call.items() if k != "id"} if isinstance(call, dict) else call
