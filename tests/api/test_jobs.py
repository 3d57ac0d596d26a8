"""Imports that nobody waits for: started, watched, cancelled over HTTP, on real runs."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

import corrigenda
from corrigenda import jobs
from corrigenda.store import jobs as rows
from tests.api.desk import Desk, record, refused

KEYS = {
    *("id", "kind", "state", "params", "done", "total", "unit", "result", "error"),
    *("attempts", "created_at", "started_at", "finished_at"),
}


def start(desk: Desk, run_id: str) -> dict[str, Any]:
    response = desk.post("jobs", {"kind": "import", "run_id": run_id})
    assert response.status_code == 202, response.text
    found: dict[str, Any] = response.json()
    return found


def job(desk: Desk, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"jobs/{job_id}").json()
    return found


def wait(look: Callable[[], dict[str, Any]], *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (found := look())["state"] not in states:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def over(desk: Desk, job_id: str) -> dict[str, Any]:
    return wait(lambda: job(desk, job_id), "done", "failed", "cancelled")


def test_an_import_from_begin_to_end(any_desk: Desk) -> None:
    any_desk.configure()
    path = any_desk.run("r", [record("a"), "{", '{"id": 5}', record("b")])
    begun = start(any_desk, "r")
    assert begun.keys() == KEYS
    assert (begun["kind"], begun["params"], begun["unit"]) == ("import", {"run_id": "r"}, "bytes")
    assert begun["state"] in ("queued", "running", "done")
    done = over(any_desk, begun["id"])
    problems = done["result"].pop("problems")
    assert done["state"] == "done"
    assert done["result"] == {"imported": 2, "skipped": 0, "malformed": 2}
    assert [problem["line"] for problem in problems] == [2, 3]
    assert (done["done"], done["total"]) == (path.stat().st_size, path.stat().st_size)
    assert begun["created_at"] <= done["started_at"] <= done["finished_at"]
    assert any_desk.get("queue").json()["total"] == 2
    assert any_desk.get("jobs").json() == {"items": [job(any_desk, begun["id"])]}


def test_who_asked_for_a_job_is_kept(desk: Desk) -> None:
    desk.configure()
    desk.run("r", [record("a")])
    body = {"kind": "import", "run_id": "r"}
    begun = desk.post("jobs", body, **{"x-reviewer": "kim"}).json()
    assert begun["params"] == {"run_id": "r", "reviewer": "kim"}
    assert over(desk, begun["id"])["state"] == "done"


def test_jobs_are_done_one_after_the_other_and_listed_newest_first(any_desk: Desk) -> None:
    any_desk.configure()
    names = ["r1", "r2", "r3"]
    for name in names:
        any_desk.run(name, [record(f"{name}-a", benchmark_run_id=name)])
    begun = [start(any_desk, name)["id"] for name in names]
    ended = [over(any_desk, job_id) for job_id in begun]
    assert [found["result"] for found in ended] == [{"imported": 1, "skipped": 0}] * 3
    times = [(found["started_at"], found["finished_at"]) for found in ended]
    assert times == sorted(times)
    listed = [found["id"] for found in any_desk.get("jobs").json()["items"]]
    assert listed == begun[::-1]
    assert [found["id"] for found in any_desk.get("jobs", limit=1).json()["items"]] == begun[2:]


def test_cancelling_stops_after_the_batch(any_desk: Desk) -> None:
    any_desk.configure()
    big = [record(f"c{n}", model_response="x" * 500) for n in range(20_000)]
    any_desk.run("big", big)
    any_desk.run("small", [record("s")])
    first, second = start(any_desk, "big")["id"], start(any_desk, "small")["id"]
    assert any_desk.post(f"jobs/{second}/cancel").json()["state"] == "cancelled"
    wait(lambda: job(any_desk, first), "running")
    any_desk.post(f"jobs/{first}/cancel")
    stopped = over(any_desk, first)
    assert stopped["state"] == "cancelled"
    assert stopped["result"]["stopped"] is True
    kept = any_desk.get("stats").json()["total"]
    assert 0 < kept == stopped["result"]["imported"] < 20_000
    # What is over stays over, and what was taken stays and is not taken again.
    assert any_desk.post(f"jobs/{first}/cancel").json() == stopped
    assert job(any_desk, second)["started_at"] is None
    any_desk.run("big", big[: kept + 1])
    assert any_desk.post("import", {"run_id": "big"}).json() == {"imported": 1, "skipped": kept}


def test_an_import_that_fails_says_why(desk: Desk) -> None:
    desk.configure()
    path = desk.run("r", [record("a")])
    path.unlink()
    path.symlink_to("/proc/self/mem")  # a file that nobody can read from its beginning
    failed = over(desk, start(desk, "r")["id"])
    assert (failed["state"], failed["result"]) == ("failed", None)
    assert str(path) in failed["error"]


@pytest.mark.parametrize("name", ["nobody", "%00", "x" * 1000, "🦉"], ids=lambda name: name[:9])
def test_a_job_that_nobody_started(any_desk: Desk, name: str) -> None:
    refused(any_desk.get(f"jobs/{name}"), 404, "unknown_job")
    refused(any_desk.post(f"jobs/{name}/cancel"), 404, "unknown_job")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"run_id": "r"}, "kind"),
        ({"kind": "train", "run_id": "r"}, "kind"),
        ({"kind": "import"}, "run_id"),
        ({"kind": "import", "run_id": "r", "upload_id": "0" * 32}, "run_id"),
        ({"kind": "import", "run_id": None}, "run_id"),
        ({"kind": "import", "upload_id": 1}, "upload_id"),
    ],
    ids=str,
)
def test_a_bad_job(desk: Desk, body: dict[str, Any], field: str) -> None:
    problem = refused(desk.post("jobs", body), 422, "invalid_request")
    assert [item["field"] for item in problem["errors"]] == [field]


def test_either_a_run_or_a_file_is_said_in_one_sentence(desk: Desk) -> None:
    problem = refused(desk.post("jobs", {"kind": "import"}), 422, "invalid_request")
    said = "The request cannot be used: `run_id`: give either `run_id` or `upload_id`."
    assert problem["detail"] == said


@pytest.mark.parametrize("upload_id", ["", "0" * 32, "../x", "\x00", "\ud800"], ids=ascii)
def test_an_upload_that_nobody_made(desk: Desk, upload_id: str) -> None:
    body = {"kind": "import", "upload_id": upload_id}
    refused(desk.post("jobs", body), 404, "unknown_upload")


@pytest.mark.parametrize("limit", [0, 201, "x"])
def test_a_bad_limit(desk: Desk, limit: object) -> None:
    refused(desk.get("jobs", limit=limit), 422, "invalid_request")


def test_the_job_of_a_server_that_died_is_done_by_the_next(any_desk: Desk) -> None:
    any_desk.configure()
    any_desk.run("r1", [record("a")])
    any_desk.run("r2", [record("b")])

    def of_a_dead_server(connection: Any) -> None:
        at = "2026-11-23T10:00:00.000000Z"
        params = {"run_id": "r1"}
        rows.create(connection, job_id="dead", kind="import", params=params, unit="bytes", at=at)
        rows.take(connection, owner="dead", kinds=["import"], place=None, at=at, lease=-1)

    any_desk.workspace.database.write(of_a_dead_server)
    assert job(any_desk, "dead")["state"] == "running"
    assert over(any_desk, start(any_desk, "r2")["id"])["state"] == "done"
    found = over(any_desk, "dead")
    assert (found["state"], found["attempts"]) == ("done", 2)
    assert found["result"] == {"imported": 1, "skipped": 0}


def test_closing_the_workspace_keeps_its_jobs_for_whoever_opens_it_next(desk: Desk) -> None:
    desk.configure()
    desk.run("big", [record(f"c{n}") for n in range(30_000)])
    begun = start(desk, "big")["id"]
    wait(lambda: job(desk, begun), "running")
    desk.workspace.close()
    with corrigenda.open(desk.workspace.directory) as again:
        found = jobs.runner_of(again).get(begun)
        total = again.stats()["total"]
        lines = (again.directory / "sft_candidates.jsonl").read_bytes().splitlines()
    assert (found.state, found.result) == ("queued", None)
    assert total == len(lines) < 30_000
    assert {json.loads(line)["status"] for line in lines} <= {"needs_review"}
