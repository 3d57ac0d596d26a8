"""Search: the same words find the same candidates on both databases."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.selection import Selection
from corrigenda.store import Database, candidates, search
from tests.store.samples import candidate, put


def find(database: Database, text: str) -> str:
    with database.reading() as connection:
        found = candidates.stream(connection, Selection(text=text))
        return "".join(stored.id for stored in found)


@pytest.fixture
def filled(database: Database) -> Database:
    put(
        database,
        [
            candidate("a", model_response="The médian of an empty list", task_name="Medians"),
            candidate("b", model_response="It's 5,4 m²; see O'Neil", failure_reason="no JSON"),
            candidate("c", model_response="東京都に住む", reference_answer="listening"),
            candidate(
                "d",
                prompt_messages=[
                    {"role": "user", "content": [{"type": "text", "text": "Häuser und Gärten"}]},
                    {"role": "assistant", "content": None},
                ],
                model_name="Qwen2.5-3B",
            ),
        ],
    )
    return database


QUERIES = [
    ("median", "a"),
    ("MÉDIAN list", "a"),
    ("list median", "a"),
    ("list", "ac"),
    ("list ", "a"),
    ("lis median", ""),
    ("o'neil", "b"),
    ("json", "b"),
    ("5 4", "b"),
    ("東京", "c"),
    ("京都", "c"),
    ("都に住", "c"),
    ("京東", ""),
    ("都", "c"),
    ("hauser garten", "d"),
    ("qwen2 3b", "d"),
    ("small", "abcd"),
    ("what is", "abc"),
    ("", "abcd"),
    ("?!", "abcd"),
    ("nothing", ""),
]


@pytest.mark.parametrize(("text", "expected"), QUERIES, ids=[text for text, _ in QUERIES])
def test_finds(filled: Database, text: str, expected: str) -> None:
    assert find(filled, text) == expected


HOSTILE = [
    '"',
    "'; DROP TABLE candidates; --",
    "AND OR NOT NEAR(a b)",
    "a* ^b {c d}: e",
    "words:median",
    "search",
    "& | ! <-> :*",
    "\\' \\",
    "\x00median\x00",
    "\ud800 \udfff",
    "a" * 10_000,
    "a b " * 5_000,
    "東" * 10_000,
    "%s ? :words $1 {}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries(filled: Database, text: str) -> None:
    assert find(filled, text) in ("", "a", "abcd")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text())
def test_any_query(filled: Database, text: str) -> None:
    find(filled, text)


def test_an_edited_record_is_found_by_its_new_words(filled: Database) -> None:
    edited = candidate("a", model_response="A drawer", task_name="東京")
    filled.write(lambda c: candidates.replace_record(c, edited))
    assert find(filled, "median") == ""
    assert find(filled, "drawer") == "a"
    assert find(filled, "東京") == "ac"
    filled.write(search.rebuild)
    assert find(filled, "median") == ""
    assert find(filled, "drawer") == "a"


def test_very_long_texts(database: Database) -> None:
    put(
        database,
        [
            candidate("a", model_response="first " + "x" * 50_000 + " middle " + "y z " * 20_000),
            candidate("b", model_response="".join(map(chr, range(0x4E00, 0x9FFF))) * 5),
            candidate("c", model_response="w" * 300_000 + " last"),
            candidate("d", model_response=" ".join(f"w{n}" for n in range(60_000))),
        ],
    )
    assert find(database, "first middle") == "a"
    assert find(database, "一丁") == "b"
    assert find(database, "last") == "", "beyond what is searched"
    assert find(database, "w10000 w20000") == "d"
