"""What a monitor sees: request ids, log lines, metrics, readiness."""

import logging
import shutil
from collections import namedtuple
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from corrigenda.workbench import Workspace
from tests.api.desk import Desk, record, refused


def sample(desk: Desk, name: str, **labels: str) -> float | None:
    """The value of a metric, `None` if there is none."""
    response = desk.client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    for family in text_string_to_metric_families(response.text):
        for each in family.samples:
            if each.name == name and labels.items() <= each.labels.items():
                return float(each.value)
    return None


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    names = ("method", "route", "status", "reviewer")
    return [
        {name: getattr(line, name) for name in names if hasattr(line, name)}
        for line in caplog.records
        if line.name == "corrigenda.requests"
    ]


@pytest.mark.parametrize("given", ["abc-1", "x" * 64, "00-4bf92f3577b34da6:1_2.3"])
def test_a_request_keeps_its_id(desk: Desk, given: str) -> None:
    answer = desk.client.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "<script>", "a\x00b", "é"])
def test_what_is_no_id_is_replaced(desk: Desk, given: str) -> None:
    headers = {b"X-Request-ID": given.encode("latin-1")}
    found = desk.client.get("/healthz", headers=headers).headers["x-request-id"]
    assert len(found) == 32
    assert desk.client.get("/healthz").headers["x-request-id"] != found


def test_errors_have_an_id_too(desk: Desk) -> None:
    assert "x-request-id" in refused_headers(desk, "/api/sft/candidates/nope", 404)
    answer = desk.client.get("/healthz", headers={"Host": "evil.example"})
    assert (answer.status_code, "x-request-id" in answer.headers) == (403, True)


def refused_headers(desk: Desk, path: str, status: int) -> Any:
    answer = desk.client.get(path)
    assert answer.status_code == status
    return answer.headers


def test_the_log_tells_who_and_how_but_not_what(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.fill(record("secret-id"))
    with caplog.at_level(logging.INFO):
        desk.get("candidates/secret-id")
        desk.get("queue", q="secret words")
        desk.correct("secret-id", "secret text", note="secret note")
        desk.client.get("/secret/path")
    assert lines(caplog) == [
        {"method": "GET", "route": "/api/sft/candidates/{candidate_id}", "status": 200},
        {"method": "GET", "route": "/api/sft/queue", "status": 200},
        {"method": "POST", "route": "/api/sft/submit", "status": 200},
        {"method": "GET", "route": "/{path:path}", "status": 200},
    ]
    ours = [line for line in caplog.records if line.name.startswith("corrigenda")]
    assert not any("secret" in str(vars(line)) for line in ours)


def test_a_failure_can_be_found_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Workspace) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(Workspace, "stats", fail)
    client = TestClient(desk.client.app, raise_server_exceptions=False)
    answer = client.get("/api/sft/stats", headers={"X-Request-ID": "r-1"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "r-1")
    assert lines(caplog) == [{"method": "GET", "route": "/api/sft/stats", "status": 500}]


def test_requests_are_counted_by_template(desk: Desk) -> None:
    desk.fill(record("a"))
    where = {"method": "GET", "route": "/api/sft/candidates/{candidate_id}"}
    before = sample(desk, "corrigenda_http_requests_total", status="404", **where) or 0
    for name in ("nope", "nothing"):
        desk.get(f"candidates/{name}")
    after = sample(desk, "corrigenda_http_requests_total", status="404", **where)
    assert after == before + 2
    timed = sample(desk, "corrigenda_http_request_seconds_count", **where)
    assert timed is not None
    assert timed >= 2
    assert sample(desk, "corrigenda_http_requests_in_progress") == 1
    desk.client.request("BREW", "/api/sft/queue")
    assert sample(desk, "corrigenda_http_requests_total", method="BREW") is None


def test_the_workspace_is_measured(any_desk: Desk) -> None:
    any_desk.fill(*(record(f"c{n}") for n in range(5)))
    for name in ("c0", "c1"):
        any_desk.correct(name)
    any_desk.submit("c2", "discard")
    any_desk.undo("c1")
    assert sample(any_desk, "corrigenda_up") == 1
    assert sample(any_desk, "corrigenda_candidates", status="needs_review") == 3
    assert sample(any_desk, "corrigenda_candidates", status="approved") == 1
    assert sample(any_desk, "corrigenda_candidates", status="model_rejected") == 0
    assert sample(any_desk, "corrigenda_search_pending") == 0
    assert sample(any_desk, "corrigenda_claims") == 0
    assert (sample(any_desk, "corrigenda_database_bytes") or 0) > 10_000
    any_desk.workspace.sync()
    assert sample(any_desk, "corrigenda_mirror_pending") == 0


def test_decisions_are_counted_once(desk: Desk) -> None:
    desk.fill(*(record(f"c{n}") for n in range(5)))
    before = sample(desk, "corrigenda_decisions_total", action="flag") or 0
    desk.submit("c1", "flag")
    assert sample(desk, "corrigenda_decisions_total", action="flag") == before + 1
    assert sample(desk, "corrigenda_decisions_total", action="flag") == before + 1


def test_a_database_that_does_not_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # However long: who may come in was read a second ago, and cannot be read again.
    monkeypatch.setattr("corrigenda.workbench.signing_in.FRESH_SECONDS", 0.0)
    assert sample(desk, "corrigenda_up") == 1
    with monkeypatch.context() as patch:
        patch.setattr(desk.workspace.database, "_closed", True)
        assert sample(desk, "corrigenda_up") == 0
        assert sample(desk, "corrigenda_candidates", status="approved") is None
        answer = desk.client.get("/readyz")
        assert answer.status_code == 503
        assert {check["check"]: check["ok"] for check in answer.json()["checks"]} == {
            "database": False,
            "files": True,
            "disk": True,
        }
        assert desk.client.get("/healthz").status_code == 200
        refused(desk.get("stats"), 503, "storage_unavailable")


def test_ready(any_desk: Desk) -> None:
    answer = any_desk.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert all(check["ok"] for check in answer.json()["checks"])
    assert str(any_desk.workspace.directory) not in answer.text, "anybody may ask"


def test_not_ready_on_a_full_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    answer = desk.client.get("/readyz")
    said = refused(answer, 503, "not_ready")["detail"]
    assert said == "The server cannot do its work: the disk is full."
    assert answer.json()["checks"][-1] == {
        "check": "disk",
        "ok": False,
        "message": "the disk is full",
    }


def test_not_ready_without_the_files(desk: Desk) -> None:
    with Workspace.open(desk.workspace.directory) as second:
        assert [(check.check, check.ok) for check in second.ready()] == [
            ("database", True),
            ("files", False),
            ("disk", True),
        ]
    assert [(check.check, check.ok) for check in second.ready()] == [("workspace", False)]
