"""Server-sent events: what changes, told to every open page.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.identity import is_still_known
from corrigenda.api.responses import problem
from corrigenda.api.schemas import answers
from corrigenda.errors import CorrigendaError
from corrigenda.jsonl import dumps
from corrigenda.workbench import Workspace
from corrigenda.workbench.watcher import Told, Watcher, watcher_of
from corrigenda.workbench.watching import Event, look

router = APIRouter(tags=["server"])

MOST = 200
"""Pages that one server tells."""

KEEP_ALIVE_SECONDS = 15
_RETRY = 3000
_BEHIND = 1000
"""Events that wait for a page; one that does not read is let go, and comes back."""

_EVENTS = answers(None)
_EVENTS[200] = {
    "description": "Events without end, each with its name, an id, and JSON as its data.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@router.get(
    "/events",
    operation_id="getEvents",
    response_model=None,
    responses=_EVENTS,
    summary="What changes, as it does",
)
async def events(request: Request, workspace: CurrentWorkspace) -> Response:
    """Server-sent events: `counts`, `decided`, `claimed`, `released`, `imported`, `job`, `search`.

    Who comes is told `counts`. Before that, who comes back with `Last-Event-ID` is told what
    happened meanwhile; if that is not known any more, `reset` says so: read anew what is shown.
    """
    if watcher_of(workspace).listening >= MOST:
        answer = problem(503, "too_many_listeners", "Too many pages are listening; try later.")
        answer.headers["Retry-After"] = "60"
        return answer
    return StreamingResponse(
        _stream(request, workspace, request.headers.get("last-event-id") or None),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Page:
    """What waits for one page, as long as that does not read; `None` is the end."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[Told | None] = asyncio.Queue()
        self.next = self._waiting.get

    def tell(self, told: Told | None) -> None:
        """Tell the page something, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody listens
            self._loop.call_soon_threadsafe(self._put, told)

    def _put(self, told: Told | None) -> None:
        # Seen here, since to send waits for as long as the page does not read.
        if self._waiting.qsize() == _BEHIND:
            self._watcher.leave(self.tell)
            while not self._waiting.empty():
                self._waiting.get_nowait()
            told = None
        self._waiting.put_nowait(told)


async def _stream(request: Request, workspace: Workspace, last: str | None) -> AsyncIterator[bytes]:
    watcher, loop = watcher_of(workspace), asyncio.get_running_loop()
    page = _Page(watcher)
    try:
        at, missed = await run_in_threadpool(watcher.listen, page.tell, last)
        yield f"retry: {_RETRY}\n\n".encode()
        if missed is None:
            yield _said(Event("reset", {}))
        for told in missed or ():
            yield _said(told[1], told[0])
        for event in await run_in_threadpool(_first, workspace):
            yield _said(event, at)
        asked = loop.time()
        while True:
            news: Told | None = None
            with contextlib.suppress(TimeoutError):
                news = await asyncio.wait_for(page.next(), KEEP_ALIVE_SECONDS)
                if news is None:
                    return
            if loop.time() - asked >= KEEP_ALIVE_SECONDS:
                if not await run_in_threadpool(is_still_known, request.scope):
                    return
                asked = loop.time()
            yield b": still here\n\n" if news is None else _said(news[1], news[0])
    finally:
        watcher.leave(page.tell)


def _first(workspace: Workspace) -> list[Event]:
    """How things stand, for whom has just come."""
    try:
        now = look(workspace.database)
    except CorrigendaError:
        return []  # the watcher tells when it can be told
    return [now.counts, *([now.search] if now.is_behind else [])]


def _said(event: Event, event_id: str | None = None) -> bytes:
    lines = [f"event: {event.name}", f"data: {dumps(event.data)}"]
    if event_id is not None:
        lines.insert(0, f"id: {event_id}")
    return ("\n".join(lines) + "\n\n").encode("ascii")
