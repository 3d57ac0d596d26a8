"""Thousands of texts at once have the same words in the same places as one by one."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corrigenda import jsonl
from corrigenda.core import words as core_words
from corrigenda.core.postings import BLOCK, EACH, FEW, PAGE, bits, packed, pages, places, unpaged
from corrigenda.core.words import record_text, record_words, words
from corrigenda.store.search_pages import Texts
from corrigenda.store.search_words import searched

LETTERS = string.ascii_letters + string.digits + " \n-_'é東ßﬁΣ²½\u0301\u0345\u3000\x00"
TEXTS = st.one_of(
    st.text(),
    st.text(st.sampled_from(LETTERS)),
    st.text(st.characters(codec="ascii")),
    st.lists(st.sampled_from(["median", "of", "Médian", "東京都", "x" * 65, "²" * 70])).map(
        " ".join
    ),
)


def found(texts: Texts) -> list[tuple[str, list[int]]]:
    return [
        (word, list(places(bits(data))))
        for _, page in texts.pages()
        for word, data in unpaged(page).items()
    ]


def one_by_one(texts: dict[int, str]) -> list[tuple[str, list[int]]]:
    known: dict[str, list[int]] = {}
    for place in sorted(texts):
        for word in words(texts[place]):
            known.setdefault(word, []).append(place)
    return sorted(known.items())


def gathered(texts: dict[int, str], at_once: int) -> Texts:
    ready = Texts()
    at = sorted(texts)
    for start in range(0, len(at), at_once):
        some = at[start : start + at_once]
        ready.add(some, [texts[place] for place in some])
    return ready


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.integers(0, BLOCK - 1), TEXTS, max_size=20), st.integers(1, 7))
@example({0: "", 5: "?!"}, 1)
@example({0: "?", 5: "a"}, 1)
@example({BLOCK - 1: "x" * 64 + " " + "X" * 65}, 1)
@example({0: "a\u0301 \u0301b", 1: "\u1112\u1161\u11ab \u11ab"}, 2)
def test_the_same_words_as_one_by_one(texts: dict[int, str], at_once: int) -> None:
    assert found(gathered(texts, at_once)) == one_by_one(texts)


def test_common_words_and_many_words() -> None:
    texts = {
        place: f"all {'most' if place % 8 else 'some'} w{place % 700} n{place} é{place % 9}"
        for place in range(0, BLOCK - 1)
    }
    ready = gathered(texts, 4000)
    assert found(ready) == one_by_one(texts)
    assert [first for first, _ in ready.pages()] == sorted(first for first, _ in ready.pages())


@pytest.mark.parametrize("n", [FEW - 1, FEW, FEW + 1])
def test_a_set_is_kept_in_the_same_form(n: int) -> None:
    ready = gathered(dict.fromkeys(range(n), "ham"), 500)
    assert [unpaged(page) for _, page in ready.pages()] == [{"ham": packed(range(n))}]


def test_pages_are_of_the_same_size() -> None:
    texts = {place: f"n{place} n{place * 2}" for place in range(BLOCK)}
    one = [len(unpaged(page)) for _, page in gathered(texts, 4000).pages()]
    other = [
        len(unpaged(page))
        for _, page in pages((word, packed(at)) for word, at in one_by_one(texts))
    ]
    assert abs(len(one) - len(other)) <= 1
    assert max(one) <= PAGE / (EACH + 2) + 1


def test_more_words_than_four_bytes_number() -> None:
    texts = {place: " ".join(f"w{place}x{n}" for n in range(300)) for place in range(1000)}
    ready = gathered(texts, 1000)
    assert ready.held == 300_000 > 2**32 // BLOCK
    known = {word: data for _, page in ready.pages() for word, data in unpaged(page).items()}
    assert known == {word: packed([place]) for place in texts for word in texts[place].split()}


@settings(deadline=None)
@given(st.text(), st.text())
def test_words_beyond_spaces_change_nothing(one: str, other: str) -> None:
    for space in (" ", "\n", "\u3000", "\u2001", "\xa0", "\x1c", "\x85"):
        assert words(one + space + other) == words(one) | words(other)


@settings(deadline=None)
@given(st.text())
def test_ascii_apart_from_the_rest(text: str) -> None:
    """As if the text were folded as a whole."""
    folded = core_words._folded(text)
    pieces = core_words._WORDS.findall(folded)
    expected = {word[:64] for piece in pieces for word in core_words._of_piece(piece)}
    assert words(text) == expected


VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.integers()),
    st.booleans(),
)
RECORDS = st.fixed_dictionaries(
    {"id": TEXTS},
    optional={
        "task_name": VALUES,
        "task_id": VALUES,
        "model_response": TEXTS,
        "quality_score": st.floats(),
        "prompt_messages": st.lists(
            st.fixed_dictionaries(
                {"content": TEXTS | st.none() | st.lists(st.fixed_dictionaries({"text": VALUES}))}
            )
        ),
    },
)


@settings(deadline=None, max_examples=200)
@given(RECORDS, TEXTS)
@example({"id": "a", "task_id": 123456789012345678901234567890}, "b")
@example({"id": "\ud800", "model_response": "\udfff x"}, "\ud800")
def test_a_record_is_read_as_it_is(record: dict[str, object], name: str) -> None:
    body = jsonl.encode({**record, "quality_score": 0.5}).decode("ascii")
    assert searched(body, name) == record_text({**record, "id": name})
    assert words(searched(body, name)) == record_words({**record, "id": name})
