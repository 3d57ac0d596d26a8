"""No address that a stranger can write makes the server fail."""

import re
from typing import Any

import pytest

from tests.api.desk import HOSTILE, PREFIX, Desk, record


def reads(document: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Each address that is read, with the names of its query parameters."""
    found = []
    for path, methods in document["paths"].items():
        # The stream of events never ends.
        if (operation := methods.get("get")) and not path.endswith("/events"):
            given = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
            found.append((path, given))
    return found


def test_every_read_bears_every_value(any_desk: Desk) -> None:
    any_desk.fill(record("a"), record("b", model_response="<think>x</think> 5"))
    any_desk.correct("b", "4", tags=["t"])
    asked = 0
    for path, names in reads(any_desk.client.app.openapi()):  # type: ignore[attr-defined]
        for case, value in HOSTILE.items():
            address = re.sub(r"\{\w+\}", value or "x", path)
            needed = "id=a&" if "id" in names else "format=messages&" if "format" in names else ""
            for query in [f"{needed}{name}={value}" for name in names] or [f"x={value}"]:
                response = any_desk.client.get(f"{address}?{query}")
                assert response.status_code < 500, (path, case, query[:80])
                asked += 1
    assert asked > 1000


@pytest.mark.parametrize("case", HOSTILE)
def test_every_read_bears_every_reviewer(any_desk: Desk, case: str) -> None:
    any_desk.fill(record("a"))
    for path in ("queue", "progress", "decisions", "stats"):
        response = any_desk.client.get(
            f"{PREFIX}/{path}", headers={"X-Reviewer": HOSTILE[case] or "%20"}
        )
        assert response.status_code in (200, 422), path
