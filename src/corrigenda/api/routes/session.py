"""Signing in and out, and inviting."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from corrigenda.api import schemas
from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.identity import (
    COOKIE,
    SignIn,
    identity_of,
    sign_in_required,
    too_many,
)
from corrigenda.api.proxies import client_of, scheme_of
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    Invitation,
    InviteRequest,
    Reviewers,
    Session,
    SignedIn,
    SignedOut,
    SignInRequest,
    answers,
)
from corrigenda.store.reviewers import Reviewer
from corrigenda.workbench.signing_in import hash_of, invitation

router = APIRouter(tags=["reviewers"])
_COOKIE_SECONDS = 90 * 24 * 3600


@router.get(
    "/session",
    operation_id="getSession",
    response_model=None,
    responses=answers(Session),
    summary="Who has signed in",
)
def session(request: Request) -> Response:
    """Who speaks, and whether anybody must sign in; answers everybody."""
    identity = identity_of(request.scope)
    required = identity.by != "open"
    return JsonResponse({"required": required, **asdict(identity)})


@router.post(
    "/session",
    operation_id="signIn",
    response_model=None,
    responses=answers(SignedIn, 401, 413, 422, 429),
    summary="Sign in with a token",
)
def sign_in(body: SignInRequest, request: Request, workspace: CurrentWorkspace) -> Response:
    """Sign this browser in, by a cookie that no script can read.

    After twenty different tokens that were none, an address has to wait a minute.
    """
    policy: SignIn = request.app.state.sign_in
    attempts = request.app.state.attempts
    address = client_of(request.scope, policy.proxies)
    if seconds := attempts.wait(address):
        return too_many(seconds)
    found = workspace.registry.whose(body.token)
    if found is None:
        attempts.failed(address, hash_of(body.token))
        return sign_in_required()
    answer = JsonResponse({"reviewer": found.name, "lead": found.lead})
    _set_cookie(answer, request, body.token, _COOKIE_SECONDS)
    return answer


@router.delete(
    "/session",
    operation_id="signOut",
    response_model=None,
    responses=answers(SignedOut),
    summary="Sign out",
)
def sign_out(request: Request) -> Response:
    """Forget who this browser is; the invitation link signs it in again."""
    answer = JsonResponse({"reviewer": None})
    _set_cookie(answer, request, "", 0)
    return answer


@router.get(
    "/reviewers",
    operation_id="getReviewers",
    response_model=None,
    responses=answers(Reviewers),
    summary="Who may sign in",
)
def reviewers(workspace: CurrentWorkspace) -> Response:
    """Everybody who was invited, those who are revoked included."""
    return JsonResponse({"items": [_shown(each) for each in workspace.reviewers()]})


@router.post(
    "/reviewers",
    operation_id="inviteReviewer",
    response_model=None,
    responses=answers(Invitation, 409, 413, 422),
    summary="Invite a reviewer",
)
def invite(body: InviteRequest, request: Request, workspace: CurrentWorkspace) -> Response:
    """Invite a reviewer; from the first on everybody has to sign in."""
    return _invitation(request, *workspace.add_reviewer(body.name, lead=body.lead))


@router.post(
    "/reviewers/{name}/renew",
    operation_id="renewReviewer",
    response_model=None,
    responses=answers(Invitation, 404, 422),
    summary="Make another link for a reviewer",
)
def renew(name: str, request: Request, workspace: CurrentWorkspace) -> Response:
    """The old link ends, and so does what it signed in; one who was revoked may come again."""
    return _invitation(request, *workspace.renew_reviewer(name))


@router.delete(
    "/reviewers/{name}",
    operation_id="revokeReviewer",
    response_model=None,
    responses=answers(schemas.Reviewer, 404, 422),
    summary="Let a reviewer in no more",
)
def revoke(name: str, workspace: CurrentWorkspace) -> Response:
    """Their decisions stay."""
    return JsonResponse(_shown(workspace.revoke_reviewer(name)))


def _shown(reviewer: Reviewer) -> dict[str, Any]:
    return {name: getattr(reviewer, name) for name in schemas.Reviewer.model_fields}


def _invitation(request: Request, reviewer: Reviewer, token: str) -> Response:
    policy: SignIn = request.app.state.sign_in
    base = f"{scheme_of(request.scope, policy.proxies)}://{request.headers['host']}"
    link = invitation(base, token)
    return JsonResponse({"name": reviewer.name, "lead": reviewer.lead, "link": link})


def _set_cookie(answer: Response, request: Request, token: str, seconds: int) -> None:
    policy: SignIn = request.app.state.sign_in
    answer.set_cookie(
        COOKIE,
        token,
        max_age=seconds,
        path="/",
        secure=scheme_of(request.scope, policy.proxies) == "https",
        httponly=True,
        samesite="strict",
    )
