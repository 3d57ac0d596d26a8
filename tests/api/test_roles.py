"""Who may do what: every route is in the table, and the table is kept to."""

from functools import cache

import pytest
from starlette.routing import compile_path
from starlette.testclient import TestClient

from corrigenda.api import create_app
from corrigenda.api.roles import ROLES, Role, Route, role_of
from tests.api.desk import Desk, refused
from tests.api.team import browser

UNGUARDED = {"/healthz", "/readyz"}


@cache
def routes() -> set[Route]:
    app = create_app(lambda: pytest.fail("describing needs no workspace"))
    described = {
        Route(method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path not in UNGUARDED
    }
    return described | {Route("GET", "/api/openapi.json"), Route("GET", "/metrics")}


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(ROLES) == routes()


def filled(route: Route) -> str:
    return compile_path(route.path)[1].format(
        **dict.fromkeys(("candidate_id", "lot_id", "upload_id", "job_id", "file", "name"), "x"),
        batch_id="1",
    )


@pytest.mark.parametrize("route", sorted(ROLES), ids=" ".join)
def test_an_address_has_the_role_of_its_route(route: Route) -> None:
    assert role_of(route.method, filled(route)) is ROLES[route]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/sft/new"), ("PUT", "/api/sft/queue"), ("GET", "/api/sft/candidates/a/b")],
)
def test_what_is_not_in_it_is_for_leads(method: str, path: str) -> None:
    assert role_of(method, path) is Role.LEAD


@pytest.mark.parametrize("route", sorted(ROLES), ids=" ".join)
def test_nobody_gets_further_than_their_role(desk: Desk, route: Route) -> None:
    if route.path.endswith("/events"):
        return  # it has no end; its own tests know who may listen
    _, token = desk.workspace.add_reviewer("ada")
    here = browser(desk.workspace).client
    address, needed = filled(route), ROLES[route]
    stranger = here.request(route.method, address)
    if needed > Role.ANYBODY:
        refused(stranger, 401, "sign_in_required")
    bearer = {"authorization": f"Bearer {token}"}
    answer = here.request(route.method, address, headers=bearer)
    if needed is Role.LEAD:
        refused(answer, 403, "lead_required")
    else:
        assert "lead_required" not in answer.text
        assert answer.status_code not in (401, 403) or route.path.endswith("/session")


def test_a_prefix_under_which_the_server_is_mounted_opens_nothing(desk: Desk) -> None:
    desk.workspace.add_reviewer("kim")
    here = browser(desk.workspace).client

    mounted = TestClient(here.app, root_path="/tool")
    assert mounted.get("/tool/api/sft/stats").status_code == 401
    assert mounted.get("/api/sft/stats").status_code == 401
