"""Who speaks: every request of the API gets an identity, or an answer that says how to get one.

With nobody invited the server is *open*: who reaches it may do all, under the name that the
request gives. Once there are reviewers, each request names one, in one of three ways:

    Cookie: corrigenda_session=TOKEN      the page, after its invitation link was opened
    Authorization: Bearer TOKEN           a program
    X-Forwarded-User: kim                 a proxy that has signed kim in (`--user-header`)

A decision is then by that reviewer, whatever else the request says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from corrigenda.api.attempts import Attempts
from corrigenda.api.errors import refused
from corrigenda.api.proxies import LOOPBACK, Networks, client_of, is_from
from corrigenda.api.responses import problem
from corrigenda.api.roles import Role, is_guarded, role_of
from corrigenda.api.workspaces import WORKSPACE, WorkspaceProvider, workspace_of
from corrigenda.errors import CorrigendaError, shorten
from corrigenda.store.reviewers import Reviewer
from corrigenda.workbench.signing_in import Known, hash_of

COOKIE = "corrigenda_session"
_IDENTITY = "corrigenda.identity"
_IDENTIFY = "corrigenda.identify"
_BEARER = "bearer "


@dataclass(frozen=True)
class Identity:
    """Who speaks, and how that is known; `reviewer` is `None` where nobody has signed in."""

    reviewer: str | None
    lead: bool
    by: Literal["open", "token", "proxy"]

    @property
    def role(self) -> Role:
        """What this one may do."""
        if self.lead:
            return Role.LEAD
        return Role.ANYBODY if self.reviewer is None else Role.REVIEWER


Identify = Callable[[HTTPConnection, Known], Identity | Response]

OPEN = Identity(None, True, "open")
NOBODY = Identity(None, False, "token")


@dataclass(frozen=True)
class SignIn:
    """How people sign in.

    Attributes:
        required: Whether nobody comes in without it, even while nobody was invited.
        user_header: The header in which a proxy names the reviewer that it has signed in.
        proxies: Whose word is taken for that, and for a client's address.
    """

    required: bool = False
    user_header: str | None = None
    proxies: Networks = LOOPBACK

    def is_required(self, known: Known) -> bool:
        """Whether a request needs a reviewer."""
        return self.required or self.user_header is not None or known.any


class IdentityMiddleware:
    """Finds out who speaks, and lets them do what they may; plain ASGI."""

    def __init__(
        self,
        app: ASGIApp,
        provider: WorkspaceProvider,
        policy: SignIn,
        attempts: Attempts,
    ) -> None:
        self._app = app
        self._provider = provider
        self._policy = policy
        self._attempts = attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it."""
        if scope["type"] != "http" or not is_guarded(path := _path(scope)):
            await self._app(scope, receive, send)
            return
        try:
            workspace = self._provider()
            known = workspace.registry.at_hand()
            if known is None:
                known = await run_in_threadpool(workspace.registry.load_or_last)
        except CorrigendaError as error:
            await refused(error)(scope, receive, send)
            return
        scope[WORKSPACE] = workspace
        found = self._identify(HTTPConnection(scope), known)
        role = role_of(scope["method"], path)
        if isinstance(found, Identity):
            scope[_IDENTITY], scope[_IDENTIFY] = found, self._identify
            if found.role >= role:
                await self._app(scope, receive, send)
                return
            found = _not_allowed(found)
        elif role is Role.ANYBODY:
            scope[_IDENTITY] = NOBODY
            await self._app(scope, receive, send)
            return
        await found(scope, receive, send)

    def _identify(self, request: HTTPConnection, known: Known) -> Identity | Response:
        policy = self._policy
        if not policy.is_required(known):
            return OPEN
        header = policy.user_header
        from_proxy = header is not None and is_from(request.scope, policy.proxies)
        if from_proxy and (named := request.headers.getlist(header or "")):
            return _named_by_proxy(named, known)
        said = request.headers.get("authorization", "")
        if said[: len(_BEARER)].lower() == _BEARER:
            return self._by_bearer(request, said[len(_BEARER) :].strip(), known)
        token = request.cookies.get(COOKIE)
        if token is None:
            return NOBODY
        return _identity(known.by_token(token)) or self._strange(request, token)

    def _by_bearer(self, request: HTTPConnection, token: str, known: Known) -> Identity | Response:
        address = client_of(request.scope, self._policy.proxies)
        if seconds := self._attempts.wait(address):
            return too_many(seconds)
        return _identity(known.by_token(token)) or self._strange(request, token)

    def _strange(self, request: HTTPConnection, token: str) -> Identity | Response:
        address = client_of(request.scope, self._policy.proxies)
        self._attempts.failed(address, hash_of(token))
        seconds = self._attempts.wait(address)
        return too_many(seconds) if seconds else NOBODY


def identity_of(scope: Scope) -> Identity:
    """Who speaks in a request."""
    found: Identity = scope.get(_IDENTITY, OPEN)
    return found


def is_still_known(scope: Scope) -> bool:
    """Whether a long request would still be let in, as the same one; looks at the database."""
    try:
        known = workspace_of(scope).registry.load()
    except CorrigendaError:
        return True  # a database that is away for a moment signs nobody out
    identify: Identify = scope[_IDENTIFY]
    return identify(HTTPConnection(scope), known) == identity_of(scope)


def sign_in_required() -> Response:
    """The answer to whom we do not know."""
    said = "Sign in first: open your invitation link, or send its token as a bearer token."
    answer = problem(401, "sign_in_required", said)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="corrigenda"'
    return answer


def too_many(seconds: int) -> Response:
    """The answer to whom has tried too often."""
    said = f"Too many tokens that are none came from this address; wait {seconds} seconds."
    answer = problem(429, "too_many_attempts", said)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _not_allowed(identity: Identity) -> Response:
    if identity.reviewer is None:
        return sign_in_required()
    said = f"Only a lead may do this; `{shorten(identity.reviewer)}` may review."
    return problem(403, "lead_required", said)


def _identity(reviewer: Reviewer | None) -> Identity | None:
    return None if reviewer is None else Identity(reviewer.name, reviewer.lead, "token")


def _named_by_proxy(said: Sequence[str], known: Known) -> Identity | Response:
    if len(said) > 1:  # the proxy has added a line to what the client has sent
        told = "The proxy names two reviewers; it has to remove what others send in that header."
        return problem(403, "unknown_reviewer", told)
    # Headers are bytes; what is not ASCII in them is UTF-8 by custom.
    name = said[0].encode("latin-1").decode("utf-8", errors="replace")
    found = known.by_said(name)
    if found is None:
        told = f"`{shorten(name.strip())}` is no reviewer here; a lead can add them."
        return problem(403, "unknown_reviewer", told)
    return Identity(found.name, found.lead, "proxy")


def _path(scope: Scope) -> str:
    """The address as the routes see it: without the prefix under which a server mounts us."""
    path, root = scope["path"], scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        path = path[len(root) :]
    return str(path)
