"""The feed of decisions, and how far the review is, over HTTP."""

from typing import Any

import pytest

from tests.api.desk import HOSTILE, PREFIX, Desk, record, refused


def test_the_feed_of_nothing(any_desk: Desk) -> None:
    response = any_desk.get("decisions")
    assert response.json() == {"items": []}
    assert "link" not in response.headers


def test_the_feed_is_the_history_of_all_newest_first(any_desk: Desk) -> None:
    any_desk.fill(record("a", task_name="Sums"), record("b", model_name=None), record("c"))
    any_desk.correct("a", reviewer="kim", tags=["t"], seconds=3)
    any_desk.submit("b", "flag", reviewer="Zoë")
    any_desk.submit("c", "discard", reviewer="kim")
    any_desk.undo("c", reviewer="kim")
    found = any_desk.get("decisions").json()["items"]
    assert [(item["id"], item["action"], item["stands"]) for item in found] == [
        ("c", "undo", False),
        ("c", "discard", False),
        ("b", "flag", True),
        ("a", "correct", True),
    ]
    assert [(item["title"], item["model_name"]) for item in found[2:]] == [
        ("b", "org/small"),
        ("Sums", "small"),
    ]
    (entry,) = any_desk.history("a")
    more = {"id": "a", "title": "Sums", "model_name": "small", "stands": True}
    assert found[3] == {**entry, **more}
    assert any_desk.ids("decisions", reviewer="Zoë") == ["b"]
    assert any_desk.ids("decisions", reviewer="nobody") == []
    since = found[2]["decided_at"]
    assert any_desk.ids("decisions", since=since) == ["c", "c", "b"]
    assert any_desk.ids("decisions", since="2999-01-01") == []
    assert any_desk.ids("decisions", since="2000-01-01T00:00:00+05:00", reviewer="kim") == [
        "c",
        "c",
        "a",
    ]


def test_a_better_text_takes_the_place_of_the_one_before(any_desk: Desk) -> None:
    any_desk.fill(record("a"))
    any_desk.correct("a", "4")
    any_desk.submit("a", "amend", corrected_response="Four")
    any_desk.submit("a", "categorise", failure_category="wrong_answer")
    found = any_desk.get("decisions").json()["items"]
    assert [(item["action"], item["stands"]) for item in found] == [
        ("categorise", True),
        ("amend", True),
        ("correct", False),
    ]
    assert any_desk.now("a")["corrected_response"] == "Four"


@pytest.mark.parametrize("per_page", [1, 3, 7, 8])
def test_the_link_leads_through_the_feed_once(any_desk: Desk, per_page: int) -> None:
    names = [f"c{n}" for n in range(7)]
    any_desk.fill(*(record(name) for name in names), record("other"))
    for name in names:
        any_desk.submit(name, "discard", reviewer="kim & lee")
    any_desk.submit("other", "discard", reviewer="ann")
    pages = any_desk.walk("decisions", per_page=per_page, reviewer="kim & lee", since="2020-01-01")
    assert [item["id"] for page in pages for item in page["items"]] == names[::-1]
    assert len(pages) == -(-7 // per_page)


def test_what_comes_meanwhile_repeats_nothing(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(5)))
    for n in range(4):
        any_desk.submit(f"c{n}", "discard")
    first = any_desk.get("decisions", per_page=2)
    any_desk.submit("c4", "discard")
    link = first.headers["link"].split(">")[0].removeprefix("<")
    assert [item["id"] for item in any_desk.client.get(link).json()["items"]] == ["c1", "c0"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"per_page": 0}, "per_page"),
        ({"per_page": 201}, "per_page"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "1"}, "cursor"),
        ({"cursor": "9" * 30 + ".2026-01-01T00:00:00Z"}, "cursor"),
        ({"cursor": "x" * 501}, "cursor"),
        ({"since": "yesterday"}, "since"),
        ({"since": "0001-01-01T00:00:00+23:59"}, "since"),
        ({"since": "9999-12-31T23:59:59-23:59"}, "since"),
        ({"since": "x" * 41}, "since"),
        ({"reviewer": "x" * 201}, "reviewer"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_page_that_cannot_be(desk: Desk, asked: dict[str, Any], field: str) -> None:
    problem = refused(desk.get("decisions", **asked), 422, "invalid_request")
    assert f"`{field}`" in problem["detail"]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_reviewer_that_nobody_is(any_desk: Desk, case: str) -> None:
    any_desk.fill(record("a"))
    any_desk.submit("a", "flag", reviewer="kim")
    response = any_desk.client.get(f"{PREFIX}/decisions?reviewer={HOSTILE[case]}")
    if response.status_code != 422:
        assert response.json() == {"items": []}


# ---- progress


def progress(desk: Desk, reviewer: str = "kim", **asked: Any) -> dict[str, Any]:
    response = desk.client.get(f"{PREFIX}/progress", params=asked, headers={"X-Reviewer": reviewer})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_progress_is_the_reviewers_own(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(5)), record("x", model_name="other"))
    nothing = {"remaining": 6, "done": 0, "seconds": 0, "by_hour": []}
    assert progress(any_desk) == nothing
    any_desk.correct("c0", reviewer="kim", seconds=10)
    any_desk.submit("c1", "flag", reviewer="kim", seconds=2.5)
    any_desk.submit("c2", "flag", reviewer="lee", seconds=100)
    found = progress(any_desk)
    assert (found["remaining"], found["done"], found["seconds"]) == (3, 2, 12.5)
    assert sum(hour["n"] for hour in found["by_hour"]) == 2
    assert all(hour["hour"].endswith(":00:00Z") for hour in found["by_hour"])
    assert progress(any_desk, "ann") == {**nothing, "remaining": 3}
    any_desk.undo("c1", reviewer="lee")
    assert progress(any_desk)["done"] == 1
    assert progress(any_desk, model="other")["remaining"] == 1
    assert progress(any_desk, status="approved")["remaining"] == 4, "what remains always waits"
    assert progress(any_desk, since="2999-01-01")["done"] == 0
    assert progress(any_desk, since="2000-01-01")["done"] == 1


@pytest.mark.parametrize("since", ["", "x", "2026-13-01", "\x00", "🦉"])
def test_a_time_that_is_none(desk: Desk, since: str) -> None:
    for path in ("progress", "decisions"):
        problem = refused(desk.get(path, since=since), 422, "invalid_request")
        assert "`since`" in problem["detail"]
