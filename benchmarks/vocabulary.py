"""Words for a corpus: 200,000 of them, the n-th about as common as 1/n (Zipf's law).

The commonest are English; the others are made of syllables, the rarer the longer, so that the
length of a text is that of a text of so many words.
"""

from functools import cache
from itertools import islice, product

WORDS = 200_000
WORDS_IN_TABLE = 2**22
_SLOPE = 1.1  # a little more than 1, so that half of a text is of the hundred commonest words

_COMMON = (  # noqa: SIM905 - a list of a hundred words is no easier to read
    "the of and to in a is that for it as was with be by on not he his but at are this have from "
    "or had an they which one you were all her she there would their we him been has when who will "
    "no more if out so up said what its about than into them can only other time new some could "
    "these two may first then do any like my now over such our man me even most made after also "
    "did many off before must well back through years where much your way down should because long "
    "each just state those people too mr how little good world make very year still see own work "
    "men day get here between both life being under three never know same last another while us "
    "value answer list number returns function string error model data code text table column"
).split()
_HEADS = "b c d f g h j k l m n p r s t v w z br cr dr fl gr pl pr sh sl st th tr".split()  # noqa: SIM905
_TAILS = "a e i o u ai ea ou an en in on ar er or al el is us at".split()  # noqa: SIM905


def vocabulary() -> list[str]:
    """The words, the commonest first."""
    syllables = [head + tail for head, tail in product(_HEADS, _TAILS)]
    two = (a + b for a, b in product(syllables, syllables))
    # Every 7th of the words of two syllables, so that neighbours in rank do not look alike.
    made = list(islice(two, 0, None, 7))
    three = (a + b + c for a, b, c in product(syllables[::7], syllables[::3], syllables[::2]))
    rarer = list(islice(three, 0, None, 3))
    found = dict.fromkeys([*_COMMON, *_mixed(made), *_mixed(rarer)])
    return list(found)[:WORDS]


@cache
def word_table() -> list[str]:
    """A table in which each word stands as often as it is common: to be drawn from by number."""
    found = vocabulary()
    whole = sum((rank + 2.7) ** -_SLOPE for rank in range(len(found)))
    table: list[str] = []
    for rank, word in enumerate(found):
        table += [word] * round(WORDS_IN_TABLE * (rank + 2.7) ** -_SLOPE / whole)
    table += found[: max(WORDS_IN_TABLE - len(table), 0)]
    return table[:WORDS_IN_TABLE]


def _mixed(words: list[str]) -> list[str]:
    """The same words in another order, always the same one."""
    step = 7919
    while len(words) % step == 0:  # else some would be left out
        step += 2
    return [words[number * step % len(words)] for number in range(len(words))]
