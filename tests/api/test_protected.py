"""Protected benchmarks over HTTP, and what keeps a candidate out of training, by any id."""

from urllib.parse import quote

import pytest

from tests.api.desk import HOSTILE, PREFIX, Desk, record, refused

ASKED = "Which river runs through the city that was the first capital of this country?"
IDS = {"plain": "a1", "question mark": "a?b=c", "slashes": "a/b//obstacles", "long": "x" * 10_000}


def test_what_is_protected(any_desk: Desk) -> None:
    assert any_desk.get("protected").json() == {"items": []}
    any_desk.workspace.protect("rivers", texts=[ASKED], reviewer="kim")
    (item,) = any_desk.get("protected").json()["items"]
    assert {**item, "created_at": ""} == {
        "name": "rivers",
        "prompts": 1,
        "ngram": 13,
        "created_at": "",
        "created_by": "kim",
    }


@pytest.mark.parametrize("name", IDS)
def test_obstacles_of_any_id(any_desk: Desk, name: str) -> None:
    candidate_id = IDS[name]
    any_desk.fill(
        record(candidate_id, prompt_messages=[{"role": "user", "content": ASKED}], held_out=True),
        record("free"),
    )
    any_desk.workspace.protect("rivers", texts=[ASKED])
    found = any_desk.get("candidate/obstacles", id=candidate_id).json()
    assert found["id"] == candidate_id
    assert [each["reason"] for each in found["obstacles"]] == ["protected", "held_out"]
    assert all(each["message"].endswith(".") for each in found["obstacles"])
    if name in ("plain", "question mark"):
        path = f"{PREFIX}/candidates/{quote(candidate_id, safe='')}/obstacles"
        assert any_desk.client.get(path).json() == found
    assert any_desk.get("candidate/obstacles", id="free").json()["obstacles"] == []


@pytest.mark.parametrize("case", HOSTILE)
def test_obstacles_of_nobody(any_desk: Desk, case: str) -> None:
    response = any_desk.client.get(f"{PREFIX}/candidate/obstacles?id={HOSTILE[case]}")
    if case == "nothing":
        refused(response, 422, "invalid_request")
    else:
        refused(response, 404, "unknown_candidate")
