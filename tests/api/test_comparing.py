"""Two runs compared over HTTP: figures, prompts, answers side by side, the report, a batch."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from corrigenda.core.candidate import parse
from corrigenda.core.recipe import Recipe
from corrigenda.store import passes
from corrigenda.workbench import comparing_runs
from tests.api.desk import HOSTILE, Desk, record, refused
from tests.api.team import browser

RUNS = {"a": "before", "b": "after"}
ARTIFACT = "scoring_artifact"


def sample(run: str, n: int, answer: str, **fields: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": f"What is {n} + {n}?"}]
    more = {"benchmark_run_id": run, "prompt_messages": asked, "model_response": answer}
    return record(f"{run}-{n}", task_name="sums" if n < 4 else "maps", **{**more, **fields})


def passed(desk: Desk, *samples: dict[str, Any]) -> None:
    parsed = [parse(each) for each in samples]
    desk.workspace.database.write(lambda connection: passes.arrive(connection, parsed))


@pytest.fixture
def filled(any_desk: Desk) -> Desk:
    """0 to 2 are fixed, 3 regressed, 4 is kept, 5 fails alike, 6 otherwise, 7 is in A alone."""
    desk = any_desk
    desk.fill(
        *(sample("before", n, "5") for n in (0, 1, 2, 5, 6, 7)),
        *(sample("after", n, answer) for n, answer in ((3, "8"), (5, "5"), (6, "9"))),
    )
    right = [("after", n) for n in (0, 1, 2, 4)] + [("before", 3), ("before", 4)]
    passed(desk, *(sample(run, n, str(2 * n)) for run, n in right))
    return desk


def test_the_runs_that_can_be_compared(filled: Desk) -> None:
    found = filled.get("compare/runs").json()["items"]
    assert [(each["run_id"], each["candidates"], each["passes"]) for each in found] == [
        ("after", 3, 4),
        ("before", 6, 2),
    ]


def test_it_says_what_the_command_says(filled: Desk) -> None:
    found = filled.get("compare", **RUNS).json()
    assert found == json.loads(json.dumps(filled.workspace.compare("before", "after").head()))
    total = found["raw"]["total"]
    counts = {name: total[name] for name in ("n", "fixed", "regressed", "kept", "same_failure")}
    assert counts == {"n": 7, "fixed": 3, "regressed": 1, "kept": 1, "same_failure": 1}
    assert (found["only_a"], found["only_b"]) == (1, 0)
    assert [each["name"] for each in found["raw"]["by_task"]] == ["sums", "maps"]


@pytest.mark.parametrize(
    ("params", "n"),
    [
        ({}, 8),
        ({"outcome": "fixed"}, 3),
        ({"outcome": ["fixed", "regressed"]}, 4),
        ({"outcome": "only_a"}, 1),
        ({"outcome": "flaky"}, 0),
        ({"outcome": "fixed", "task": "maps"}, 0),
        ({"split": "neither"}, 8),
        ({"split": "trained"}, 0),
        ({"category": "none"}, 6),
        ({"task": "maps"}, 4),
        ({"task_type": "math"}, 8),
        ({"task_type": "none"}, 0),
        ({"outcome": "kept", "adjusted": "true"}, 1),
    ],
    ids=str,
)
def test_every_filter_of_the_prompts(filled: Desk, params: dict[str, Any], n: int) -> None:
    body = filled.get("compare/prompts", **RUNS, **params).json()
    assert body["total"] == len(body["items"]) == n
    keys = [each["prompt_key"] for each in body["items"]]
    assert keys == sorted(keys)


@pytest.mark.parametrize("params", [{}, {"outcome": ["fixed", "same_failure"]}], ids=str)
def test_page_after_page(filled: Desk, params: dict[str, Any]) -> None:
    whole = filled.get("compare/prompts", **RUNS, **params).json()["items"]
    pages = filled.walk("compare/prompts", **RUNS, **params, per_page=3)
    assert [each for page in pages for each in page["items"]] == whole
    assert {page["total"] for page in pages} == {len(whole)}
    assert {len(page["items"]) for page in pages[:-1]} <= {3}
    assert whole[0]["excerpt"].startswith("What is ")


def test_the_way_on_stays_good_when_the_comparison_is_made_anew(filled: Desk) -> None:
    first = filled.get("compare/prompts", **RUNS, per_page=4)
    shown = [each["prompt_key"] for each in first.json()["items"]]
    filled.fill(*(sample("after", n, "0") for n in range(20, 40)))
    following = filled.client.get(first.headers["link"].split(">")[0][1:].replace("=4", "=200"))
    rest = [each["prompt_key"] for each in following.json()["items"]]
    assert following.json()["total"] == 28
    assert rest == sorted(rest)
    assert rest[0] > shown[-1]


def test_the_answers_side_by_side(filled: Desk) -> None:
    [row] = filled.get("compare/prompts", **RUNS, outcome="regressed").json()["items"]
    found = filled.get("compare/prompt", **RUNS, prompt_key=row["prompt_key"]).json()
    assert found["prompt_messages"] == [{"role": "user", "content": "What is 3 + 3?"}]
    assert (found["outcome"], found["a"]["n"], found["b"]["n"]) == ("regressed", 1, 1)
    [a], [b] = found["a"]["answers"], found["b"]["answers"]
    assert (a["id"], a["right"], a["status"], a["model_response"]) == ("before-3", True, None, "6")
    assert (b["id"], b["right"], b["status"]) == ("after-3", False, "needs_review")
    filled.submit("after-3", "discard", failure_category=ARTIFACT, reviewer="kim")
    found = filled.get("compare/prompt", **RUNS, prompt_key=row["prompt_key"]).json()
    [b] = found["b"]["answers"]
    assert (found["outcome"], found["adjusted_outcome"]) == ("regressed", "kept")
    assert (b["artifact"], b["decided_by"], b["failure_category"]) == (True, "kim", ARTIFACT)


def test_repeats_are_cut_and_counted(any_desk: Desk) -> None:
    any_desk.fill(
        *(sample("before", 1, str(n)) | {"id": f"b{n}"} for n in range(30)), sample("after", 1, "7")
    )
    [row] = any_desk.get("compare/prompts", **RUNS).json()["items"]
    found = any_desk.get("compare/prompt", **RUNS, prompt_key=row["prompt_key"]).json()
    assert (len(found["a"]["answers"]), found["a"]["n"]) == (20, 30)


def test_a_prompt_that_is_not_in_it(filled: Desk) -> None:
    for key in ("0" * 32, "f" * 32, "nothing", "%"):
        refused(filled.get("compare/prompt", **RUNS, prompt_key=key), 404, "not_found")
    refused(filled.get("compare/prompts", **RUNS, cursor="nothing"), 422, "invalid_request")


def test_what_cannot_be_compared(filled: Desk) -> None:
    body = refused(filled.get("compare", a="befor", b="after"), 404, "unknown_run")
    assert "`before`" in body["detail"]
    refused(filled.get("compare", a="after", b="after"), 422, "invalid_request")
    refused(filled.get("compare", a="after"), 422, "invalid_request")
    refused(filled.get("compare", **RUNS, trained="none"), 404, "unknown_export")
    for path in (str(filled.workspace.directory), "../exports/x"):
        refused(filled.get("compare", **RUNS, trained=path), 404, "unknown_export")
    refused(filled.get("compare/prompts", **RUNS, outcome="better"), 422, "invalid_request")


def test_no_prompt_in_common_is_one_sentence(any_desk: Desk) -> None:
    any_desk.fill(sample("before", 1, "5"), sample("after", 2, "5"))
    found = any_desk.get("compare", **RUNS).json()
    assert found["n"] == 0
    assert found["remarks"][0].startswith("The runs have no prompt in common")


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_are_refused(filled: Desk, value: str) -> None:
    for query in (
        f"compare?a={value}&b=after",
        f"compare?a=before&b=after&trained={value}x",
        f"compare/prompts?a=before&b=after&cursor={value}",
        f"compare/prompt?a=before&b=after&prompt_key={value}",
    ):
        response = filled.client.get(f"/api/sft/{query}")
        assert response.status_code in (404, 422), (query, response.text)
    for name in ("task", "category"):
        response = filled.client.get(f"/api/sft/compare/prompts?a=before&b=after&{name}={value}")
        assert response.json().get("total", 0) == 0


def test_the_report_is_the_command_s(filled: Desk) -> None:
    response = filled.get("compare/report", **RUNS)
    assert response.headers["content-type"].startswith("text/markdown")
    assert response.headers["content-disposition"].endswith('filename="comparison.md"')
    assert response.text.startswith("# Comparison of two runs\n")
    assert "| fixed | of A's failures | 3 |" in response.text
    response = filled.get("compare/report", **RUNS, format="json")
    whole = filled.workspace.compare("before", "after").as_dict()
    assert response.json() == json.loads(json.dumps(whole))
    refused(filled.get("compare/report", **RUNS, format="pdf"), 422, "invalid_request")


def test_what_still_fails_is_queued(filled: Desk) -> None:
    response = filled.post("compare/queue", {**RUNS, "name": "again"}, **{"x-reviewer": "kim"})
    batch = response.json()["batch"]
    assert (batch["size"], batch["name"], batch["created_by"]) == (3, "again", "kim")
    assert set(filled.ids("queue", batch=batch["id"])) == {"after-3", "after-5", "after-6"}
    refused(filled.post("compare/queue", {**RUNS, "name": "again"}), 422, "invalid_request")
    refused(filled.post("compare/queue", {**RUNS, "name": " "}), 422, "invalid_request")
    for name in ("after-3", "after-5", "after-6"):
        filled.submit(name, "discard")
    answer = filled.post("compare/queue", {**RUNS, "name": "none left"})
    assert (answer.status_code, answer.json()) == (200, {"batch": None})


def test_only_leads_make_batches(filled: Desk) -> None:
    filled.workspace.add_reviewer("lea", lead=True)
    _, token = filled.workspace.add_reviewer("ada")
    here = browser(filled.workspace).client
    bearer = {"authorization": f"Bearer {token}"}
    assert here.get("/api/sft/compare?a=before&b=after", headers=bearer).status_code == 200
    answer = here.post("/api/sft/compare/queue", json={**RUNS, "name": "x"}, headers=bearer)
    refused(answer, 403, "lead_required")


def test_with_an_export_that_was_trained_on(filled: Desk) -> None:
    for n in (0, 5):
        filled.correct(f"before-{n}", str(2 * n))
    filled.workspace.make_export(Recipe("prompt_completion"), name="sums-1")
    found = filled.get("compare", **RUNS, trained="sums-1").json()
    assert found["trained"] == {"name": "sums-1", "corrections": 2, "passes": 0, "missing": 0}
    by_split = {each["name"]: each for each in found["raw"]["by_split"]}
    assert (by_split["trained"]["n"], by_split["trained"]["fixed"]) == (2, 1)
    assert by_split["trained"]["mcnemar"] is None
    rows = filled.get("compare/prompts", **RUNS, trained="sums-1", split="trained").json()
    assert rows["total"] == 2


# ---- kept, and made anew


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The comparisons that were made."""
    compare, found = comparing_runs.compare, list[tuple[str, str]]()

    def counting(database: Any, a: str, b: str, **options: Any) -> Any:
        found.append((a, b))
        return compare(database, a, b, **options)

    monkeypatch.setattr(comparing_runs, "compare", counting)
    return found


def test_a_comparison_is_made_once(filled: Desk, made: list[tuple[str, str]]) -> None:
    filled.get("compare", **RUNS)
    filled.walk("compare/prompts", **RUNS, per_page=2)
    filled.get("compare/report", **RUNS)
    assert made == [("before", "after")]
    filled.get("compare", a="after", b="before")
    filled.get("compare", **RUNS)
    assert made == [("before", "after"), ("after", "before")]


def test_the_two_asked_for_last_are_kept(filled: Desk, made: list[tuple[str, str]]) -> None:
    filled.fill(sample("third", 1, "5"))
    for a, b in (("before", "after"), ("before", "third"), ("before", "after"), ("third", "after")):
        filled.get("compare", a=a, b=b)
    del made[:]
    filled.get("compare", **RUNS)
    assert made == []
    filled.get("compare", a="before", b="third")
    assert made == [("before", "third")]


def test_it_is_made_anew_when_it_would_be_another(
    filled: Desk, made: list[tuple[str, str]]
) -> None:
    def fixed() -> tuple[int, int]:
        found = filled.get("compare", **RUNS).json()
        return found["raw"]["total"]["fixed"], found["adjusted"]["total"]["fixed"]

    assert fixed() == (3, 3)
    filled.submit("before-0", "discard", failure_category=ARTIFACT)
    assert fixed() == (3, 2)
    # Another answer is the artifact: as many as before, and not the same.
    filled.undo("before-0")
    filled.submit("before-7", "discard", failure_category=ARTIFACT)
    assert fixed() == (3, 3)
    passed(filled, sample("after", 6, "12") | {"id": "more"})
    assert filled.get("compare", **RUNS).json()["raw"]["total"]["flaky"] == 1
    filled.fill(sample("before", 50, "1"))
    assert filled.get("compare", **RUNS).json()["only_a"] == 2
    assert len(made) == 5


def test_decisions_on_other_runs_change_nothing(filled: Desk, made: list[tuple[str, str]]) -> None:
    filled.fill(sample("third", 1, "5"))
    filled.get("compare", **RUNS)
    filled.correct("third-1", "2")
    filled.get("compare", **RUNS)
    assert len(made) == 1


def test_names_of_any_letters(any_desk: Desk) -> None:
    name = "läuf/ 100% & 'mehr'"
    any_desk.fill(sample(name, 1, "5"), sample("after", 1, "5"))
    response = any_desk.client.get(f"/api/sft/compare?a={quote(name, safe='')}&b=after")
    assert response.json()["a"]["run_id"] == name
