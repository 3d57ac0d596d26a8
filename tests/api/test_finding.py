"""Finding over HTTP: filters, orders, cursors, facets, the dashboard."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from corrigenda.store import facets
from tests.api.desk import Desk, record, refused


def say(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def shelf(desk: Desk) -> None:
    """Six candidates: three that wait, one discarded, one approved, one approved and held back."""
    thought = "<think>2 and 2</think> 5"
    desk.fill(
        record("a", task_name="Sums"),
        record(
            "b",
            model_name="large",
            model_id="org/large",
            task_type="code",
            task_name="Median",
            benchmark_run_id="run-2",
            quality_score=0.9,
            failure_category="wrong_answer",
        ),
        record("c", quality_score=None, prompt_messages=say("Wie heißt die Hauptstadt?")),
        record("d", quality_score=0.5, benchmark_run_id="run-2", task_name="Sums"),
        record("e", quality_score=0.0, model_response=thought),
        record("f", quality_score=1.0, task_type=None, model_name=None),
    )
    desk.submit(
        "d", "discard", tags=["odd", "a,b"], failure_category="scoring_artifact", reviewer="kim"
    )
    desk.correct("e", "4", reviewer="Zoë", failure_category="wrong_answer")
    desk.correct("f", "4", reviewer="kim", tags=["odd"])


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "abcdef"),
    ({"status": "needs_review"}, "abc"),
    ({"status": ["approved", "discarded"]}, "def"),
    ({"status": "model_rejected"}, ""),
    ({"model": "large"}, "b"),
    ({"model": "org/small"}, "acdef"),
    ({"model": ["large", "small"]}, "abcde"),
    ({"model": "LARGE"}, ""),
    ({"task_type": "code"}, "b"),
    ({"task_type": ["code", "math"]}, "abcde"),
    ({"task": "Sums"}, "ad"),
    ({"task": ["Sums", "Median"]}, "abd"),
    ({"run_id": "run-2"}, "bd"),
    ({"category": "wrong_answer"}, "be"),
    ({"category": "none"}, "acf"),
    ({"category": ["none", "scoring_artifact"]}, "acdf"),
    ({"exclude_category": "none"}, "bde"),
    ({"exclude_category": ["none", "scoring_artifact"]}, "be"),
    ({"exclude_category": "wrong_answer", "category": ["wrong_answer", "none"]}, "acf"),
    ({"decided_from": "2020-01-01"}, "def"),
    ({"decided_from": "9999-12-31"}, ""),
    ({"decided_until": "2020-01-01"}, ""),
    ({"decided_from": "2020-01-01", "decided_until": "9999-12-31"}, "def"),
    ({"tag": "odd"}, "df"),
    ({"tag": "a,b"}, "d"),
    ({"reviewer": "kim"}, "df"),
    ({"reviewer": ["kim", "Zoë"]}, "def"),
    ({"score_min": 0.5}, "bdf"),
    ({"score_max": 0.5}, "ade"),
    ({"score_min": 0.2, "score_max": 0.9}, "abd"),
    ({"score_min": 0}, "abdef"),
    ({"q": "haupt"}, "c"),
    ({"q": "what 2"}, "abdef"),
    ({"q": "HEISST hauptstadt"}, "c"),
    ({"q": "haupt what"}, ""),
    ({"q": "!?"}, "abcdef"),
    ({"held_back": "true"}, "e"),
    ({"held_back": "false"}, "abcdef"),
    ({"batch": 12345}, ""),
    ({"prompt": "0" * 32}, ""),
    ({"lot": "nobody"}, ""),
    ({"model": "small", "run_id": "run-1", "score_max": 0.3}, "ae"),
    ({"status": "needs_review", "category": "none", "q": "2"}, "a"),
    ({"tag": "odd", "reviewer": "Zoë"}, ""),
    (
        {
            "status": ["approved", "discarded"],
            "model": ["small", "large"],
            "task_type": "math",
            "task": "Sums",
            "run_id": ["run-1", "run-2"],
            "category": "scoring_artifact",
            "tag": "odd",
            "reviewer": "kim",
            "score_min": 0.5,
            "score_max": 0.5,
            "q": "wha",
        },
        "d",
    ),
]


def test_each_filter_finds_the_same_wherever_it_is_used(any_desk: Desk) -> None:
    shelf(any_desk)
    for asked, expected in FILTERS:
        assert "".join(any_desk.ids(**asked)) == expected, asked
        waiting = [name for name in expected if name in "abc"]
        assert any_desk.ids("queue", **{**asked, "status": "approved"}) == waiting or (
            "status" in asked
        ), asked
        if "status" not in asked:
            assert any_desk.get("progress", **asked).json()["remaining"] == len(waiting), asked
        assert any_desk.get("facets", **asked).json()["total"] == len(expected), asked
        if "batch" not in asked:
            assert any_desk.get("dashboard", **asked).json()["total"] == len(expected), asked


def test_a_prompt_a_lot_and_a_batch_filter_too(any_desk: Desk) -> None:
    shelf(any_desk)
    (row,) = any_desk.get("candidates", q="haupt").json()["items"]
    assert any_desk.ids(prompt=row["prompt_key"]) == ["c"]
    any_desk.post("lots", {"lot_id": "L-1", "action": "discard", "ids": ["a", "c"]})
    assert any_desk.ids(lot="L-1") == ["a", "c"]
    batch = any_desk.post(
        "batches", {"name": "n", "size": 9, "filter": {"model": ["large"]}}
    ).json()
    assert any_desk.ids(batch=batch["id"]) == ["b"]
    assert any_desk.ids(batch=batch["id"], lot="L-1") == []


def test_a_row_is_the_candidate_in_short(any_desk: Desk) -> None:
    any_desk.fill(
        record("a", model_response="x" * 300, failure_reason="y" * 300, task_id=7, task_name="T")
    )
    any_desk.correct("a", "z" * 300, reviewer="kim", tags=["t"], failure_category="wrong_answer")
    (row,) = any_desk.get("candidates").json()["items"]
    assert row.pop("decided_at").endswith("Z")
    assert len(row.pop("prompt_key")) == 32
    assert row == {
        "id": "a",
        "status": "approved",
        "task": "T",
        "task_id": "7",
        "task_name": "T",
        "task_type": "math",
        "model_name": "small",
        "model_id": "org/small",
        "benchmark_run_id": "run-1",
        "timestamp": "2026-04-07T10:00:00Z",
        "quality_score": 0.2,
        "failure_category": "wrong_answer",
        "failure_reason": "y" * 200,
        "excerpt": "x" * 200,
        "corrected_excerpt": "z" * 200,
        "decided_by": "kim",
        "revision": 1,
        "tags": ["t"],
        "held_back": False,
    }


ODD = {
    "empty": {"id": "odd"},
    "numbers for names": record(
        "odd", model_name=7, model_id=2.5, task_id=1, task_name=2, task_type=10**20
    ),
    "odd values": record(
        "odd",
        timestamp={"at": [1]},
        model_response="\x00\ud800<script>",
        failure_reason="\ud800" * 300,
        reasoning="\ud800\x00",
        tool_calls=[{"type": "function", "function": {"name": "\x00", "arguments": "{"}}],
        prompt_messages=[{"role": "user", "content": [{"type": "text", "text": "\ud800\x00"}]}],
    ),
    "no response": record("odd", model_response=None, prompt_messages=[]),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_records_are_found_like_any(any_desk: Desk, case: str) -> None:
    any_desk.fill(record("a"), ODD[case])
    assert any_desk.ids() == ["a", "odd"]
    for order in ("lowest_score", "newest_run", "similar_prompts", "most_failing"):
        assert sorted(any_desk.ids(order=order)) == ["a", "odd"]
    for path in ("facets", "dashboard"):
        assert any_desk.get(path).json()["total"] == 2
    assert any_desk.get("candidate/siblings", id="odd").status_code == 200
    any_desk.submit("odd", "flag")
    assert any_desk.get("decisions").json()["items"][0]["id"] == "odd"


ORDERS = {
    "arrival": "abcdef",
    "lowest_score": "eadbfc",
    "newest_run": "bdacef",
    "similar_prompts": "abdefc",
    "most_failing": "abdefc",
}


@pytest.mark.parametrize("order", ORDERS)
def test_orders_and_the_links_through_them(any_desk: Desk, order: str) -> None:
    any_desk.fill(
        record("a"),
        record("b", benchmark_run_id="run-2", quality_score=0.6, model_name="large"),
        record("c", quality_score=None, prompt_messages=say("?")),
        record("d", benchmark_run_id="run-2", quality_score=0.5),
        record("e", quality_score=0.0),
        record("f", quality_score=0.9, model_name="other"),
    )
    for path in ("candidates", "queue"):
        assert "".join(any_desk.ids(path, order=order)) == ORDERS[order]
        for per_page in (1, 4):
            pages = any_desk.walk(path, order=order, per_page=per_page, q="2", model="small")
            found = "".join(item["id"] for page in pages for item in page["items"])
            assert found == ORDERS[order].translate({ord(gone): None for gone in "bcf"})
            assert [page["total"] for page in pages] == [3] * len(pages)


def test_the_link_keeps_the_whole_request(desk: Desk) -> None:
    desk.fill(record("a"), record("b"), record("c"))
    asked: dict[str, Any] = {
        "status": ["needs_review", "approved"],
        "q": "what 2",
        "per_page": "1",
        "tag": "x & y",
    }
    desk.submit("a", "flag", tags=["x & y"])
    assert desk.ids(**asked) == []
    del asked["tag"]
    link = desk.get("candidates", order="lowest_score", **asked).headers["link"]
    sent = parse_qs(urlsplit(link.split(">")[0].removeprefix("<")).query)
    cursor = sent.pop("cursor")
    assert sent == {
        "status": ["needs_review", "approved"],
        "q": ["what 2"],
        "per_page": ["1"],
        "order": ["lowest_score"],
    }
    refused(desk.get("candidates", order="newest_run", cursor=cursor[0]), 422, "invalid_request")
    link = desk.get("queue", per_page=1, page=1).headers["link"]
    assert "&page=" not in link
    assert "?page=" not in link


def test_a_random_batch_has_its_own_order(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(12)))
    batch = any_desk.post("batches", {"name": "n", "size": 8, "seed": 3}).json()["id"]
    found = any_desk.ids("queue", batch=batch)
    assert len(set(found)) == 8
    assert found != sorted(found)
    assert any_desk.ids("queue", batch=batch, order="arrival") == sorted(
        found, key=lambda name: int(name[1:])
    )
    pages = any_desk.walk("queue", batch=batch, per_page=3)
    assert [item["id"] for page in pages for item in page["items"]] == found
    refused(any_desk.get("queue", order="batch"), 422, "invalid_request")


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"status": "done"}, "invalid_request", "status.0"),
    ({"order": "newest"}, "invalid_request", "order"),
    ({"score_min": 2}, "invalid_request", "score_min"),
    ({"score_max": "x"}, "invalid_request", "score_max"),
    ({"batch": "x"}, "invalid_request", "batch"),
    ({"batch": 2**63}, "invalid_request", "batch"),
    ({"held_back": "perhaps"}, "invalid_request", "held_back"),
    ({"per_page": 201}, "invalid_request", "per_page"),
    ({"model": ["m"] * 101}, "invalid_request", "model"),
    ({"lot": "x" * 33}, "invalid_request", "lot"),
    ({"category": "nonsense"}, "unknown_category", ""),
    ({"score_min": 0.6, "score_max": 0.5}, "invalid_request", ""),
    ({"exclude_category": "nonsense"}, "unknown_category", ""),
    ({"decided_from": "2026-11-31"}, "invalid_request", ""),
    ({"decided_until": "2026-11-01T00:00:00Z"}, "invalid_request", "decided_until"),
    ({"decided_from": "2026-11-02", "decided_until": "2026-11-01"}, "invalid_request", ""),
]


@pytest.mark.parametrize(("asked", "code", "field"), BAD, ids=lambda value: str(value)[:40])
def test_a_filter_that_cannot_be(desk: Desk, asked: dict[str, Any], code: str, field: str) -> None:
    problem = refused(desk.get("candidates", **asked), 422, code)
    if field:
        assert [item["field"] for item in problem["errors"]] == [field]


# ---- facets


def counted(desk: Desk, dimension: str, **asked: Any) -> dict[str, int]:
    found = desk.get("facets", **asked).json()["facets"][dimension]
    return {each["value"]: each["n"] for each in found}


def test_facets_count_each_dimension_without_itself(any_desk: Desk) -> None:
    shelf(any_desk)
    body = any_desk.get("facets").json()
    assert body.keys() == {"total", "facets"}
    assert counted(any_desk, "status") == {"needs_review": 3, "approved": 2, "discarded": 1}
    assert counted(any_desk, "model") == {"small": 4, "large": 1, "org/small": 1}
    assert counted(any_desk, "task_type") == {"math": 4, "code": 1}
    assert counted(any_desk, "category") == {"none": 3, "wrong_answer": 2, "scoring_artifact": 1}
    assert counted(any_desk, "tag") == {"odd": 2, "a,b": 1}
    assert counted(any_desk, "reviewer") == {"kim": 2, "Zoë": 1}
    tenths = body["facets"]["score"]
    assert [tenth["n"] for tenth in tenths] == [1, 0, 1, 0, 0, 1, 0, 0, 0, 2]
    assert [(tenths[n]["from"], tenths[n]["to"]) for n in (0, 9)] == [(0, 0.1), (0.9, 1)]
    asked = {"model": "small", "status": "needs_review"}
    assert counted(any_desk, "model", **asked) == {"small": 2, "large": 1}
    assert counted(any_desk, "status", **asked) == {
        "needs_review": 2,
        "approved": 1,
        "discarded": 1,
    }
    assert counted(any_desk, "run_id", **asked) == {"run-1": 2}


def test_facets_show_at_most_a_hundred_values(desk: Desk) -> None:
    desk.fill(*(record(f"c{n}", model_name=f"m{n}") for n in range(101)), record("x"))
    desk.fill(record("y"))
    found = desk.get("facets").json()["facets"]["model"]
    assert len(found) == 100
    assert found[0] == {"value": "small", "n": 2}


def test_large_totals_are_lower_bounds(any_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "LIMIT", 3)
    monkeypatch.setattr(facets, "SOME", 3)
    any_desk.fill(*(record(f"c{n}") for n in range(5)))
    for path in ("queue", "candidates", "facets"):
        found = any_desk.get(path).json()
        assert (found["total"], "total_is_lower_bound" in found) == (5, False)
        some = {} if path == "facets" else {"per_page": 2}
        found = any_desk.get(path, score_max=1, **some).json()
        assert (found["total"], found["total_is_lower_bound"]) == (3, True)
        found = any_desk.get(path, q="nothing").json()
        assert (found["total"], "total_is_lower_bound" in found) == (0, False)
    assert any_desk.get("progress", score_max=1).json()["total_is_lower_bound"] is True
    assert "model" in any_desk.get("facets", score_max=1).json()["lower_bounds"]


# ---- the dashboard


def test_the_dashboard_of_nothing(any_desk: Desk) -> None:
    found = any_desk.get("dashboard").json()
    assert (found["total"], found["reviewed"], found["sample"]) == (0, 0, None)
    assert found["by_model"] == found["by_run"] == found["over_time"] == []


def test_the_dashboard(any_desk: Desk) -> None:
    shelf(any_desk)
    found = any_desk.get("dashboard").json()
    assert (found["total"], found["reviewed"], found["remaining"]) == (6, 3, 3)
    assert (found["export_ready"], found["held_back"]) == (1, 1)
    assert found["by_status"] == {
        "needs_review": 3,
        "approved": 2,
        "discarded": 1,
        "model_rejected": 0,
    }
    models = {row["value"]: row["counts"] for row in found["by_model"]}
    assert models["small"] == {"scoring_artifact": 1, "wrong_answer": 1}
    assert [row["value"] for row in found["by_run"]] == ["run-1", "run-2"]
    (task,) = found["artifacts_by_task"][:1]
    assert (task["value"], task["artifacts"], task["reviewed"]) == ("Sums", 1, 1)
    assert 0 < task["low"] < task["share"] <= task["high"] <= 1
    assert (found["basis"], found["drawn_at_random"]) == ("not_random", False)
    assert sum(n for hour in found["over_time"] for n in hour["counts"].values()) == 3
    assert any_desk.get("dashboard", status="approved").json()["basis"] == "all"
    refused(any_desk.get("dashboard", batch=99), 404, "not_found")


def test_the_dashboard_of_a_sample(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(10)))
    batch = any_desk.post("batches", {"name": "s", "size": 4, "seed": 1}).json()["id"]
    for name in any_desk.ids("queue", batch=batch)[:2]:
        any_desk.submit(name, "discard", failure_category="wrong_answer")
    found = any_desk.get("dashboard", batch=batch).json()
    assert (found["total"], found["basis"], found["drawn_at_random"]) == (4, "random", True)
    sample = found["sample"]
    assert (sample["population"], sample["size"], sample["reviewed"]) == (10, 4, 2)
    shares = {each["category"]: each for each in sample["estimates"]}
    assert shares["wrong_answer"]["expected"] == 10
    assert shares["wrong_answer"]["low"] < 1
