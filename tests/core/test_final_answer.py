"""When two failing answers come down to the same."""

from typing import Any

import pytest

from corrigenda.core.final_answer import FinalAnswer, final_answer, same
from corrigenda.core.scoring import NO_TOOLS
from corrigenda.workbench.scoring_tools import LibraryTools

NUMERIC = {"kind": "numeric", "params": {"take": "last"}}
CHOICE = {"kind": "choice", "params": {"choices": ["Rome", "Paris", "Oslo"]}}
EXTRACT = {"kind": "regex", "params": {"use": "extract", "pattern": r"answer is (\S+)"}}
EXACT = {"kind": "exact"}


def answer(text: Any, rule: Any = None, reference: str = "18", **fields: Any) -> FinalAnswer:
    record = {"id": "a", "model_response": text, "scoring": rule, **fields}
    return final_answer(record, [reference], LibraryTools())


@pytest.mark.parametrize(
    ("one", "other", "rule", "alike"),
    [
        ("16 - 3 = 13, so 13.", "She has $13.00", NUMERIC, True),
        ("It is 13", "It is 12", NUMERIC, False),
        ("It is 1,300", "It is 1300", NUMERIC, True),
        ("Solution 1\n#### 13", "Another way\n#### 13.0", None, True),
        ("Solution 1\n#### 13", "Solution 1\n#### 12", None, False),
        ("B) Paris, since", "ANSWER: B", CHOICE, True),
        ("A", "C", CHOICE, False),
        ("The answer is 7.", "I say the answer is 7.", EXTRACT, True),
        ("The answer is A", "The answer is B", EXTRACT, False),
        ("Paris", " **paris**. ", EXACT, True),
        ("Paris", "Rome", EXACT, False),
        ("3.5", "35", EXACT, False),
        ("-5", "5", EXACT, False),
        ("16-3", "16 - 3", EXACT, True),
        ("a + b", "a - b", EXACT, True),
        ("3 + 4", "3 - 4", EXACT, False),
        ("It is **13**.", "it is 13", EXACT, True),
        ("- 13 eggs\n* 2 ducks", "13 eggs, 2 ducks", EXACT, True),
        ("", "  ", EXACT, True),
        ("", "x", NUMERIC, False),
        ("?!", "!!", EXACT, False),
        ("<think>It is 4.</think> 13", "<think>Or 5?</think> 13", EXACT, True),
        ("数学", "数 学", EXACT, False),
        ("no number", "No number!", NUMERIC, True),
        ("no number", "13", NUMERIC, False),
    ],
)
def test_alike(one: str, other: str, rule: Any, alike: bool) -> None:
    reference = "Oslo" if rule is CHOICE else "18"
    first, second = (answer(text, rule, reference) for text in (one, other))
    assert same(first, second) == same(second, first) == alike


def test_tool_calls_count_without_their_ids() -> None:
    def call(name: str, identity: str) -> FinalAnswer:
        function = {"name": name, "arguments": "{}"}
        return answer(None, tool_calls=[{"id": identity, "function": function}])

    assert same(call("add", "1"), call("add", "2"))
    assert not same(call("add", "1"), call("subtract", "1"))


@pytest.mark.parametrize(
    "rule",
    [
        7, [], {"kind": "moon"}, {"kind": "numeric", "params": 3}, {"kind": "all"},
        {"kind": "all", "params": {"rules": [3]}}, {"kind": "regex", "params": {"use": "extract"}},
        {"kind": "regex", "params": {"use": "extract", "pattern": "("}},
    ],
)  # fmt: skip
def test_a_rule_of_no_use_leaves_the_text(rule: Any) -> None:
    assert same(answer("13!", rule, "many"), answer("13", rule, "many"))


def test_without_tools_a_pattern_is_not_tried() -> None:
    record = {"id": "a", "model_response": "The answer is 7", "scoring": EXTRACT}
    assert final_answer(record, [], NO_TOOLS).taken is None


def test_what_would_be_cut_is_not_compared_by_its_beginning() -> None:
    rule = {"kind": "regex", "params": {"use": "extract", "pattern": "(?s).*"}}
    assert not same(answer("x" * 300 + " 1", rule), answer("x" * 300 + " 2", rule))
