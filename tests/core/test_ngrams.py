"""Prompts found again by their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.ngrams import SIZES, Words, ngrams, question, sentences, size_of, words

TEXT = "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning!"

SAME = {
    "case": ("What IS it?", "what is it"),
    "blanks": ("What  is\n\nit", "What is it"),
    "punctuation": ("“What — is it?”", "What is it"),
    "apostrophes": ("Janet\u2019s eggs", "Janet's eggs"),
    "full width": ("Ｗｈａｔ is ３？", "what is 3"),  # noqa: RUF001
    "ligatures": ("the ﬁrst", "the first"),
    "composed letters": ("cafe\u0301", "café"),
    "options": ("Which?\nA. one\nB. two", "Which?\n(a) one\n(b) two"),
    "minus signs": ("3 \u2212 4", "3 - 4"),
}
OTHER = {
    "a sign": ("What is 3 + 4?", "What is 3 - 4?"),
    "times and by": ("3 * 4", "3 / 4"),
    "a number": ("What is 3?", "What is 4?"),
    "below zero": ("Is it -3?", "Is it 3?"),
    "marks alone": ("???", "!!!"),
    "order": ("a b c", "a c b"),
    "an option": ("Which?\nA. one\nB. two", "Which?\nA. one\nB. three"),
}


@pytest.mark.parametrize("case", SAME)
def test_what_reads_the_same(case: str) -> None:
    one, other = map(words, SAME[case])
    assert one.words == other.words
    assert one.key == other.key


@pytest.mark.parametrize("case", OTHER)
def test_what_is_another_question(case: str) -> None:
    one, other = map(words, OTHER[case])
    assert one.key != other.key


def test_they_come_out_as_they_are_kept() -> None:
    """Workspaces hold these numbers."""
    found = words(TEXT)
    assert found.key.hex() == "899e19fd7ef06dd6d6fa8939807905df"
    assert ngrams(found, 13)[0] == 0xDA1A26ED7EF1AC0D
    assert {size_of(each) for each in ngrams(found, 13)} == {13}


@given(st.text(), st.integers(*SIZES))
def test_of_any_text(text: str, n: int) -> None:
    found = words(text)
    made = ngrams(found, n)
    assert len(made) in (0, 1, len(found.words) - n + 1)
    assert all(0 <= each < 2**64 for each in made)
    assert found.starts[-1] == len(found.words)
    assert list(found.starts) == sorted(found.starts)
    assert len(found.key) == 16


@given(st.text(st.characters(exclude_categories=[])))
def test_of_lone_surrogates(text: str) -> None:
    ngrams(words(text), 6)


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=6, max_size=30),
    st.lists(st.sampled_from("abcdefgh"), max_size=30),
    st.lists(st.sampled_from("abcdefgh"), max_size=30),
)
def test_a_text_has_the_ngrams_of_what_it_contains(
    inner: list[str], before: list[str], after: list[str]
) -> None:
    whole = Words(tuple(before + inner + after), (0,))
    assert set(ngrams(Words(tuple(inner), (0,)), 6)) <= set(ngrams(whole, 6))


def test_an_ngram_is_its_words_in_their_order() -> None:
    texts = ["one two three four five six", "six five four three two one", "a b c d e f"]
    assert len({ngrams(words(text), 6)[0] for text in texts}) == 3
    assert ngrams(words("a a a a a a a"), 6) == ngrams(words("a a a a a a"), 6) * 2


STANDS = "What is the capital of France"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Q: What is the capital of France?\nA:", True),
        ('Say "What is the capital of France?" twice.', True),
        ("What is the capital of France?\nLet's think.", True),
        ("Hello. What is the capital\nof France?", True),
        ("What is the capital of France and its river?", False),
        ("Tell me: what is, in fact, the capital of France?", False),
        ("Of course, what is the capital of France?", False),
    ],
)
def test_a_short_prompt_stands_by_itself(text: str, found: bool) -> None:
    wanted = ngrams(words(STANDS), 13)
    assert [size_of(each) for each in wanted] == [6]
    there = set(sentences(words(text), [6]))
    assert (wanted[0] in there) is found


SHOTS = "Add.\n\nQuestion: 1 + 1?\nAnswer: 2\n\nQuestion: 2 + 2?\nAnswer:"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (SHOTS, "Question: 2 + 2?\nAnswer:"),
        ("Question: 2 + 2?", "Question: 2 + 2?"),
        ("Passage: a\nQuestion: b\n\nPassage: c\nQuestion: d", "Passage: c\nQuestion: d"),
        ("Passage: a\nQuestion: b\nQuestion: c", "Question: c"),
        (
            "The question: is it? The question: was it?",
            "The question: is it? The question: was it?",
        ),
        ("", ""),
    ],
)
def test_the_question_after_the_examples(text: str, asked: str) -> None:
    assert question(text) == asked
