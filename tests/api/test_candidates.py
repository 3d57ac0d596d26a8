"""One candidate, by any id: its record as it stands and its history, by both addresses."""

from urllib.parse import quote

import pytest
from httpx2 import Response

from tests.api.desk import PREFIX, Desk, record, refused

# Ids that fit in a path, and those that need the query.
IN_A_PATH = {
    "plain": "a1",
    "question mark": "a?b=c",
    "hash": "a#b",
    "per cent": "100%",
    "quotes": "\"a\" 'b' `c`",
    "spaces": " a  b ",
    "plus": "a+b",
    "ampersand": "a&id=b",
    "an owl": "🦉",
    "not normalised": "e\u0301",
    "right to left": "\u202eabc",
    "backslash": "a\\b",
    "control characters": "\x01\x1f\x7f",
    "a line end": "a\nb\r\n",
    "semicolon": "a;b",
    "history": "history",
    "markup": "<img src=x onerror=alert(1)>",
}
BY_QUERY_ONLY = {
    "slash": "a/b",
    "slashes": "//a//history",
    "dots": "..",
    "a dot": ".",
    "up": "../../stats",
    "10,000 characters": "x" * 10_000,
    "5,000 owls": "🦉" * 5_000,
    "looks encoded": "a%2Fb",  # the test client decodes a path twice
}


def by_query(desk: Desk, candidate_id: str, what: str = "") -> Response:
    return desk.get(f"candidate{what}", id=candidate_id)


def by_path(desk: Desk, candidate_id: str, what: str = "") -> Response:
    return desk.client.get(f"{PREFIX}/candidates/{quote(candidate_id, safe='')}{what}")


@pytest.mark.parametrize("name", [*IN_A_PATH, *BY_QUERY_ONLY])
def test_any_id(any_desk: Desk, name: str) -> None:
    candidate_id = {**IN_A_PATH, **BY_QUERY_ONLY}[name]
    any_desk.fill(record("other"), record(candidate_id, extra=[1]))
    assert any_desk.submit(candidate_id, "flag", note="n").json()["id"] == candidate_id
    ways = [by_query, by_path] if name in IN_A_PATH else [by_query]
    for way in ways:
        expected = record(candidate_id, extra=[1], status="model_rejected")
        assert way(any_desk, candidate_id).json() == expected
        history = way(any_desk, candidate_id, "/history").json()
        assert history["id"] == candidate_id
        assert [entry["note"] for entry in history["decisions"]] == ["n"]
    assert any_desk.undo(candidate_id).status_code == 200
    assert [item["id"] for item in any_desk.get("queue").json()["items"]] == [
        "other",
        candidate_id,
    ]


def test_nothing_decided_yet(desk: Desk) -> None:
    desk.fill(record("a"))
    for way in (by_query, by_path):
        assert way(desk, "a", "/history").json() == {"id": "a", "decisions": []}


@pytest.mark.parametrize("name", ["nobody", "A", "a ", "a\x00", "\x00", "🦉"], ids=ascii)
def test_an_id_that_nobody_has(any_desk: Desk, name: str) -> None:
    any_desk.fill(record("a"))
    for way in (by_query, by_path):
        for what in ("", "/history"):
            refused(way(any_desk, name, what), 404, "unknown_candidate")


@pytest.mark.parametrize("what", ["", "/history"])
@pytest.mark.parametrize("query", ["", "?id=", "?ID=a", "?id"])
def test_no_id(desk: Desk, what: str, query: str) -> None:
    problem = refused(desk.client.get(f"{PREFIX}/candidate{what}{query}"), 422, "invalid_request")
    assert [item["field"] for item in problem["errors"]] == ["id"]


def test_a_record_of_odd_values_comes_back(any_desk: Desk) -> None:
    given = record(
        "a",
        benchmark_run_id=7,
        model_name=2.5,
        task_type=10**20,
        timestamp={"at": [1]},
        node_id=["x"],
        gpu_id=None,
        quality_score=1,
        tokens_per_sec=10**400,
        prompt_messages=[
            {"role": "", "content": None, "tool_calls": [{"id": 1}]},
            {"role": "user", "content": [{"type": "text", "text": "\ud800\x00"}], "x": {}},
        ],
        reference_answer=[1],
        reasoning=None,
        **{"": 1, "\x00": 2, "\ud800": 3},
    )
    any_desk.fill(given)
    assert by_query(any_desk, "a").json() == given
    assert any_desk.get("queue").json()["items"] == [given]
