"""Pairs of a better and a worse answer: which differ in format alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.workbench.curating import pairs
from corrigenda.workbench.curating.items import Reason
from corrigenda.workbench.curating.pairs import objection, only_format, same_but_format

CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("18", " 18\n"),
        ("It is **18**.", "it is 18"),
        ("1,000 apples", "1000 apples"),
        ("$18$", r"\boxed{18}"),
        (r"\[x = 2\]", "x=2"),
        ("- a\n- b", "* a\n* b"),
        ("# Title\ntext", "title text"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b\n1 2"),
        ('"Paris"', "\u201cParis\u201d!"),
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1}'),
        ("```python\nif x:\n    y()\n```", "if x:\n    y()"),
    ],
)
def test_only_the_format_differs(one: str, other: str) -> None:
    assert same_but_format(one, other)
    assert same_but_format(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.8", "18"),
        ("1,5", "15"),
        ("-3", "3"),
        ("$18", "18"),
        ("50%", "50"),
        ("x < y", "x > y"),
        ("(2 + 3) * 4", "2 + 3 * 4"),
        ("f(x)", "f x"),
        ("1. 5", "5"),
        ("a_b", "a b"),
        ("now here", "nowhere"),
        ('{"a": True}', '{"a": true}'),
        ("```\nTrue\n```", "```\ntrue\n```"),
        ("if x:\n    y()\n    z()", "if x:\n    y()\nz()"),
        ("18", ""),
    ],
)
def test_more_differs_than_the_format(one: str, other: str) -> None:
    assert not same_but_format(one, other)
    assert not same_but_format(other, one)


def test_reasoning_and_calls_are_no_format() -> None:
    plain = {"content": "18"}
    assert only_format(plain, {"content": "18."})
    assert not only_format(plain, {"content": "18.", "reasoning_content": "9 * 2"})
    assert not only_format(plain, {"content": "18.", "tool_calls": [CALL]})
    assert only_format(
        {"content": "So", "tool_calls": [CALL]},
        {"content": "so", "tool_calls": [{**CALL, "id": "c2"}]},
    )


@pytest.mark.parametrize(
    ("category", "rejected", "format_pairs", "reason"),
    [
        ("none", {"content": "5"}, False, None),
        ("scoring_artifact", {"content": "5"}, True, Reason.ARTIFACT),
        ("none", {"content": "4"}, True, Reason.INVALID),
        ("none", {"content": "4."}, False, Reason.FORMAT_ONLY),
        ("none", {"content": "4."}, True, None),
    ],
)
def test_objections(
    category: str, rejected: dict[str, Any], format_pairs: bool, reason: Reason | None
) -> None:
    found = objection(category, {"content": "4"}, rejected, format_pairs=format_pairs)
    assert (found and found[0]) == reason


WORDS = ["a", "B", "ß", "é", "東", "1", "1,000", "2.5", "\\boxed{7}", "```py\n"]
MARKS = [
    " ",
    "\n",
    "**",
    "_",
    "`",
    "```",
    "- ",
    "|",
    "# ",
    "$",
    "\\(",
    "{",
    "}",
    '"',
    "“",
    ":",
    "> ",
]
PIECES = st.lists(st.sampled_from(WORDS + MARKS), max_size=12).map("".join)


@given(PIECES, PIECES)
def test_the_quick_look_never_says_otherwise(one: str, other: str) -> None:
    quick = same_but_format(one, other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "_says_other_words", lambda *_: False)
        assert same_but_format(one, other) == quick
