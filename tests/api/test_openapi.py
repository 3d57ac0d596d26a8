"""The OpenAPI document: it tells of every route, and the checks that rest on it can fail."""

import json
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx2 import Request, Response

from corrigenda.api import create_app
from corrigenda.api.responses import PROBLEM_TYPE
from corrigenda.api.security import SECURITY_HEADERS
from tests.api.described import check
from tests.api.desk import Desk

ROUTES = {
    "GET /api/sft/queue",
    "POST /api/sft/queue/claim",
    "POST /api/sft/queue/renew",
    "POST /api/sft/queue/release",
    "POST /api/sft/submit",
    "POST /api/sft/undo",
    "POST /api/sft/put-off",
    "POST /api/sft/preview",
    "GET /api/sft/candidates",
    "GET /api/sft/facets",
    "GET /api/sft/dashboard",
    "GET /api/sft/candidate",
    "GET /api/sft/candidate/history",
    "GET /api/sft/candidate/siblings",
    "GET /api/sft/candidates/{candidate_id}",
    "GET /api/sft/candidates/{candidate_id}/history",
    "GET /api/sft/candidates/{candidate_id}/siblings",
    "GET /api/sft/candidate/obstacles",
    "GET /api/sft/candidates/{candidate_id}/obstacles",
    "GET /api/sft/protected",
    "GET /api/sft/decisions",
    "GET /api/sft/progress",
    "GET /api/sft/lots",
    "POST /api/sft/lots",
    "POST /api/sft/lots/preview",
    "POST /api/sft/lots/{lot_id}/undo",
    "GET /api/sft/batches",
    "POST /api/sft/batches",
    "POST /api/sft/batches/{batch_id}/delete",
    "GET /api/sft/guidelines",
    "POST /api/sft/guidelines",
    "GET /api/sft/workspace",
    "GET /api/sft/session",
    "POST /api/sft/session",
    "DELETE /api/sft/session",
    "GET /api/sft/reviewers",
    "POST /api/sft/reviewers",
    "POST /api/sft/reviewers/{name}/renew",
    "DELETE /api/sft/reviewers/{name}",
    "GET /api/sft/events",
    "GET /api/sft/runs",
    "GET /api/sft/compare",
    "GET /api/sft/compare/runs",
    "GET /api/sft/compare/prompts",
    "GET /api/sft/compare/prompt",
    "GET /api/sft/compare/report",
    "POST /api/sft/compare/queue",
    "GET /api/sft/models",
    "GET /api/sft/trainings",
    "POST /api/sft/trainings",
    "GET /api/sft/trainings/{name}",
    "GET /api/sft/trainings/{name}/curve",
    "GET /api/sft/trainings/{name}/log",
    "GET /api/sft/trainings/{name}/card",
    "POST /api/sft/trainings/{name}/resume",
    "POST /api/sft/evaluations",
    "POST /api/sft/import",
    "POST /api/sft/upload",
    "POST /api/sft/upload/{upload_id}/preview",
    "POST /api/sft/candidates",
    "GET /api/sft/sources",
    "GET /api/sft/mappings",
    "POST /api/sft/check",
    "GET /api/sft/references",
    "POST /api/sft/references",
    "GET /api/sft/reports/scoring-artifacts",
    "POST /api/sft/jobs",
    "GET /api/sft/jobs",
    "GET /api/sft/jobs/{job_id}",
    "POST /api/sft/jobs/{job_id}/cancel",
    "GET /api/sft/export",
    "GET /api/sft/exports",
    "POST /api/sft/exports",
    "GET /api/sft/exports/formats",
    "POST /api/sft/exports/preview",
    "GET /api/sft/exports/diff",
    "GET /api/sft/exports/{name}",
    "GET /api/sft/exports/{name}/changes",
    "GET /api/sft/exports/{name}/files/{file}",
    "GET /api/sft/stats",
    "GET /api/sft/taxonomy",
    "POST /api/sft/taxonomy",
    "GET /api/sft/config",
    "POST /api/sft/config",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(lambda: pytest.fail("describing needs no workspace"))
    found: dict[str, Any] = app.openapi()
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_served(desk: Desk, document: dict[str, Any]) -> None:
    assert desk.client.get("/api/openapi.json").json() == json.loads(json.dumps(document))


def test_every_route_is_told(document: dict[str, Any]) -> None:
    assert set(operations(document)) == ROUTES


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    found = operations(document)
    names = [operation["operationId"] for operation in found.values()]
    assert len(set(names)) == len(names) == len(ROUTES)
    assert [name for name in names if not name.isalpha()] == []
    assert [route for route, operation in found.items() if not operation["summary"]] == []


def test_every_operation_tells_of_its_errors_in_the_one_shape(document: dict[str, Any]) -> None:
    for route, operation in operations(document).items():
        codes = {int(code) for code in operation["responses"]}
        assert {401, 403, 429, 500, 503, 507} <= codes, route
        if operation.get("parameters") or "requestBody" in operation:
            assert 422 in codes, route
        if "requestBody" in operation:
            assert 413 in codes, route
        for code, response in operation["responses"].items():
            if int(code) >= 400:
                schema = response["content"][PROBLEM_TYPE]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (route, code)
                assert response["description"]
    assert "HTTPValidationError" not in json.dumps(document)


@pytest.mark.parametrize("path", ["queue", "candidates", "decisions"])
def test_the_way_to_the_next_page_is_told(document: dict[str, Any], path: str) -> None:
    answer = operations(document)[f"GET /api/sft/{path}"]["responses"]["200"]
    assert set(answer["headers"]) == {"Link"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert found <= set(schemas)


def test_no_route_is_left_out_by_mistake() -> None:
    app = create_app(lambda: pytest.fail("describing needs no workspace"))
    hidden = {
        route.path
        for route in app.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
    }
    assert hidden <= {"/{path:path}"}


# ---- the checks themselves

GOOD = {"items": [], "total": 0, "page": 1, "per_page": 20}
BAD: list[tuple[str, int, dict[str, Any]]] = [
    ("a key is missing", 200, {"items": [], "total": 0, "page": 1}),
    ("a key too many", 200, {**GOOD, "cursor": 1}),
    ("another kind", 200, {**GOOD, "total": "0"}),
    ("a truth value is no number", 200, {**GOOD, "total": True}),
    ("an item without its status", 200, {**GOOD, "items": [{"id": "a"}]}),
    ("a status that is not described", 418, GOOD),
]


def answered(status: int, body: dict[str, Any]) -> tuple[Request, Response]:
    headers = {**SECURITY_HEADERS, "content-type": "application/json"}
    request = Request("GET", "http://testserver/api/sft/queue?page=1")
    return request, Response(status, headers=headers, content=json.dumps(body))


def test_a_described_answer_passes(document: dict[str, Any]) -> None:
    check(document, *answered(200, GOOD))


@pytest.mark.parametrize(("status", "body"), [case[1:] for case in BAD], ids=[c[0] for c in BAD])
def test_an_answer_that_is_not_described_is_found(
    document: dict[str, Any], status: int, body: dict[str, Any]
) -> None:
    with pytest.raises(AssertionError):
        check(document, *answered(status, body))
