"""Near-duplicates: what is one, what is not, and that every machine finds the same."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from corrigenda.core.example import Example
from corrigenda.workbench.curating import nearby
from corrigenda.workbench.curating.items import Findings, Item, Origin, Reason

STORY = (
    "A farmer has {n} boxes of apples in the old barn behind the house, and every box holds "
    "exactly {m} apples that were picked last week by the workers of the farm. On Monday the "
    "farmer sells some of the boxes to a shop in the town nearby, keeps the others in the barn, "
    "and goes home. How many apples did the farmer have at first?"
)
PREAMBLE = " ".join(f"Rule {word} says to be polite." for word in "abcdefghijklmnopqrstuvwxyz" * 9)

Pair = tuple[str, str]


def example(name: int, prompt: str, answer: str, *before: dict[str, str]) -> Example:
    asked = (*before, {"role": "user", "content": prompt})
    return Example(str(name), asked, {"role": "assistant", "content": answer}, None, (), {})


def item(name: int, prompt: str, decided_at: str = "") -> Item:
    key = hashlib.blake2b(prompt.encode(), digest_size=16).digest()
    return Item(
        name, str(name), 1, Origin.CORRECTION, key, key, key, decided_at, "none", "", "", ""
    )


def reader(examples: Sequence[Example]) -> nearby.Reader:
    def read(items: Sequence[Item]) -> Iterator[tuple[Item, Example]]:
        for each in items:
            yield each, examples[each.seq]

    return read


def left(rows: Sequence[Pair], threshold: float = 0.95, keep: str = "first") -> list[str]:
    """The ids that go, of rows that are called 0, 1, …, each decided later than the one before."""
    examples = [example(n, *row) for n, row in enumerate(rows)]
    items = [item(n, prompt, f"{n:04}") for n, (prompt, _) in enumerate(rows)]
    findings = Findings()
    kept = nearby.unique(items, threshold, keep, reader(examples), findings)
    gone = [each.id for each in findings.left_out]
    assert {each.reason for each in findings.left_out} <= {Reason.NEAR_DUPLICATE}
    assert sorted([*gone, *(each.id for each in kept)], key=int) == [each.id for each in items]
    return gone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("What is 17 + 25?", "42"), ("what is 17 + 25 ?", "42"), id="case and space"),
        pytest.param((STORY, "18"), ("So. " + STORY, "18"), id="a word more"),
        pytest.param(
            (STORY, "It is 18"), (STORY.replace("shop", "store"), "It is 18"), id="a word"
        ),
    ],
)
def test_what_is_nearly_the_same(one: Pair, other: Pair) -> None:
    assert left([one, other], 0.9) == ["1"]
    assert left([one, other], 0.9, keep="latest") == ["0"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("What is 17 + 25?", "42"), ("What is 17 + 26?", "43"), id="short exercises"),
        pytest.param(("What is 17 - 5?", "12"), ("What is 5 - 17?", "-12"), id="other order"),
        pytest.param(
            (STORY.format(n=4, m=20), "80"), (STORY.format(n=8, m=10), "80"), id="one template"
        ),
        pytest.param((STORY, "There are two."), (STORY, "There are three."), id="number words"),
        pytest.param((STORY, "It can be said."), (STORY, "It can not be said."), id="negation"),
        pytest.param(
            (PREAMBLE + " Is Paris in France?", "Yes."),
            (PREAMBLE + " Who built the tower?", "Yes."),
            id="questions about one long text",
        ),
        pytest.param((PREAMBLE, "Paris"), (PREAMBLE, "London"), id="other answers"),
    ],
)
def test_what_is_not(one: Pair, other: Pair) -> None:
    assert left([one, other], 0.5) == []


def test_exercises_from_one_template_all_stay() -> None:
    short = [(f"What is {a} + {b}?", f"{a + b}") for a in range(20, 50) for b in range(20, 50)]
    long = [(STORY.format(n=n, m=m), str(n * m)) for n in range(9, 39) for m in range(9, 29)]
    assert left(short, 0.5) == left(long, 0.5) == []


def test_system_messages_do_not_make_rows_alike() -> None:
    system = {"role": "system", "content": PREAMBLE}
    examples = [example(n, asked, "Yes.", system) for n, asked in enumerate(["Is it?", "Was I?"])]
    items = [item(n, str(n)) for n in range(2)]
    assert nearby.unique(items, 0.5, "first", reader(examples), Findings()) == items


@pytest.mark.parametrize("pairs", [False, True])
def test_what_was_rejected_counts_in_pairs_alone(pairs: bool) -> None:
    wrong = ["The farmer had three dozens.", "Nobody can say."]
    examples = [
        replace(example(n, STORY, "It is 18"), rejected={"role": "assistant", "content": each})
        for n, each in enumerate(wrong)
    ]
    items = [item(n, str(n)) for n in range(2)]
    kept = nearby.unique(items, 0.95, "first", reader(examples), Findings(), pairs=pairs)
    assert len(kept) == (2 if pairs else 1)


def test_what_goes_is_near_to_something_that_stays() -> None:
    words = [f"w{'abcdefghijklmnopqrstuvwxyz'[n]}" for n in range(26)] * 4
    chain = []
    for n in range(6):
        chain.append((" ".join(words), "yes"))
        words[n * 15 % 100] = "other" + "abcdef"[n]
    gone = left(chain, 0.9)
    assert gone
    assert "0" not in gone
    assert left(chain, 0.9) == gone


def test_clusters_of_prompts() -> None:
    prompts = [STORY, "What is it?", STORY + " Tell!", STORY.replace("shop", "store"), "Why so?"]
    examples = [example(n, prompt, f"answer {n}") for n, prompt in enumerate(prompts)]
    items = [item(n, prompt) for n, prompt in enumerate(prompts)]
    found = nearby.clusters([*items, item(0, prompts[0])], reader(examples))
    together = [items[n].prompt for n in (0, 2, 3)]
    assert found == dict.fromkeys(together, min(together))


def test_few_rows() -> None:
    assert left([]) == []
    assert left([("What?", "")]) == []
    assert left([("", ""), ("", "")]) == ["1"]


def test_every_process_finds_the_same() -> None:
    code = (
        "from tests.workbench.curating.test_nearby import *\n"
        "rows = [(STORY + f' {w}', 'a b c ' * 9) for w in ('one', 'two', 'x', 'x!', 'y z', 'X')]\n"
        "examples = [example(n, *row) for n, row in enumerate(rows)]\n"
        "keys = nearby._band_keys([item(n, p) for n, (p, _) in enumerate(rows)], 0.8,\n"
        "    reader(examples), nearby.likeness.parts)\n"
        "print(keys.sum(), left(rows, 0.8))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1
