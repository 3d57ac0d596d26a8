"""The metrics, for Prometheus."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from corrigenda.api.schemas import answers

router = APIRouter(tags=["server"])


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={
        **answers(None),
        200: {
            "description": "One line each.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
    },
    summary="Metrics, in Prometheus' text format",
)
def metrics(request: Request) -> Response:
    """Requests, decisions, the queue, jobs, claims, what lags behind, and sizes."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
