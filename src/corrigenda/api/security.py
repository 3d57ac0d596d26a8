"""Who may talk to the server, and how large a request may be.

A page on the internet can make a browser send requests to a server on this machine: by a form
(cross-site post), or by pointing its own name at 127.0.0.1 (DNS rebinding). So the Host header
must be a name that we know, and a state-changing request must come from our own page. A program
sends no Origin header and passes.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corrigenda.api.responses import problem
from corrigenda.errors import shorten
from corrigenda.workbench import pushing, uploads

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
BODY_LIMIT = 32 * 1024 * 1024
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PORT = re.compile(r":\d+$")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let in."""

    code: str
    detail: str


@dataclass(frozen=True)
class HostPolicy:
    """The names by which the server may be called, besides loopback's.

    With `addresses` it may be called by any address, too, as one that listens on a network is.
    A page of another site cannot make use of that: it reaches us by its own name alone.

    Example:
        >>> policy = HostPolicy(frozenset({"lab"}))
        >>> policy.refuse("POST", "lab:8000", "http://lab:8000") is None
        True
        >>> policy.refuse("POST", "lab:8000", "https://evil.example").code
        'forbidden_origin'
    """

    allowed: frozenset[str] = frozenset()
    addresses: bool = False

    def refuse(self, method: str, host: str, origin: str | None) -> Refusal | None:
        """Decide about one request by its method and headers."""
        name = _PORT.sub("", host.lower())
        known = name in LOOPBACK or name in {each.lower() for each in self.allowed}
        if not known and not (self.addresses and _is_address(name)):
            return Refusal(
                "forbidden_host",
                f"This server is not called `{shorten(host)}`; start it with "
                "`--allowed-host` if it should be.",
            )
        if method in _SAFE or origin is None:
            return None
        if _host_of(origin) != host.lower():
            return Refusal(
                "forbidden_origin",
                f"A page of `{shorten(origin)}` may not change anything here.",
            )
        return None


class SecurityMiddleware:
    """Applies the policy, bounds bodies and adds the security headers; plain ASGI."""

    def __init__(self, app: ASGIApp, policy: HostPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._policy.refuse(
            scope["method"], headers.get("host", ""), headers.get("origin")
        )
        send = _with_headers(send)
        if refusal is not None:
            await problem(403, refusal.code, refusal.detail)(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        limit = _limit_of(scope)
        if not length.isdecimal() or int(length) > limit:
            await problem(413, "too_large", f"{_too_large(limit)}.")(scope, receive, send)
            return
        await self._app(scope, _Bounded(receive, limit), send)


class _Bounded:
    """Cuts off a body that goes on beyond the limit without having said so."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # What reads the body lets this pass.
                raise HTTPException(413, _too_large(self._limit))
        return message


def _limit_of(scope: Scope) -> int:
    """How many bytes a request may have: more where its body is read as a stream."""
    match scope["method"], scope["path"]:
        case "POST", "/api/sft/upload":
            return uploads.LIMIT
        case "POST", "/api/sft/candidates":
            return pushing.LIMIT
    return BODY_LIMIT


def _too_large(limit: int) -> str:
    return f"A request may have at most {limit // 1024 // 1024} MiB"


def _is_address(name: str) -> bool:
    try:
        ip_address(name[1:-1] if name[:1] + name[-1:] == "[]" else name)
    except ValueError:
        return False
    return True


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # not even an address
        return ""


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sender
