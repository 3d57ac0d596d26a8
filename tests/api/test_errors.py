"""Every error has one shape, whatever raised it."""

import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from corrigenda.api import create_app
from corrigenda.api.responses import PROBLEM_TYPE
from corrigenda.api.security import SECURITY_HEADERS
from corrigenda.errors import (
    CorrigendaError,
    SchemaMismatch,
    StorageError,
    StorageFull,
    WorkspaceInUse,
)
from corrigenda.workbench import Workspace
from tests.api.described import DescribedClient, check_problem
from tests.api.desk import PREFIX, Desk, record, refused

JSON = {"content-type": "application/json"}
BAD_JSON = {
    "nothing": b"",
    "cut off": b'{"id": ',
    "no object": b"[1, 2]",
    "a text": b'"a"',
    "null": b"null",
    "not UTF-8": b'{"id": "\xff"}',
    "nested too deep": b"[" * 100_000,
    "a number of 5,000 digits": b'{"id": ' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("path", ["submit", "undo", "import", "jobs", "config"])
@pytest.mark.parametrize("case", BAD_JSON)
def test_a_body_that_cannot_be_read(desk: Desk, path: str, case: str) -> None:
    response = desk.client.post(f"{PREFIX}/{path}", content=BAD_JSON[case], headers=JSON)
    problem = refused(response, 422, "invalid_request")
    assert problem["detail"].startswith("The request cannot be used")


def test_broken_json_says_where(desk: Desk) -> None:
    response = desk.client.post(f"{PREFIX}/undo", content=b'{"id" 1}', headers=JSON)
    (error,) = refused(response, 422, "invalid_request")["errors"]
    assert error["field"] == "body"
    assert error["message"] == "not JSON: Expecting ':' delimiter at character 7"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/sft/nothing", 404, "not_found"),
        ("GET", "/api/sft/candidates/a/b", 404, "not_found"),
        ("POST", "/api/sft/queue", 405, "method_not_allowed"),
        ("DELETE", "/api/sft/stats", 405, "method_not_allowed"),
        ("PUT", "/api/sft/submit", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("POST", "/api/sft/nothing", 404, "not_found"),
        ("DELETE", "/api", 404, "not_found"),
        ("GET", "/api/sft/submit", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
    ],
)
def test_addresses_that_lead_nowhere(
    desk: Desk, method: str, path: str, status: int, code: str
) -> None:
    response = desk.client.request(method, path)
    refused(response, status, code)
    assert ("allow" in response.headers) == (status == 405)


@pytest.mark.parametrize("path", ["/api/sft/queue", "/api/sft/candidates/a", "/healthz"])
def test_head_is_not_known_to_the_api(desk: Desk, path: str) -> None:
    response = TestClient(desk.client.app).head(path)  # without a body to be checked
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def raising(error: Exception) -> Callable[[], Workspace]:
    def provide() -> Workspace:
        raise error

    return provide


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (StorageError("The disk refuses."), 503),
        (StorageFull("No space is left."), 507),
        (WorkspaceInUse("Another server has it."), 503),
        (SchemaMismatch("The database is newer."), 503),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_workspace_that_cannot_be_opened(error: CorrigendaError, status: int) -> None:
    client = DescribedClient(create_app(raising(error)), base_url="http://localhost")
    body = {"id": "a", "action": "flag"}
    problem = refused(client.post(f"{PREFIX}/submit", json=body), status, error.code)
    assert problem["detail"] == error.message
    assert client.get("/healthz").status_code == 200


def test_a_mistake_of_ours_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(raising(RuntimeError("a secret")))
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    with caplog.at_level(logging.ERROR):
        response = client.get(f"{PREFIX}/stats")
    check_problem(response)
    refused(response, 500, "internal_error")
    assert response.headers["content-type"] == PROBLEM_TYPE
    assert "secret" not in response.text
    assert "a secret" in caplog.text
    assert response.headers.items() >= {k.lower(): v for k, v in SECURITY_HEADERS.items()}.items()


def test_an_address_is_logged_by_its_template(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("corrigenda.jobs.runner_of", lambda _: 1 / 0)
    app = create_app(lambda: desk.workspace)
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    refused(client.get(f"{PREFIX}/jobs/private-name"), 500, "internal_error")
    assert "GET /api/sft/jobs/{job_id} failed" in caplog.text
    assert "private-name" not in caplog.text


def test_a_closed_workspace(desk: Desk) -> None:
    desk.fill(record("a"))
    desk.workspace.close()
    refused(desk.submit("a", "flag"), 503, "storage_unavailable")


def test_details_that_a_program_can_use_do_not_shadow_the_shape(desk: Desk) -> None:
    desk.fill(record("a"))
    desk.correct("a")
    problem = refused(desk.correct("a"), 409, "already_decided")
    assert problem["status"] == 409
    assert problem["decided_status"] == "approved"
