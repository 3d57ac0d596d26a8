"""Which pairs of a better and a worse answer teach something.

A pair that differs in format alone (white space, punctuation, capitals, Markdown) would teach
that a right answer is wrong. What carries meaning is no format: signs and operators, decimal
points, brackets; and where a text is code, its letters' case and how its lines are indented.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from corrigenda.core.decisions import ARTIFACT
from corrigenda.workbench.curating.examining import Objection
from corrigenda.workbench.curating.items import Reason

Turn = Mapping[str, Any]
"""An assistant message."""

_LONGEST = 200_000  # characters; what is longer is not compared

# What Markdown writes at the beginning of a line: fences, rules of tables, headings, quotes,
# bullets. A number of a list stays: `2. 5` is not `5`.
_BLOCK = re.compile(
    r"^[ \t]*(?:(?:`{3,}|~{3,})[\w+#.-]*[ \t]*$|\|?[ \t]*:?-{3,}[-:| \t]*$"
    r"|(?:\#{1,6}|>|[-*+])(?=[ \t]))",
    re.MULTILINE,
)
_ROW = re.compile(r"^[ \t]*\|.*", re.MULTILINE)
_INLINE = re.compile(
    r"(?<![^\s(])(\*{1,3}|_{1,3}|~~|`{1,2})(?=\S)([^\n]{0,500}?\S)\1(?=[\s.,;:!?)]|$)", re.MULTILINE
)
# What LaTeX writes around an answer.
_BOXED = re.compile(r"\\boxed\{([^{}]{0,500})\}")
_MATHS = re.compile(r"(\${1,2})(?=[^\s$])([^$\n]{0,500}?[^\s$])\1(?!\d)")
_BRACKETS = re.compile(r"\\[()\[\]]")
# A number with its thousands' commas and decimal point, a word, or a sign that has a meaning.
_TOKEN = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.,]\d+)*|\.\d+|[^\W\d_]+|[^\w\s]|_")
_THOUSANDS = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?")
_PUNCTUATION = frozenset(
    ".,;:!?'\"`"
    "\u2026\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"  # an ellipsis, and quotes
    "\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f"  # Chinese and Japanese
)
_JSON = ("{", "[")
_LETTERED = ("```", "~~~", "\\boxed")  # a fence may name a language
_MARKS = bytes(n for n in range(128) if not chr(n).isalnum())
_NO_LETTERS = re.compile(r"[\W_]+")
_CODE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})|[:({\[][ \t]*\n[ \t]+\S", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$", re.MULTILINE)


def objection(
    category: str, chosen: Turn, rejected: Turn, *, format_pairs: bool
) -> Objection | None:
    """Why an answer cannot be the worse one beside its correction; `None`: it can.

    Args:
        category: The candidate's failure category.
        chosen: The corrected assistant turn.
        rejected: The model's own.
        format_pairs: Whether a difference in format alone is wanted.
    """
    if category == ARTIFACT:
        return Reason.ARTIFACT, "The model's answer is fine, so it is not rejected."
    if _said(chosen) == _said(rejected) and chosen.get("content") == rejected.get("content"):
        return Reason.INVALID, "The model's answer is the same as the correction."
    if not format_pairs and only_format(chosen, rejected):
        return Reason.FORMAT_ONLY, "The model's answer differs from the correction only in format."
    return None


def only_format(one: Turn, other: Turn) -> bool:
    """Whether two assistant turns say the same, in another format.

    Example:
        >>> only_format({"content": "It is **18**."}, {"content": "it is 18"})
        True
        >>> only_format({"content": "It is 1.8"}, {"content": "It is 18"})
        False
    """
    texts = one.get("content") or "", other.get("content") or ""
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts):
        return False
    return bool(_said(one) == _said(other)) and same_but_format(*texts)


def same_but_format(one: str, other: str) -> bool:
    r"""The same for two texts; two blank ones are the same.

    Example:
        >>> same_but_format("if x:\n    return 1", "if x:\nreturn 1")
        False
        >>> same_but_format('{"a": 1}', '{ "a":1 }'), same_but_format("-3", "3")
        (True, False)
    """
    if _says_other_words(one, other):
        return False
    if one.split() == other.split() and not (_CODE.search(one) or _CODE.search(other)):
        return True
    data = _json(one), _json(other)
    if data != (None, None):
        return data[0] == data[1]
    if _CODE.search(one) or _CODE.search(other):
        return _lines(one) == _lines(other)
    return _tokens(one) == _tokens(other)


def _says_other_words(one: str, other: str) -> bool:
    """Whether the letters and digits of two texts differ; a quick look, which most pairs end at.

    Where format may bring letters of its own, or order them anew, it says nothing.
    """
    for text in (one, other):
        if text.lstrip()[:1] in _JSON or any(mark in text for mark in _LETTERED):
            return False
    return _letters(one) != _letters(other)


def _letters(text: str) -> bytes:
    if text.isascii():  # several times faster
        return text.lower().encode("ascii").translate(None, _MARKS)
    return _NO_LETTERS.sub("", text.casefold()).encode("utf-8", "surrogatepass")


def _said(turn: Turn) -> Any:
    """What a turn says beside its text."""
    return turn.get("reasoning_content"), [
        call.get("function") if isinstance(call, Mapping) else call
        for call in turn.get("tool_calls") or ()
    ]


def _json(text: str) -> str | None:
    """A text that is a JSON object or list as canonical text, another as `None`."""
    text = text.strip()
    if not text.startswith(_JSON):
        return None
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except (ValueError, RecursionError):
        return None


def _lines(text: str) -> list[str]:
    """The lines of code that are not blank, with their indentation."""
    lines = [line.rstrip() for line in _FENCE.sub("", text).split("\n")]
    return [line for line in lines if line]


def _tokens(text: str) -> list[str]:
    plain = _BRACKETS.sub(" ", _MATHS.sub(r"\2", text))
    plain = _BLOCK.sub(" ", _BOXED.sub(r"\1", plain))
    plain = _ROW.sub(lambda row: row[0].replace("|", " "), plain)
    plain = _INLINE.sub(r"\2", _INLINE.sub(r"\2", plain))
    return [
        token.replace(",", "") if "," in token and _THOUSANDS.fullmatch(token) else token
        for token in _TOKEN.findall(plain.casefold())
        if token not in _PUNCTUATION
    ]
