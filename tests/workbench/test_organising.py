"""Guidelines, categories, what was decided lately, who sees what last, and who this is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import corrigenda
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import BUILT_IN
from corrigenda.errors import (
    CategoryInUse,
    GuidelinesChanged,
    InvalidInput,
    NotFound,
    UnknownCandidate,
)
from corrigenda.store import activity, put_off
from corrigenda.workbench import Workspace, guidelines
from tests.workbench.desk import fill, opened, record


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


# ---- the guidelines


def test_the_built_in_guidelines_explain_every_category() -> None:
    text = guidelines.built_in_text()
    places = [text.index(f"**{category.label}.**") for category in BUILT_IN]
    first_to_last = [
        "scoring_artifact",
        "hallucination",
        "wrong_answer",
        "partial_answer",
        "format_error",
        "style_violation",
    ]
    by_place = sorted(zip(places, (category.name for category in BUILT_IN), strict=True))
    assert [name for _, name in by_place] == first_to_last
    assert len(text.encode()) < 10_000
    for word in ("Correct", "Discard", "Flag", "Minimal", "voice", "Verifiable", "Reasoning"):
        assert word in text


def test_versions(workspace: Workspace) -> None:
    first = workspace.guidelines()
    assert first == {
        "version": 0,
        "text": guidelines.built_in_text(),
        "author": None,
        "created_at": None,
        "built_in": True,
        "versions": [{"version": 0, "author": None, "created_at": None}],
    }
    text = "# Ours\n\x00\ud800é"
    saved = workspace.save_guidelines(text, based_on=0, reviewer="kim")
    assert (saved["version"], saved["text"], saved["author"]) == (1, text, "kim")
    assert not saved["built_in"]
    assert workspace.guidelines() == saved
    # A retry is no new version; nor is saving what is there.
    assert workspace.save_guidelines(text, based_on=0, reviewer="kim") == saved
    with pytest.raises(GuidelinesChanged) as caught:
        workspace.save_guidelines("# Mine", based_on=0, reviewer="lee")
    assert caught.value.details == {"version": 1, "author": "kim"}
    assert workspace.save_guidelines("# Better", based_on=1)["version"] == 2
    assert [v["version"] for v in workspace.guidelines()["versions"]] == [2, 1, 0]
    assert workspace.guidelines(1)["text"] == text
    assert workspace.guidelines(0)["built_in"]
    for version in (3, -1):
        with pytest.raises(NotFound):
            workspace.guidelines(version)
    fill(workspace, record("a"))
    workspace.submit("a", "flag")
    assert workspace.history("a")[0]["guidelines_version"] == 2


@pytest.mark.parametrize("text", ["", " \n", "é" * (guidelines.LIMIT // 2 + 1)], ids=len)
def test_guidelines_that_cannot_be(tmp_path: Path, text: str) -> None:
    with Workspace.open(tmp_path) as workspace:
        with pytest.raises(InvalidInput):
            workspace.save_guidelines(text, based_on=0)
        assert workspace.guidelines()["version"] == 0
        workspace.save_guidelines("é" * (guidelines.LIMIT // 2), based_on=0)


# ---- the categories


def as_sent(workspace: Workspace) -> list[dict[str, Any]]:
    return [dict(vars(category)) for category in workspace.taxonomy.categories]


def test_categories_are_added_reworded_and_removed(workspace: Workspace) -> None:
    own = {"name": "unsafe", "label": "Unsafe", "color": "brown", "key": "7"}
    sent = as_sent(workspace)
    sent[0]["label"] = "Scorer's mistake"
    answer = workspace.set_taxonomy([*sent, own])
    assert workspace.taxonomy == answer
    assert answer.categories[0].label == "Scorer's mistake"
    assert (answer.categories[-1].name, answer.categories[-1].key) == ("unsafe", "7")
    workspace.set_taxonomy(as_sent(workspace)[:-1])
    assert workspace.taxonomy.names[-1] == "hallucination"
    with pytest.raises(InvalidInput, match="built in"):
        workspace.set_taxonomy(as_sent(workspace)[1:])
    with pytest.raises(InvalidInput, match="cannot be read"):
        workspace.set_taxonomy([*as_sent(workspace), {"nonsense": 1}])


def test_a_category_in_use_stays(workspace: Workspace) -> None:
    sent = as_sent(workspace)
    workspace.set_taxonomy([*sent, {"name": "unsafe", "label": "Unsafe"}])
    fill(workspace, record("a"), record("b", failure_category="unsafe"))
    with pytest.raises(CategoryInUse, match="used once"):
        workspace.set_taxonomy(sent)
    workspace.submit("a", "flag", failure_category="unsafe")
    workspace.undo("a")
    workspace.submit("a", "discard", failure_category="unsafe")
    workspace.undo("a")
    workspace.submit("b", "discard")
    # No candidate has it now, but history names it.
    with pytest.raises(CategoryInUse) as caught:
        workspace.set_taxonomy(sent)
    assert caught.value.details == {"category": "unsafe", "n": 2}
    assert workspace.taxonomy.names[-1] == "unsafe"


# ---- what was decided lately


def test_the_feed(workspace: Workspace) -> None:
    fill(workspace, record("a", task_name="Sums"), record("b"), record("c"))
    workspace.submit("a", "correct", corrected_response="4", reviewer="kim", tags=["unit"])
    workspace.submit("b", "discard", reviewer="lee")
    workspace.undo("b", reviewer="kim")
    workspace.submit("a", "categorise", failure_category="wrong_answer", reviewer="lee")
    workspace.submit("c", "flag", reviewer="kim")
    feed = workspace.decisions()
    assert feed.cursor is None
    assert [(d["id"], d["action"], d["stands"]) for d in feed.items] == [
        ("c", "flag", True),
        ("a", "categorise", True),
        ("b", "undo", False),
        ("b", "discard", False),
        ("a", "correct", True),
    ]
    newest, oldest = feed.items[0], feed.items[-1]
    assert (newest["title"], oldest["title"], oldest["model_name"]) == ("c", "Sums", "small")
    assert {
        k: v for k, v in oldest.items() if k not in ("id", "title", "model_name", "stands")
    } == (workspace.history("a")[0])
    pages, cursor = [], None
    for _ in range(3):
        page = workspace.decisions(limit=2, cursor=cursor)
        cursor = page.cursor
        pages.append([item["decision_id"] for item in page.items])
    assert cursor is None
    assert [name for page in pages for name in page] == [d["decision_id"] for d in feed.items]
    assert [d["id"] for d in workspace.decisions(reviewer="lee").items] == ["a", "b"]
    since = feed.items[1]["decided_at"]
    assert [d["id"] for d in workspace.decisions(since=since).items] == ["c", "a"]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert workspace.decisions(since=later).items == []


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"since": ""},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"cursor": "1"},
        {"cursor": "x.2026-01-01T00:00:00Z"},
        {"cursor": f"{2**63}.2026-01-01T00:00:00Z"},
        {"limit": 0},
    ],
    ids=str,
)
def test_what_the_feed_cannot_give(tmp_path: Path, asked: dict[str, Any]) -> None:
    with Workspace.open(tmp_path) as workspace, pytest.raises(InvalidInput):
        workspace.decisions(**asked)


def test_progress(workspace: Workspace) -> None:
    fill(workspace, *(record(name) for name in "abcde"), record("other", model_name="big"))
    start = datetime.now(UTC)
    assert workspace.progress() == {"remaining": 6, "done": 0, "seconds": 0.0, "by_hour": []}
    workspace.submit("a", "flag", reviewer="kim", seconds=2.5)
    workspace.submit("b", "flag", reviewer="kim", seconds=1.5)
    workspace.undo("b", reviewer="lee")
    workspace.submit("c", "flag", reviewer="lee", seconds=9)
    workspace.submit("c", "categorise", failure_category="wrong_answer", reviewer="kim")
    found = workspace.progress(
        Selection(models=("small",)), reviewer="kim", since=start.isoformat()
    )
    assert (found["remaining"], found["done"], found["seconds"]) == (3, 1, 4.0)
    assert sum(hour["n"] for hour in found["by_hour"]) == 3
    assert all(
        start - timedelta(hours=1) < datetime.fromisoformat(hour["hour"]) <= datetime.now(UTC)
        for hour in found["by_hour"]
    )
    assert workspace.progress(reviewer="lee")["done"] == 1
    later = (start + timedelta(hours=1)).isoformat()
    assert workspace.progress(reviewer="kim", since=later)["done"] == 0


def test_the_feed_is_read_by_an_index(workspace: Workspace) -> None:
    fill(workspace, record("a"))
    asked: list[str] = []
    since = "2026-01-01T00:00:00.000000Z"
    if workspace.database.dialect != "sqlite":
        return  # on a table so small PostgreSQL takes no index
    with workspace.database.reading() as connection:
        sa.event.listen(
            connection, "before_cursor_execute", lambda _c, _u, text, *_: asked.append(text)
        )
        activity.newest(connection, after=(since, 1), limit=50)
        activity.done(connection, "kim", since)
        activity.by_hour(connection, "kim", since)
        plans = []
        for text in list(asked):
            values = ("x",) * text.count("?")
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            plans.append(" / ".join(row[3] for row in rows))
    assert [plan for plan in plans if "SCAN decisions" in plan] == []
    assert "ORDER BY" not in plans[0]


# ---- who sees what last


def put_off_by(workspace: Workspace, reviewer: str) -> list[str]:
    with workspace.database.reading() as connection:
        return put_off.of(connection, reviewer)


def test_what_a_reviewer_puts_off_comes_last(workspace: Workspace) -> None:
    fill(workspace, *(record(name) for name in "abcd"))
    for name in ("b", "a", "b"):
        workspace.put_off(name, reviewer="kim")
    assert put_off_by(workspace, "kim") == ["a", "b"]
    assert [item["id"] for item in workspace.queue(reviewer="kim").items] == ["c", "d", "a", "b"]
    assert [item["id"] for item in workspace.queue(reviewer="lee").items] == ["a", "b", "c", "d"]
    workspace.put_off("a", reviewer="kim", put_off=False)
    workspace.put_off("d", reviewer="kim", put_off=False)
    assert put_off_by(workspace, "kim") == ["b"]
    workspace.submit("b", "flag")
    assert put_off_by(workspace, "kim") == []
    workspace.put_off("c", reviewer="kim")
    workspace.undo("b")
    assert put_off_by(workspace, "kim") == ["c"]
    with pytest.raises(UnknownCandidate):
        workspace.put_off("gone", reviewer="kim")
    with pytest.raises(InvalidInput):
        workspace.put_off("a", reviewer="\x00")


# ---- who this is


def test_identity(workspace: Workspace) -> None:
    found = workspace.identity()
    sqlite = workspace.database.dialect == "sqlite"
    assert len(found["id"]) == 32
    assert {**found, "id": "", "name": ""} == {
        "id": "",
        "name": "",
        "version": corrigenda.__version__,
        "database": workspace.database.dialect,
        "guidelines_version": 0,
        "passes": 0,
        "mirrored": sqlite,
        "problems": [],
    }
    assert found["name"] == ("workspace" if sqlite else workspace.database.url.database)
    assert workspace.identity()["id"] == found["id"]


def test_what_is_wrong_in_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "sft_candidates.jsonl").write_text('{"id": "a"}\n{"x": 1}\n', encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        (problem,) = workspace.identity()["problems"]
    assert (problem["line"], problem["field"]) == (2, "id")
    with Workspace.open(tmp_path / "x", database_url=f"sqlite:///{tmp_path}/team.db") as other:
        assert (other.identity()["name"], other.identity()["mirrored"]) == ("team", False)
