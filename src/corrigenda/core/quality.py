"""Checks of a correction: what is refused, and what is only said."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from corrigenda.core.correction import CorrectedParts
from corrigenda.core.reasoning import Subject, same_calls, split, unchanged
from corrigenda.core.taxonomy import FailureCategory
from corrigenda.errors import BlankCorrection

LARGE_REWRITE = 0.3
"""The share of common words (Dice) below which a correction is a text of its own."""

_LONG_ENOUGH = 20
_COMPARED = 500_000
# A word, or one sign; Chinese and Japanese are written without spaces, so each sign counts.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_TOKEN = re.compile(_WORD.pattern + r"|[^\w\s]")
# What Markdown writes at the beginning of a line: fences, rules of tables, headings, quotes,
# bullets and numbers.
_BLOCK = re.compile(
    r"^[ \t]*(?:(?:`{3,}|~{3,})[\w+#.-]*|\|?[ \t]*:?-{3,}[-:| \t]*"
    r"|(?:\#{1,6}|>|[-*+]|\d{1,3}[.)])(?=[ \t]))",
    re.MULTILINE,
)
_ROW = re.compile(r"^[ \t]*\|.*", re.MULTILINE)
# Emphasis and code: the same signs on both sides of a text, and nothing glued to their outside,
# which keeps the operators of code.
_INLINE = re.compile(
    r"(?<!\S)(\*{1,3}|_{1,3}|~~|`{1,2})(?=\S)([^\n]{0,200}?\S)\1(?=[\s.,;:!?)\]]|$)", re.MULTILINE
)

_ASCII = [chr(code) for code in range(128)]
_NO_LETTERS = "".join(sign for sign in _ASCII if not sign.isalpha()).encode("ascii")
_FOLDED = {ord(s): s.lower() if s.isalnum() or s == "_" else " " for s in _ASCII}


@dataclass(frozen=True)
class Remark:
    """Something a reviewer should know about a correction that is accepted all the same.

    `suggests` is the failure category that it speaks for.
    """

    code: str
    message: str
    suggests: FailureCategory | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `suggests` only where something is."""
        said: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.suggests is not None:
            said["suggests"] = self.suggests
        return said


UNCHANGED = Remark(
    "unchanged",
    "The correction is the model's own response; if the answer was fine, "
    "discard it as `scoring_artifact`.",
)
FORMAT_ONLY = Remark(
    "format_only",
    "Only white space or format differs from the model's own response.",
    "format_error",
)


def check_correction(text: str | None, parts: CorrectedParts | None = None) -> None:
    """Refuse a correction that says nothing: neither words nor tool calls.

    Raises:
        BlankCorrection: It is one.
    """
    if not (text or "").strip() and not (parts and parts.tool_calls):
        raise BlankCorrection


def remarks(
    original: Subject, text: str | None, parts: CorrectedParts | None = None
) -> tuple[Remark, ...]:
    """What to say about a correction that is not refused.

    Example:
        >>> [r.code for r in remarks(Subject("18"), "18 ")]
        ['unchanged']
        >>> [r.code for r in remarks(Subject("It is **18**."), "It is 18")]
        ['format_only']
        >>> remarks(Subject("18"), "26")
        ()
    """
    _, answer = split(text or "")
    if unchanged(original, text, parts):
        # To drop or rewrite the reasoning of a right answer is a correction.
        return () if parts and parts.reasoning else (UNCHANGED,)
    if not answer.strip() or not original.text.strip():
        return ()
    if max(len(answer), len(original.text)) > _COMPARED:  # it would take seconds
        return ()
    if _may_say_the_same(answer, original.text) and (
        _words_only(answer) == _words_only(original.text)
    ):
        return (FORMAT_ONLY,) if same_calls(original, parts) else ()
    share = similarity(original.text, answer)
    if share is None or share >= LARGE_REWRITE:
        return ()
    return (
        Remark(
            "large_rewrite",
            f"Only {share:.0%} of the words are common to the response and the correction: "
            "this is another text rather than a corrected one.",
        ),
    )


def similarity(one: str, other: str) -> float | None:
    """The share of common words, 0 to 1, in any order; `None` where `one` is but a few words.

    A bag of words rather than an alignment: that would take minutes for 100 KB.

    Example:
        >>> similarity("one two three four " * 5, "one two " * 10)
        0.5
    """
    mine, others = _words(one, other)
    if len(mine) < _LONG_ENOUGH:
        return None
    counted = Counter(others)
    common = sum(min(n, counted[word]) for word, n in Counter(mine).items() if word in counted)
    return 2 * common / (len(mine) + len(others))


def _words(*texts: str) -> list[list[str]]:
    """The words of texts, folded; those of ASCII texts by a way that is several times faster."""
    if all(text.isascii() for text in texts):
        return [text.translate(_FOLDED).split() for text in texts]
    return [_WORD.findall(text.casefold()) for text in texts]


def _may_say_the_same(one: str, other: str) -> bool:
    """Whether two texts might be the same `_words_only`, which costs much more to look at.

    They are not where even their letters differ; a fence of code may name a language.
    """
    if not (one.isascii() and other.isascii()) or "```" in one + other or "~~~" in one + other:
        return True
    mine, others = (text.encode("ascii").translate(None, _NO_LETTERS) for text in (one, other))
    return mine == others


def _words_only(text: str) -> list[str]:
    """A text without white space, Markdown's signs and a last full stop."""
    plain = _ROW.sub(lambda row: row[0].replace("|", " "), _BLOCK.sub(" ", text))
    plain = _INLINE.sub(r"\2", _INLINE.sub(r"\2", plain))
    return _TOKEN.findall(plain.strip().rstrip(".。"))
