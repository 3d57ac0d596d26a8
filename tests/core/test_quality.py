"""What is refused of a correction, and what is only said."""

import time

import pytest

from corrigenda.core.correction import CorrectedParts, Reasoning, ToolCall
from corrigenda.core.quality import check_correction, remarks, similarity
from corrigenda.core.reasoning import Subject
from corrigenda.core.tags import LIMIT, MOST, clean
from corrigenda.errors import BlankCorrection, InvalidInput

CALLS = CorrectedParts(tool_calls=(ToolCall("add", "{}"),))


@pytest.mark.parametrize("text", [None, "", " \n\t", "\u2003"], ids=repr)
def test_a_correction_without_words(text: str | None) -> None:
    for parts in (None, CorrectedParts(tool_calls=()), CorrectedParts(turn=1)):
        with pytest.raises(BlankCorrection):
            check_correction(text, parts)
    check_correction(text, CALLS)


@pytest.mark.parametrize("text", ["0", " x ", "\x00", "\u200b"], ids=repr)
def test_a_correction_with_words(text: str) -> None:
    check_correction(text)


LONG = "Each of the five boxes holds twelve red apples, so that there are sixty apples in all. " * 2
OTHER = "Wir rechnen zuerst die Kisten zusammen und ziehen dann ab, was verkauft worden ist. " * 2

SAID = [
    ("18", "18", ["unchanged"]),
    ("18", " 18\n", ["unchanged"]),
    ("19", "18", []),
    ("", "18", []),
    ("", None, ["unchanged"]),
    ("18", None, []),
    # Only format
    ("It is 18", "It  is\n18", ["format_only"]),
    ("It is **18**.", "It is 18", ["format_only"]),
    ("18.", "18", ["format_only"]),
    ("#### 18", "18", ["format_only"]),
    ("1. One\n2. Two", "- One\n- Two", ["format_only"]),
    ("> _so_ `x` ~~y~~, **z**!", "so x y, z!", ["format_only"]),
    ("```python\nx = 1\n```", "x = 1", ["format_only"]),
    ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b\n1 2", ["format_only"]),
    ("答えは 18 です", "答えは18です。", ["format_only"]),
    ("```\nx = 1\n```", "```py\nx = 1\n```", ["format_only"]),
    # More than format: signs that mean something
    ("```\nx = 1\n``` zz", "```\nx = 1\n```", []),
    ("def add(a, b): return a - b", "def add(a, b): return a + b", []),
    ("-5", "5", []),
    ("3.5", "35", []),
    ("a*b", "a**b", []),
    ("2 ** 3", "2 * 3", []),
    ("x = *p", "x = p", []),
    ("f(*args)", "f(args)", []),
    ("a | b", "a b", []),
    ("True", "true", []),
    ("Is it 18?", "It is 18.", []),
    # Another text
    (LONG, OTHER, ["large_rewrite"]),
    (LONG, "60", ["large_rewrite"]),
    (LONG, LONG.replace("sixty", "fifty"), []),
    ("five", OTHER, []),
    (
        "りんごは全部で六十個です。" * 2,
        "まず箱の数を数えよう。" * 2,
        ["large_rewrite"],
    ),
]


@pytest.mark.parametrize(("response", "text", "codes"), SAID, ids=range(len(SAID)))
def test_remarks(response: str, text: str | None, codes: list[str]) -> None:
    assert [remark.code for remark in remarks(Subject(response), text)] == codes


def test_a_remark_as_json() -> None:
    (said,) = remarks(Subject("**18**"), "18")
    assert said.as_dict() == {
        "code": "format_only",
        "message": said.message,
        "suggests": "format_error",
    }
    (said,) = remarks(Subject("18"), "18")
    assert said.as_dict() == {"code": "unchanged", "message": said.message}


THOUGHT = Subject("18", "9 + 9")


@pytest.mark.parametrize(
    ("text", "parts", "codes"),
    [
        ("18", None, ["unchanged"]),
        ("<think>9 + 9</think>18", None, ["unchanged"]),
        ("18", CorrectedParts(Reasoning.DROP), []),
        ("18", CorrectedParts(Reasoning.REWRITE, "Twice nine."), []),
        ("18", CALLS, []),
        ("**18**", CALLS, []),
        ("**18**", CorrectedParts(Reasoning.DROP), ["format_only"]),
    ],
)
def test_remarks_look_at_the_parts(
    text: str, parts: CorrectedParts | None, codes: list[str]
) -> None:
    assert [remark.code for remark in remarks(THOUGHT, text, parts)] == codes


def test_similarity_does_not_look_at_the_order() -> None:
    words = [f"w{n}" for n in range(40)]
    assert similarity(" ".join(words), " ".join(reversed(words))) == 1
    assert similarity(" ".join(words), " ".join(words[:20])) == pytest.approx(2 / 3)
    assert similarity("a few words", "a few words") is None


@pytest.mark.parametrize(
    "piece", ["*a ", "**a** ", "`a", "# ", "|---", "x", "- ", "|a", "<", "\n "]
)
def test_remarks_on_long_texts_are_quick(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begun = time.perf_counter()
    remarks(Subject(text), text + "b")
    remarks(Subject(text * 10), text * 10 + "b")
    assert time.perf_counter() - begun < 10


def test_tags_are_tidied() -> None:
    assert clean([" a ", "b", "a", "", "  "]) == ("a", "b")
    assert len(clean([*(f"t{n}" for n in range(MOST)), "t0"])) == MOST
    assert clean(["x" * LIMIT]) == ("x" * LIMIT,)


@pytest.mark.parametrize(
    "tags",
    [[f"t{n}" for n in range(MOST + 1)], ["x" * (LIMIT + 1)], ["\x00"], ["a\ud800"]],
    ids=["many", "long", "zero", "surrogate"],
)
def test_tags_that_are_refused(tags: list[str]) -> None:
    with pytest.raises(InvalidInput, match="tag"):
        clean(tags)
