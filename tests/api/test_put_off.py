"""What a reviewer wants to see last, over HTTP."""

import pytest

from tests.api.desk import PREFIX, Desk, record, refused

HOSTILE = ["\x00", "\ud800", "x" * 10_000, "' OR 1=1; --", "<img src=x onerror=alert(1)>"]


def queue(desk: Desk, reviewer: str | None = None, **asked: object) -> str:
    headers = {} if reviewer is None else {"X-Reviewer": reviewer}
    found = desk.client.get(f"{PREFIX}/queue", params=asked, headers=headers).json()  # type: ignore[arg-type]
    return "".join(item["id"] for item in found["items"])


def put_off(desk: Desk, name: str, reviewer: str = "kim", put: bool = True) -> None:
    response = desk.post("put-off", {"id": name, "put_off": put}, **{"X-Reviewer": reviewer})
    assert response.status_code == 200, response.text
    assert response.json() == {"id": name, "put_off": put}


def test_what_is_put_off_comes_last_for_its_reviewer_alone(any_desk: Desk) -> None:
    any_desk.fill(*(record(name) for name in "abcd"))
    put_off(any_desk, "b")
    put_off(any_desk, "a")
    assert queue(any_desk, "kim") == "cdba"
    assert queue(any_desk, "lee") == queue(any_desk) == "abcd"
    put_off(any_desk, "b")
    assert queue(any_desk, "kim") == "cdab", "again means behind the others"
    assert "".join(any_desk.ids()) == "abcd"
    put_off(any_desk, "b", put=False)
    assert queue(any_desk, "kim") == "bcda"
    any_desk.submit("a", "flag")
    assert queue(any_desk, "kim") == "bcd"


def test_the_links_lead_through_both_parts(any_desk: Desk) -> None:
    any_desk.fill(*(record(name) for name in "abcde"))
    for name in "bd":
        put_off(any_desk, name, reviewer="local")
    for order in ("arrival", "lowest_score"):
        for per_page in (1, 2, 3):
            pages = any_desk.walk("queue", per_page=per_page, order=order)
            found = "".join(item["id"] for page in pages for item in page["items"])
            assert found == "acebd", (order, per_page)
            assert {page["total"] for page in pages} == {5}
    assert [queue(any_desk, per_page=2, page=n) for n in (1, 2, 3, 4)] == ["ac", "eb", "d", ""]


def test_taking_back_what_was_not_put_off(any_desk: Desk) -> None:
    any_desk.fill(record("a"))
    put_off(any_desk, "a", put=False)
    assert queue(any_desk, "kim") == "a"


@pytest.mark.parametrize("text", [*HOSTILE, "nobody", ""], ids=lambda text: ascii(text)[:12])
def test_what_is_not_there(any_desk: Desk, text: str) -> None:
    any_desk.fill(record("a"))
    for put in (True, False):
        refused(any_desk.post("put-off", {"id": text, "put_off": put}), 404, "unknown_candidate")


@pytest.mark.parametrize("name", ["%00", "x" * 201], ids=lambda name: name[:3])
def test_a_reviewer_whom_no_database_can_hold(any_desk: Desk, name: str) -> None:
    any_desk.fill(record("a"))
    response = any_desk.post("put-off", {"id": "a"}, **{"X-Reviewer": name})
    assert "`reviewer`" in refused(response, 422, "invalid_request")["detail"]


@pytest.mark.parametrize("body", [{}, {"id": 1}, {"id": "a", "put_off": "perhaps"}], ids=str)
def test_a_bad_request(desk: Desk, body: dict[str, object]) -> None:
    refused(desk.post("put-off", body), 422, "invalid_request")
