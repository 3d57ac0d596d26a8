"""Other answers to the same prompt over HTTP, by any id."""

from urllib.parse import quote

import pytest

from tests.api.desk import HOSTILE, PREFIX, Desk, record, refused

PLAIN = {"plain": "a1", "question mark": "a?b=c", "an owl": "🦉", "markup": "<b>&id=x"}
BY_QUERY_ONLY = {"slashes": "a/b//siblings", "dots": "..", "long": "x" * 10_000}


@pytest.mark.parametrize("name", [*PLAIN, *BY_QUERY_ONLY])
def test_siblings_of_any_id(any_desk: Desk, name: str) -> None:
    candidate_id = {**PLAIN, **BY_QUERY_ONLY}[name]
    any_desk.fill(
        record(candidate_id),
        record("same", model_name="other"),
        record("differs", model_response="6"),
        record("alone", prompt_messages=[{"role": "user", "content": "?"}]),
    )
    any_desk.correct("differs", "4", corrected_parts={"reasoning": "drop"}, reviewer="kim")
    found = any_desk.get("candidate/siblings", id=candidate_id).json()
    assert [item["id"] for item in found["items"]] == ["same", "differs"]
    assert [item["identical"] for item in found["items"]] == [True, False]
    assert found["items"][1]["corrected_response"] == "4"
    assert found["items"][1]["corrected_parts"] == {"reasoning": "drop"}
    assert found["items"][1]["decided_by"] == "kim"
    if name in PLAIN:
        path = f"{PREFIX}/candidates/{quote(candidate_id, safe='')}/siblings"
        assert any_desk.client.get(path).json() == found
    assert any_desk.get("candidate/siblings", id="alone").json()["items"] == []


def test_passes_are_siblings_and_nothing_else(any_desk: Desk) -> None:
    any_desk.configure()
    path = any_desk.run("r", [record("a", benchmark_run_id="r")])
    passed = record("p", model_response="4", quality_score=1, benchmark_run_id="r")
    any_desk.run("r", [passed]).rename(path.with_name("sft_passes.jsonl"))
    any_desk.run("r", [record("a", benchmark_run_id="r")])
    answer = any_desk.post("import", {"run_id": "r"}).json()
    assert answer == {"imported": 1, "skipped": 0, "passes": 1}
    (item,) = any_desk.get("candidate/siblings", id="a").json()["items"]
    assert (item["kind"], item["status"], item["identical"]) == ("pass", None, False)
    assert any_desk.ids() == ["a"]
    assert any_desk.get("workspace").json()["passes"] == 1
    refused(any_desk.get("candidate", id="p"), 404, "unknown_candidate")
    refused(any_desk.get("candidate/siblings", id="p"), 404, "unknown_candidate")


def test_an_ancestor_comes_with_its_decisions(any_desk: Desk) -> None:
    any_desk.fill(record("first"), record("again", parent_id="first", model_response="6"))
    any_desk.correct("first", "4", failure_category="wrong_answer", note="Why", reviewer="kim")
    (found,) = any_desk.get("candidate/siblings", id="again").json()["ancestors"]
    assert (found["id"], found["corrected_response"], found["same_prompt"]) == ("first", "4", True)
    assert found["decisions"] == any_desk.get("candidate/history", id="first").json()["decisions"]
    assert found["decisions"][0]["note"] == "Why"


@pytest.mark.parametrize("case", HOSTILE)
def test_siblings_of_nobody(any_desk: Desk, case: str) -> None:
    response = any_desk.client.get(f"{PREFIX}/candidate/siblings?id={HOSTILE[case]}")
    if case == "nothing":
        refused(response, 422, "invalid_request")
    else:
        refused(response, 404, "unknown_candidate")
