"""Sharing the queue: cards are claimed for a while, renewed, given back."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import Order, Selected
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    Claimed,
    ClaimRequest,
    HeldRequest,
    Released,
    Renewed,
    answers,
)

router = APIRouter(prefix="/queue", tags=["review"])


@router.post(
    "/claim",
    operation_id="claimCards",
    response_model=None,
    responses=answers(Claimed, 413, 422),
    summary="Take the next cards into one's hands",
)
def claim(
    body: ClaimRequest,
    workspace: CurrentWorkspace,
    reviewer: HeaderReviewer,
    selection: Selected,
    order: Order = None,
) -> Response:
    """Hand out the next `n` cards of the queue, in its order and under its filter.

    Nobody else is handed them while the lease runs: renew it while they are worked on. What the
    holder has already comes first and counts, with the token that it had. Decide with `claim`,
    the token: a decision still counts when the lease has run out, unless somebody else has taken
    the card over (409 `claim_taken_over`).
    """
    if body.ids is not None:
        found = workspace.claim_these(body.ids, holder=body.holder, reviewer=reviewer)
    else:
        found = workspace.claim(
            n=body.n, holder=body.holder, selection=selection, order=order, reviewer=reviewer
        )
    answer: dict[str, Any] = {
        "items": found.items,
        "claims": found.claims,
        "total": found.total,
        "lease_seconds": workspace.lease_seconds,
    }
    if found.total_is_lower_bound:
        answer["total_is_lower_bound"] = True
    if found.search_behind:
        answer["search_behind"] = found.search_behind
    if found.refused:
        answer["refused"] = found.refused
    return JsonResponse(answer)


@router.post(
    "/renew",
    operation_id="renewClaims",
    response_model=None,
    responses=answers(Renewed, 413, 422),
    summary="Go on holding cards",
)
def renew(body: HeldRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Renew leases, also those that ran out, unless somebody else has taken over."""
    found = workspace.renew_claims(body.tokens, holder=body.holder, reviewer=reviewer)
    return JsonResponse({"renewed": found.renewed, "lost": found.lost, "until": found.until})


@router.post(
    "/release",
    operation_id="releaseClaims",
    response_model=None,
    responses=answers(Released, 413, 422),
    summary="Give cards back",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": {"$ref": "#/components/schemas/HeldRequest"}}
                for kind in ("application/json", "text/plain")
            },
        }
    },
)
async def release(
    request: Request, workspace: CurrentWorkspace, reviewer: HeaderReviewer
) -> Response:
    """Give cards back, so that others need not wait for the lease to run out.

    The JSON may come as `text/plain`, as a page sends it that is being closed
    (`navigator.sendBeacon`).
    """
    body = _held(await request.body())
    n = await run_in_threadpool(
        workspace.release_claims, body.tokens, holder=body.holder, reviewer=reviewer
    )
    return JsonResponse({"released": n})


def _held(body: bytes) -> HeldRequest:
    """The body of a request whose media type says nothing.

    Raises:
        RequestValidationError: It cannot be used.
    """
    try:
        return HeldRequest.model_validate(json.loads(body))
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from None
    except json.JSONDecodeError as error:
        raise _no_json(error.msg, error.pos) from None
    except UnicodeDecodeError as error:
        raise _no_json("no text", error.start) from None
    except ValueError:
        raise _no_json("a number of too many digits") from None
    except RecursionError:
        raise _no_json("nested too deep") from None


def _no_json(said: str, at: int = 0) -> RequestValidationError:
    return RequestValidationError(
        [{"type": "json_invalid", "loc": ("body", at), "ctx": {"error": said}}]
    )
