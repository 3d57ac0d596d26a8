"""Random samples over HTTP: drawn, listed, reviewed, forgotten."""

from typing import Any

import pytest

from tests.api.desk import Desk, record, refused


def test_a_sample_from_begin_to_end(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}", task_type="ab"[n % 2]) for n in range(20)))
    sent = {
        "name": " First look ",
        "size": 6,
        "seed": 7,
        "stratify_by": ["task_type", "model"],
        "filter": {"model": ["small"], "score_max": 0.5},
    }
    response = any_desk.post("batches", sent, **{"X-Reviewer": "kim"})
    assert response.status_code == 200
    batch = response.json()
    assert any_desk.get("batches").json() == {"items": [batch]}
    assert batch.pop("created_at").endswith("Z")
    number = batch.pop("id")
    assert batch == {
        "name": "First look",
        "size": 6,
        "seed": 7,
        "stratify_by": ["task_type", "model"],
        "filter": {"status": ["needs_review"], "model": ["small"], "score_max": 0.5},
        "population": 20,
        "created_by": "kim",
        "reviewed": 0,
        "remaining": 6,
    }
    chosen = any_desk.ids("queue", batch=number)
    assert sum(int(name[1:]) % 2 for name in chosen) == 3, "as many of either stratum"
    any_desk.submit(chosen[0], "flag")
    (listed,) = any_desk.get("batches").json()["items"]
    assert (listed["reviewed"], listed["remaining"]) == (1, 5)
    assert any_desk.ids("queue", batch=number) == chosen[1:]
    assert any_desk.post(f"batches/{number}/delete").json() == {"id": number}
    assert any_desk.get("batches").json() == {"items": []}
    assert any_desk.now(chosen[0])["status"] == "model_rejected"
    refused(any_desk.post(f"batches/{number}/delete"), 404, "not_found")


def test_a_seed_draws_the_same_again(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(20)))
    drawn = []
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        sent = {"name": name, "size": 9, "seed": seed}
        drawn.append(any_desk.ids(batch=any_desk.post("batches", sent).json()["id"]))
    assert drawn[0] == drawn[1] != drawn[2]
    assert [b["name"] for b in any_desk.get("batches").json()["items"]] == ["two", "again", "one"]


def test_a_sample_larger_than_what_there_is(any_desk: Desk) -> None:
    any_desk.fill(record("a"), record("b"))
    batch = any_desk.post("batches", {"name": "all", "size": 1_000_000}).json()
    assert (batch["size"], batch["population"]) == (2, 2)


BAD: list[tuple[dict[str, Any], str | None]] = [
    ({"size": 1}, "name"),
    ({"name": "n"}, "size"),
    ({"name": "", "size": 1}, "name"),
    ({"name": " ", "size": 1}, None),
    ({"name": "a\x00", "size": 1}, None),
    ({"name": "\ud800", "size": 1}, None),
    ({"name": "x" * 10_000, "size": 1}, "name"),
    ({"name": "n", "size": 0}, "size"),
    ({"name": "n", "size": 10**30}, "size"),
    ({"name": "n", "size": 1, "seed": -1}, "seed"),
    ({"name": "n", "size": 1, "seed": 2**63}, "seed"),
    ({"name": "n", "size": 1, "stratify_by": ["colour"]}, "stratify_by.0"),
    ({"name": "n", "size": 1, "filter": {"x": 1}}, "filter.x"),
    ({"name": "n", "size": 1, "filter": {"model": ["nobody"]}}, None),
    ({"name": "n", "size": 1, "filter": {"model": ["\x00"]}}, None),
    ({"name": "taken", "size": 1}, None),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=lambda value: ascii(value)[:60])
def test_a_sample_that_cannot_be(any_desk: Desk, body: dict[str, Any], field: str | None) -> None:
    any_desk.fill(record("a"))
    any_desk.post("batches", {"name": "taken", "size": 1})
    problem = refused(any_desk.post("batches", body), 422, "invalid_request")
    if field is not None:
        assert [item["field"] for item in problem["errors"]] == [field]
    assert len(any_desk.get("batches").json()["items"]) == 1


@pytest.mark.parametrize("name", ["' OR 1=1; --", "<b onclick=x>", "🦉", "x" * 200], ids=ascii)
def test_a_name_is_only_a_name(any_desk: Desk, name: str) -> None:
    any_desk.fill(record("a"))
    made = any_desk.post("batches", {"name": name, "size": 1}).json()
    assert made["name"] == name
    assert any_desk.get("dashboard", batch=made["id"]).json()["sample"]["name"] == name


@pytest.mark.parametrize("number", ["0", "999", "-1", str(2**62)])
def test_a_sample_that_nobody_drew(any_desk: Desk, number: str) -> None:
    response = any_desk.post(f"batches/{number}/delete")
    assert response.status_code in (404, 422)


@pytest.mark.parametrize("number", ["x", "1.5", "%00", "1" * 31])
def test_a_number_that_is_none(any_desk: Desk, number: str) -> None:
    refused(any_desk.post(f"batches/{number}/delete"), 422, "invalid_request")
