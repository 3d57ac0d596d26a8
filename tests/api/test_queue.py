"""The queue: what waits, in the order of arrival, by number or by cursor."""

from typing import Any

import pytest

from tests.api.desk import Desk, record, refused


def test_an_empty_queue_is_exactly_this(any_desk: Desk) -> None:
    response = any_desk.get("queue")
    assert response.status_code == 200
    assert response.json() == {"items": [], "total": 0, "page": 1, "per_page": 20}
    assert "link" not in response.headers


def test_only_what_waits_is_in_it(any_desk: Desk) -> None:
    any_desk.fill(
        record("z"),
        record("b", status="approved", corrected_response="4"),
        record("c", status="discarded"),
        record("d", status="model_rejected"),
        record("a", status=None),
    )
    found = any_desk.get("queue").json()
    assert [item["id"] for item in found["items"]] == ["z", "a"]
    assert found["total"] == 2


def test_an_item_is_the_whole_record(desk: Desk) -> None:
    given = record("a", extra={"b": [1, 10**30, "\x00\ud800"]}, reference_answer="4", gpu_id="x")
    desk.fill(given)
    assert desk.get("queue").json()["items"] == [given]


def test_a_record_with_nothing_but_an_id(desk: Desk) -> None:
    desk.fill({"id": "a"})
    assert desk.get("queue").json()["items"] == [
        {"id": "a", "status": "needs_review", "corrected_response": None, "failure_category": None}
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, range(20)),
        ({"page": 2}, range(20, 25)),
        ({"page": 1, "per_page": 10}, range(10)),
        ({"page": 3, "per_page": 10}, range(20, 25)),
        ({"per_page": 1}, range(1)),
        ({"per_page": 200}, range(25)),
        ({"page": 3}, ()),
        ({"page": 1_000_000_000, "per_page": 200}, ()),
        ({"cursor": 2**62}, ()),
    ],
    ids=str,
)
def test_pages(desk: Desk, params: dict[str, Any], expected: range) -> None:
    desk.fill(*(record(f"c{n}") for n in range(25)))
    response = desk.get("queue", **params)
    assert response.status_code == 200
    body = response.json()
    assert [item["id"] for item in body["items"]] == [f"c{n}" for n in expected]
    assert body["total"] == 25
    assert body["page"] == params.get("page", 1)
    assert body["per_page"] == params.get("per_page", 20)


@pytest.mark.parametrize(
    "params",
    [
        {"page": 0},
        {"page": -1},
        {"page": "x"},
        {"page": 1.5},
        {"page": 10**30},
        {"per_page": 0},
        {"per_page": 201},
        {"per_page": ""},
        {"cursor": -1},
        {"cursor": "x"},
        {"cursor": ""},
        {"cursor": 2**63},
        {"cursor": "\x00"},
        {"cursor": "1.5"},
        {"cursor": "WyJhcnJpdmFsIl0"},
    ],
    ids=str,
)
def test_a_page_out_of_bounds(desk: Desk, params: dict[str, Any]) -> None:
    (name,) = params
    problem = refused(desk.get("queue", **params), 422, "invalid_request")
    assert [item["field"] for item in problem["errors"]] == [name]
    assert f"`{name}`" in problem["detail"]


@pytest.mark.parametrize(
    "cursor", ["x", "\x00", "1.5", "x" * 501, "🦉"], ids=lambda c: ascii(c)[:9]
)
def test_a_cursor_that_is_none_is_refused_in_one_sentence(desk: Desk, cursor: str) -> None:
    problem = refused(desk.get("queue", cursor=cursor), 422, "invalid_request")
    assert problem["detail"].count(".") == 1
    assert "`cursor`" in problem["detail"]


@pytest.mark.parametrize("per_page", [1, 4, 5, 10, 11])
def test_the_link_leads_through_the_queue_once(any_desk: Desk, per_page: int) -> None:
    names = [f"c{n}" for n in range(10)]
    any_desk.fill(*(record(name) for name in names))
    walked = any_desk.walk("queue", per_page=per_page)
    pages = [[item["id"] for item in page["items"]] for page in walked]
    assert [name for page in pages for name in page] == names
    assert [len(page) for page in pages[:-1]] == [per_page] * (len(pages) - 1)
    assert pages[-1] != []


def test_the_link_skips_nothing_when_others_decide(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(6)))
    first = any_desk.get("queue", per_page=2)
    for name in ("c0", "c1", "c3"):
        any_desk.submit(name, "discard")
    link = first.headers["link"].split(">")[0].removeprefix("<")
    second = any_desk.client.get(link).json()
    assert [item["id"] for item in second["items"]] == ["c2", "c4"]
    assert second["total"] == 3
