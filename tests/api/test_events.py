"""Server-sent events, from a real server: an answer that has no end."""

import asyncio
import http.client
import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from corrigenda.api.routes import events as events_route
from corrigenda.workbench import Workspace
from corrigenda.workbench.watcher import watcher_of
from corrigenda.workbench.watching import Event as LookedEvent
from tests.fixtures.serving import Served, serving_forked

Event = tuple[str | None, str, dict[str, Any]]


@contextmanager
def listening(served: Served, **headers: str) -> Iterator[Iterator[Event]]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    connection.request("GET", "/api/sft/events", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    try:
        yield events(answer)
    finally:
        connection.close()


def events(answer: http.client.HTTPResponse) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in answer:
        text = line.decode("ascii").rstrip("\n")
        if text and not text.startswith(":"):
            name, _, value = text.partition(": ")
            fields[name] = value
        elif not text and "event" in fields:
            yield fields.get("id"), fields["event"], json.loads(fields["data"])
            fields = {}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    source = tmp_path / "some.jsonl"
    source.write_text('{"id": "a", "model_response": "x"}\n{"id": "b", "model_response": "y"}\n')
    with Workspace.open(tmp_path / "ws") as workspace:
        workspace.import_path(source, format="native")
    with serving_forked(tmp_path / "ws", tmp_path / "log") as found:
        yield found


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is forked after this asks often whether its pages may still listen."""
    monkeypatch.setattr(events_route, "KEEP_ALIVE_SECONDS", 0.2)


def claim(served: Served, who: str) -> list[str]:
    body = {"n": 1, "holder": who}
    found = served.json("/api/sft/queue/claim", body)
    return [item["id"] for item in found["items"]]


def test_pages_are_told_what_others_do(served: Served) -> None:
    with listening(served) as one, listening(served) as other:
        for each in (one, other):
            first, *counted = next(each)
            assert tuple(counted) == (
                "counts",
                {
                    "total": 2,
                    "by_status": {
                        "needs_review": 2,
                        "approved": 0,
                        "discarded": 0,
                        "model_rejected": 0,
                    },
                },
            )
        time.sleep(0.7)
        claim(served, "h")
        for each in (one, other):
            assert next(each)[1:] == ("claimed", {"ids": ["a"], "reviewer": "local"})
        served.json("/api/sft/submit", {"id": "a", "action": "flag"})
        last, name, data = next(one)
        assert (name, data) == ("decided", {"ids": ["a"], "n": 1})
        assert next(one)[1] == "counts"
        assert last is not None
    # Who comes back hears the rest; who comes from another server is told to look anew.
    with listening(served, **{"Last-Event-ID": last}) as again:
        assert next(again)[1] == "counts"
    assert first is not None
    with listening(served, **{"Last-Event-ID": first}) as again:
        assert [next(again)[1] for _ in range(3)] == ["claimed", "decided", "counts"]
    with listening(served, **{"Last-Event-ID": "elsewhere-9"}) as stranger:
        assert next(stranger)[1:] == ("reset", {})


def test_the_server_ends_while_pages_listen(served: Served) -> None:
    with listening(served) as page:
        next(page)
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert list(page) == []
        assert served.process.wait(10) == 0
        assert time.monotonic() - began < 5


def test_who_may_not_come_in_hears_nothing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        _, token = workspace.add_reviewer("kim")
    with serving_forked(tmp_path / "ws", tmp_path / "log") as served:
        assert served.get("/api/sft/events")[0] == 401
        with listening(served, Authorization=f"Bearer {token}") as page:
            assert next(page)[1] == "counts"


def test_who_was_revoked_hears_no_more_however_much_there_is_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_route, "KEEP_ALIVE_SECONDS", 0.2)
    monkeypatch.setattr(events_route, "is_still_known", lambda _scope: False)

    async def listen(workspace: Workspace) -> int:
        watcher, heard = watcher_of(workspace), 0
        request = Request({"type": "http", "headers": []})
        async for _ in events_route._stream(request, workspace, None):
            heard += 1
            watcher._tell(LookedEvent("counts", {}))  # another is always on its way
            await asyncio.sleep(0.01)
        return heard

    async def within(workspace: Workspace) -> int:
        return await asyncio.wait_for(listen(workspace), 10)

    with Workspace.open(tmp_path / "ws") as workspace:
        assert asyncio.run(within(workspace)) > 1


def test_a_link_that_was_renewed_ends_what_listens_by_the_old_one(
    tmp_path: Path, often: None
) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        _, old = workspace.add_reviewer("kim")
        _, other = workspace.add_reviewer("ada")
    with serving_forked(tmp_path / "ws", tmp_path / "log") as served:
        kim, ada = f"Bearer {old}", f"Bearer {other}"
        with (
            listening(served, Authorization=kim) as page,
            listening(served, Authorization=ada) as another,
        ):
            assert (next(page)[1], next(another)[1]) == ("counts", "counts")
            with Workspace.open(tmp_path / "ws", keep_files=False) as workspace:
                workspace.renew_reviewer("kim")
                assert list(page) == []
                workspace.import_path(_one(tmp_path), format="native")
            assert next(another)[1] == "imported"


def test_the_first_invitation_ends_what_listens_without_one(tmp_path: Path, often: None) -> None:
    with serving_forked(tmp_path / "ws", tmp_path / "log") as served, listening(served) as page:
        assert next(page)[1] == "counts"
        time.sleep(0.5)  # asked meanwhile, it is let in as before
        served.json("/api/sft/reviewers", {"name": "kim", "lead": True})
        assert list(page) == []
        assert served.get("/api/sft/events")[0] == 401


def _one(place: Path) -> Path:
    path = place / "one.jsonl"
    path.write_text('{"id": "new", "model_response": "x"}\n')
    return path


def test_what_waits_for_a_page_that_does_not_read_is_bounded(tmp_path: Path) -> None:
    async def listen(workspace: Workspace) -> tuple[int, int]:
        watcher = watcher_of(workspace)
        request = Request({"type": "http", "headers": []})
        stream = events_route._stream(request, workspace, None)
        first = await anext(stream)
        assert first.startswith(b"retry")
        for _ in range(events_route._BEHIND + 10):
            watcher._tell(LookedEvent("counts", {}))
        await asyncio.sleep(0.1)
        still, rest = watcher.listening, [each async for each in stream]
        return still, len(rest)

    with Workspace.open(tmp_path / "ws") as workspace:
        still, rest = asyncio.run(asyncio.wait_for(listen(workspace), 10))
    assert still == 0, "it is let go while it does not read"
    assert rest < 5, "what it did not read is forgotten"
