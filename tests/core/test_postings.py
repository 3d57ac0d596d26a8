"""Which candidates of a block have a word, packed and unpacked."""

from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.postings import BLOCK, bits, changed, packed, pages, places, unpaged

PLACES = st.sets(st.integers(0, BLOCK - 1)) | st.integers(1, 8).map(
    lambda step: set(range(0, BLOCK, step))
)
WORDS = st.text(st.characters(categories=("Ll", "Nd", "Lo")), min_size=1, max_size=64)


@given(PLACES)
def test_a_set_of_places_comes_back(found: set[int]) -> None:
    assert list(places(bits(packed(sorted(found))))) == sorted(found)


@given(PLACES, PLACES, PLACES)
def test_places_are_added_and_taken_away(found: set[int], more: set[int], gone: set[int]) -> None:
    after = changed(packed(sorted(found)), sorted(more), sorted(gone))
    assert set(places(bits(after))) == (found | more) - gone


@given(st.dictionaries(WORDS, PLACES, max_size=40))
def test_words_come_back_from_their_pages(words: dict[str, set[int]]) -> None:
    asked = [(word, packed(sorted(words[word]))) for word in sorted(words)]
    made = list(pages(asked))
    assert [first for first, _ in made] == sorted(first for first, _ in made)
    assert [pair for _, page in made for pair in unpaged(page).items()] == asked
