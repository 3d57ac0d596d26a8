"""The guidelines over HTTP: every version is kept, and nobody overwrites another's."""

from typing import Any

import pytest

from corrigenda.workbench.guidelines import LIMIT, built_in_text
from tests.api.desk import Desk, record, refused


def test_what_is_built_in(any_desk: Desk) -> None:
    found = any_desk.get("guidelines").json()
    assert found == {
        "version": 0,
        "text": built_in_text(),
        "author": None,
        "created_at": None,
        "built_in": True,
        "versions": [{"version": 0, "author": None, "created_at": None}],
    }
    assert found["text"].startswith("#")


def test_versions_follow_each_other(any_desk: Desk) -> None:
    any_desk.fill(record("a"), record("b"))
    any_desk.submit("a", "flag")
    first = any_desk.post(
        "guidelines", {"text": "# One", "based_on": 0}, **{"X-Reviewer": "kim"}
    ).json()
    assert (first["version"], first["author"], first["built_in"]) == (1, "kim", False)
    body = {"text": "# Other", "based_on": 0}
    problem = refused(any_desk.post("guidelines", body), 409, "guidelines_changed")
    assert (problem["version"], problem["author"]) == (1, "kim")
    assert any_desk.get("guidelines").json() == first
    any_desk.post("guidelines", {"text": "# Two", "based_on": 1})
    found = any_desk.get("guidelines").json()
    assert (found["version"], found["text"]) == (2, "# Two")
    assert [version["version"] for version in found["versions"]] == [2, 1, 0]
    assert any_desk.get("guidelines", version=1).json()["text"] == "# One"
    assert any_desk.get("guidelines", version=0).json()["built_in"] is True
    assert any_desk.get("workspace").json()["guidelines_version"] == 2
    # A decision says by which version it was made.
    any_desk.submit("b", "flag")
    assert any_desk.history("b")[0]["guidelines_version"] == 2
    any_desk.undo("b")
    any_desk.submit("b", "flag", guidelines_version=1)
    assert any_desk.history("b")[-1]["guidelines_version"] == 1
    assert any_desk.history("a")[0]["guidelines_version"] == 0


def test_the_same_text_again_is_no_version(any_desk: Desk) -> None:
    sent = {"text": "# One", "based_on": 0}
    for _ in range(2):
        assert any_desk.post("guidelines", sent).json()["version"] == 1


@pytest.mark.parametrize(
    "text",
    ["\x00", "<script>alert(1)</script>", "'; DROP TABLE guidelines; --", "🦉" * 10_000],
    ids=lambda text: ascii(text)[:12],
)
def test_any_text_is_kept(any_desk: Desk, text: str) -> None:
    assert any_desk.post("guidelines", {"text": text, "based_on": 0}).json()["text"] == text
    assert any_desk.get("guidelines").json()["text"] == text


BAD: list[tuple[dict[str, Any], str | None]] = [
    ({}, "text"),
    ({"text": "x"}, "based_on"),
    ({"text": None, "based_on": 0}, "text"),
    ({"text": " \n", "based_on": 0}, None),
    ({"text": "\ud800", "based_on": 0}, "text"),
    ({"text": "é" * (LIMIT // 2 + 1), "based_on": 0}, None),
    ({"text": "x" * (LIMIT + 1), "based_on": 0}, "text"),
    ({"text": "x", "based_on": -1}, "based_on"),
    ({"text": "x", "based_on": 0.5}, "based_on"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=lambda value: str(value)[:40])
def test_what_cannot_be_saved(desk: Desk, body: dict[str, Any], field: str | None) -> None:
    problem = refused(desk.post("guidelines", body), 422, "invalid_request")
    if field is not None:
        assert field in [item["field"] for item in problem["errors"]]
    assert desk.get("guidelines").json()["version"] == 0


def test_a_version_that_is_not_there(any_desk: Desk) -> None:
    for version in (1, 2**31, 2**62, 10**30):
        refused(any_desk.get("guidelines", version=version), 404, "not_found")
    body = {"text": "x", "based_on": 10**30}
    refused(any_desk.post("guidelines", body), 409, "guidelines_changed")
