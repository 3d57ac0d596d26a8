"""Claims over HTTP: each gets cards of their own, keeps them, gives them back."""

import json
from typing import Any

import pytest

from corrigenda.store import search
from corrigenda.workbench import Workspace
from tests.api.desk import Desk, record, refused

HOURS = 3600


def claim(desk: Desk, who: str, n: int = 2, query: str = "", **body: Any) -> dict[str, Any]:
    asked = {"n": n, "holder": f"tab-of-{who}", **body}
    response = desk.post(f"queue/claim{query}", asked, **{"x-reviewer": who})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    assert [item["id"] for item in found["items"]] == [each["id"] for each in found["claims"]]
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [item["id"] for item in found["items"]]


def tokens(found: dict[str, Any]) -> list[str]:
    return [each["token"] for each in found["claims"]]


def held(desk: Desk, path: str, who: str, given: list[str], **headers: str) -> dict[str, Any]:
    body = {"holder": f"tab-of-{who}", "tokens": given}
    response = desk.post(f"queue/{path}", body, **{"x-reviewer": who, **headers})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture
def full(any_desk: Desk) -> Desk:
    any_desk.fill(*(record(f"c{n}", quality_score=n / 10) for n in range(6)))
    return any_desk


def lapse(workspace: Workspace) -> None:
    """Leases given from now on have run out already."""
    workspace.lease_seconds = -1


def test_each_gets_cards_of_their_own(full: Desk) -> None:
    kim, ada, lou = (claim(full, who, n=n) for who, n in (("kim", 2), ("ada", 3), ("lou", 5)))
    assert [ids(each) for each in (kim, ada, lou)] == [["c0", "c1"], ["c2", "c3", "c4"], ["c5"]]
    none = claim(full, "eve")
    assert (ids(none), none["total"], none["lease_seconds"]) == ([], 6, 120)
    assert kim["items"][0] == full.now("c0")
    # The queue itself shows all.
    assert len(full.ids("queue")) == 6


def test_who_asks_again_has_what_they_had_first(full: Desk) -> None:
    first = claim(full, "kim", n=2, query="?order=lowest_score")
    again = claim(full, "kim", n=3, query="?order=lowest_score")
    assert ids(again) == ["c0", "c1", "c2"]
    assert tokens(again)[:2] == tokens(first)
    full.fill(record("worse", quality_score=0.0))
    assert ids(claim(full, "kim", n=4, query="?order=lowest_score"))[:3] == ["c0", "c1", "c2"]


def test_filter_and_order_are_those_of_the_queue(full: Desk) -> None:
    full.fill(record("other", task_type="code", quality_score=0.05))
    assert ids(claim(full, "kim", query="?task_type=code")) == ["other"]
    assert ids(claim(full, "ada", query="?order=lowest_score")) == ["c0", "c1"]
    assert claim(full, "lou", query="?task_type=code")["total"] == 1
    for query in ("?order=worst", "?category=nonsense", "?score_min=2"):
        response = full.post(f"queue/claim{query}", {"holder": "h"})
        refused(response, 422, response.json()["code"])


def test_a_search_says_how_many_it_cannot_find_yet(full: Desk) -> None:
    indexer = full.workspace.indexer
    assert indexer is not None
    assert "search_behind" not in claim(full, "kim", query="?q=2")
    with indexer.paused():
        full.workspace.database.write(search.clear)
        found = claim(full, "kim", query="?q=2")
        assert (ids(found), found["search_behind"]) == ([], 6)
        assert "search_behind" not in claim(full, "kim")


def test_what_one_put_off_comes_last(full: Desk) -> None:
    full.post("put-off", {"id": "c0"}, **{"x-reviewer": "kim"})
    assert ids(claim(full, "kim", n=6)) == ["c1", "c2", "c3", "c4", "c5", "c0"]


def test_what_one_holds_and_put_off_comes_last(full: Desk) -> None:
    # As when the page goes away before it has given the card back.
    first = claim(full, "kim", n=2)
    full.post("put-off", {"id": "c0"}, **{"x-reviewer": "kim"})
    again = claim(full, "kim", n=6)
    assert ids(again) == ["c1", "c2", "c3", "c4", "c5", "c0"]
    assert {tokens(again)[0], tokens(again)[-1]} == set(tokens(first))


def test_many_held_by_others_are_passed_over(full: Desk) -> None:
    full.fill(*(record(f"d{n:03}") for n in range(300)))
    for number in range(5):
        assert len(ids(claim(full, f"r{number}", n=50))) == 50
    assert ids(claim(full, "kim", n=2)) == ["d244", "d245"]


def test_certain_cards(full: Desk) -> None:
    claim(full, "ada", n=1)
    full.submit("c3", "flag")
    found = claim(full, "kim", ids=["c4", "c0", "c3", "nobody", "\ud800", "c1", "c4"])
    assert ids(found) == ["c4", "c1"]
    assert found["refused"] == [{"id": "c0", "reviewer": "ada"}]
    assert "refused" not in claim(full, "kim", ids=["c4"])


def test_a_lease_goes_on_as_long_as_it_is_renewed(full: Desk) -> None:
    kim = claim(full, "kim")
    odd = ["strange", "", "\x00", "1-\x00"]
    found = held(full, "renew", "kim", [*tokens(kim), *odd])
    assert (found["renewed"], found["lost"]) == (["c0", "c1"], [])
    assert found["until"] >= kim["claims"][0]["until"]
    assert held(full, "renew", "ada", tokens(kim))["lost"] == ["c0", "c1"]


def test_what_was_left_goes_to_the_next(full: Desk) -> None:
    lapse(full.workspace)
    kim = claim(full, "kim")
    full.workspace.lease_seconds = HOURS
    assert held(full, "renew", "kim", tokens(kim)[:1])["renewed"] == ["c0"]
    assert ids(claim(full, "ada")) == ["c1", "c2"]
    found = held(full, "renew", "kim", tokens(kim))
    assert (found["renewed"], found["lost"]) == (["c0"], ["c1"])


def test_giving_back(full: Desk) -> None:
    kim = claim(full, "kim")
    assert held(full, "release", "ada", tokens(kim)) == {"released": 0}
    assert held(full, "release", "kim", ["1-\x00", "\x00"]) == {"released": 0}
    assert held(full, "release", "kim", tokens(kim)[:1]) == {"released": 1}
    assert ids(claim(full, "ada")) == ["c0", "c2"]


def test_a_page_that_is_closed_gives_back_as_plain_text(full: Desk) -> None:
    kim = claim(full, "kim")
    for headers in ({"content-type": "text/plain;charset=UTF-8"}, {"content-type": ""}):
        again = {**headers, "origin": "http://testserver"}
        held(full, "release", "kim", tokens(kim), **again)
    assert ids(claim(full, "ada")) == ["c0", "c1"]
    body = json.dumps({"holder": "tab-of-ada", "tokens": []})
    evil = {"content-type": "text/plain", "origin": "https://evil.example"}
    response = full.client.post("/api/sft/queue/release", content=body, headers=evil)
    refused(response, 403, "forbidden_origin")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"holder": "a b", "tokens": []}', b"[" * 100_000]
)
def test_what_is_no_such_thing_is_refused(desk: Desk, body: bytes) -> None:
    for path in ("release", "renew", "claim"):
        kind = {"content-type": "application/json"}
        response = desk.client.post(f"/api/sft/queue/{path}", content=body, headers=kind)
        problem = refused(response, 422, "invalid_request")
        assert len(problem["detail"]) < 400


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[1,", "Expecting value at character 4"),
        (b"\xff", "no text"),
        (b"1" * 5000, "too many digits"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_it_is_said_what_is_wrong_with_plain_text(desk: Desk, body: bytes, said: str) -> None:
    kind = {"content-type": "text/plain"}
    response = desk.client.post("/api/sft/queue/release", content=body, headers=kind)
    assert said in refused(response, 422, "invalid_request")["detail"]


@pytest.mark.parametrize(
    "body", [{"n": 0}, {"n": 51}, {"ids": []}, {"ids": ["a"] * 51}, {"holder": "x" * 65}]
)
def test_how_many(desk: Desk, body: dict[str, Any]) -> None:
    refused(desk.post("queue/claim", {"holder": "h", **body}), 422, "invalid_request")


def test_what_was_decided_is_in_nobodys_hands(full: Desk) -> None:
    kim = claim(full, "kim")
    assert full.submit("c0", "flag", claim=tokens(kim)[0]).status_code == 200
    assert held(full, "renew", "kim", tokens(kim))["lost"] == ["c0"]
    full.undo("c0")
    assert ids(claim(full, "ada")) == ["c0", "c2"]


def test_a_lease_that_ran_out_still_counts_until_another_has_the_card(full: Desk) -> None:
    lapse(full.workspace)
    kim = claim(full, "kim")
    assert full.submit("c0", "flag", claim=tokens(kim)[0], reviewer="kim").status_code == 200
    full.workspace.lease_seconds = HOURS
    assert ids(claim(full, "ada")) == ["c1", "c2"]
    late = full.submit("c1", "flag", claim=tokens(kim)[1], reviewer="kim")
    problem = refused(late, 409, "claim_taken_over")
    assert problem["claimed_by"] == "ada"
    assert full.history("c1") == []
