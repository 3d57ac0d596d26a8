"""Every request gets an id, is counted, and is told of in the log; plain ASGI, outermost.

The id is the caller's `X-Request-ID`, if it is one, and goes back with the answer. An address is
told of by its template, never with what stood in it or behind the question mark.
"""

import logging
import re
from time import perf_counter
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corrigenda.api.identity import identity_of
from corrigenda.api.metrics import Metrics, route_of
from corrigenda.logs import request_id

_HEADER = b"x-request-id"
_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_SERVER_ERROR = 500
_log = logging.getLogger("corrigenda.requests")


class RequestLogMiddleware:
    """See the module."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _id_of(scope)
        # Not reset: each request has a context of its own, and what fails is told of further out.
        request_id.set(name)
        header = (_HEADER, name.encode("ascii"))
        # An exception becomes an answer further out.
        status = _SERVER_ERROR

        async def sender(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        started = perf_counter()
        self._metrics.in_progress += 1
        try:
            await self._app(scope, receive, sender)
        finally:
            seconds = perf_counter() - started
            self._metrics.in_progress -= 1
            route = route_of(scope)
            self._metrics.count(scope["method"], route, status, seconds)
            _tell(scope, route, status, seconds)


def _tell(scope: Scope, route: str, status: int, seconds: float) -> None:
    level = logging.WARNING if status >= _SERVER_ERROR else logging.INFO
    if not _log.isEnabledFor(level):
        return
    said = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    if reviewer := identity_of(scope).reviewer:
        said["reviewer"] = reviewer
    _log.log(level, "request", extra=said)


def _id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _HEADER and _ID.fullmatch(value):
            return str(value, "ascii")
    return uuid4().hex
