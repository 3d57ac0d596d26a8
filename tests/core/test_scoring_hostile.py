"""Rules and patterns come from strangers' files: scoring never raises and never hangs."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrigenda.core.scoring import KINDS, NO_TOOLS, CannotTell, Verdict, score, without_rule
from corrigenda.core.scoring.numbers import numbers
from corrigenda.workbench.scoring_tools import LibraryTools

TEXT = st.text(max_size=60) | st.sampled_from(
    ["B", "#### 18", r"\boxed{1}", "-$1,8e9.5/0", "A: 1\nA:", "{}", "ANSWER: A, B", "\ud800"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "accept",
        "strip",
        "words",
        "take",
        "where",
        "which",
        "pattern",
        "use",
        "group_select",
        "groups",
        "fallback",
        "compare",
        "choices",
        "labels",
        "style",
        "schema",
        "rules",
        "rule",
        "tolerance",
        "ignore_case",
        "ignore_patterns",
    ]
)
WORDS = st.sampled_from(
    ["last", "marked", "boxed", "set", "begin", "all", "any", "extract", "text", "(a+)+$"]
)
PARAMS = st.dictionaries(NAMES, WORDS | JSON, max_size=6)
RULES = st.recursive(
    st.fixed_dictionaries({"kind": st.sampled_from(KINDS), "params": PARAMS}),
    lambda inner: st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["all", "any", "not"]),
            "params": st.fixed_dictionaries({"rules": st.lists(inner, max_size=3), "rule": inner}),
        }
    ),
    max_leaves=4,
)


@settings(deadline=None)
@given(rule=RULES | JSON, answer=TEXT, references=st.lists(TEXT, max_size=3))
def test_any_rule_gives_a_verdict(rule: Any, answer: str, references: list[str]) -> None:
    found = score(rule, answer, references, LibraryTools(0.2))
    assert isinstance(found.verdict, Verdict)
    assert found.reason
    assert found.found is None or len(found.found) <= 200
    json.dumps(found.reason)


@given(one=TEXT, other=TEXT, kind=st.sampled_from(["exact", "normalised"]))
def test_to_be_equal_is_mutual(one: str, other: str, kind: str) -> None:
    if one.strip() and other.strip():
        verdicts = {
            score({"kind": kind}, a, [b], NO_TOOLS).verdict for a, b in [(one, other), (other, one)]
        }
        assert len(verdicts) == 1


@given(TEXT.filter(str.strip))
def test_the_reference_itself_is_right(text: str) -> None:
    for rule in ({"kind": "exact"}, {"kind": "normalised"}, {"kind": "contains"}):
        assert score(rule, text, [text], NO_TOOLS).verdict is Verdict.RIGHT
    assert without_rule(text, [text])[1].verdict is Verdict.RIGHT


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_a_number_is_found_however_it_is_written(whole: int, cents: int) -> None:
    sign, size = ("-" if whole < 0 else ""), abs(whole)
    for written in (f"{sign}{size}.{cents:02}", f"{sign}${size:,}.{cents:02}"):
        rule = {"kind": "numeric", "params": {"take": "marked"}}
        found = score(rule, f"so #### {written} euros", [f"{sign}{size}.{cents:02}0"], NO_TOOLS)
        assert found.verdict is Verdict.RIGHT, (written, found)


@pytest.mark.parametrize(
    "text",
    [
        "1," * 100_000,
        "9" * 500_000,
        "1,111" * 100_000,
        "#### " * 100_000,
        "answer " * 100_000,
        r"\boxed{" * 50_000,
        "-" * 500_000,
        "1/" * 100_000,
        "A:\n" * 200_000,
        "(" * 500_000,
    ],
    ids=lambda text: text[:8],
)
def test_no_answer_takes_long(text: str) -> None:
    began = time.process_time()
    for take in ("last", "marked", "boxed"):
        score({"kind": "numeric", "params": {"take": take}}, text, ["1"], NO_TOOLS)
    score({"kind": "choice", "params": {"choices": ["x", "y"]}}, text, ["A"], NO_TOOLS)
    without_rule(text, ["#### 1"])
    numbers(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "pattern",
    ["(x+x+)+y", "(x|xx)+$y", "((x{1000}){1000}){1000}", "(?x)(x{1000}) # c\n {10 00}", "(" * 5000],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    began = time.process_time()
    for use in ("search", "fullmatch", "extract"):
        rule = {"kind": "regex", "params": {"pattern": pattern, "use": use}}
        found = score(rule, "x" * 5000, ["x"], LibraryTools(0.2))
        assert found.verdict is Verdict.UNKNOWN, found
    assert time.process_time() - began < 10


def test_the_reason_is_said() -> None:
    rule = {"kind": "regex", "params": {"pattern": "(x+x+)+y"}}
    found = score(rule, "x" * 5000, [], LibraryTools(0.1))
    assert found.reason == "The pattern took too long."
    assert score({"kind": "exact"}, "x" * 1_000_001, ["x"], NO_TOOLS).verdict is Verdict.UNKNOWN


def doubling(levels: int) -> dict[str, Any]:
    parts: dict[str, Any] = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)
    }
    return {"$defs": {**parts, f"a{levels}": {"type": "integer"}}, "$ref": "#/$defs/a0"}


def test_no_schema_takes_long() -> None:
    assert LibraryTools().schema_error(doubling(3), 1) is None
    with pytest.raises(CannotTell, match="entangled"):
        LibraryTools().schema_error(doubling(40), 1)
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    loop = {"items": {"allOf": [{"$ref": "#"}] * 2}}
    with pytest.raises(CannotTell, match="entangled"):
        LibraryTools().schema_error(loop, deep)
    assert LibraryTools().schema_error({"$ref": "#"}, deep) is None


def test_a_repeat_of_more_digits_than_a_number_may_have() -> None:
    for digits in ("9" * 5000, "0" * 5000 + "9" * 8):
        with pytest.raises(CannotTell, match="too large"):
            LibraryTools().matches(f"(ab){{{digits}}}", "ab")
    assert LibraryTools().matches("(ab){" + "0" * 50 + "2}", "abab")


def test_a_schema_and_an_answer_that_would_take_minutes_together() -> None:
    schema = {"items": {"not": {"anyOf": [{"const": n} for n in range(1, 9000)]}}}
    assert LibraryTools().schema_error(schema, [0] * 50) is None
    with pytest.raises(CannotTell, match="too large"):
        LibraryTools().schema_error(schema, [0] * 300_000)


def test_gsm8k(shared_data: Path) -> None:
    """The rule gives the published verdict on every one of the 5,276 published solutions."""
    rule = {"kind": "numeric", "params": {"take": "marked"}}
    agreed = total = 0
    file = shared_data / "gsm8k/example_model_solutions.jsonl"
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for sample in (value for value in row.values() if isinstance(value, dict)):
                found = score(rule, sample["solution"], [row["ground_truth"]], NO_TOOLS)
                total += 1
                agreed += (found.verdict is Verdict.RIGHT) == sample["is_correct"]
    assert (agreed, total) == (5276, 5276)
