"""The loop over HTTP: trainings and evaluations as jobs of a real server, cut off and gone on."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda.core.recipe import Recipe
from corrigenda.train import orphans
from tests.fixtures.serving import CORRIGENDA, Served, serving

_LOOP = Path(__file__).parents[2] / "examples" / "loop"
_SECONDS = 240
OPTIONS = {"learning_rate": 0.001, "epochs": 12, "batch_size": 8, "max_length": 256}
SLOW = {**OPTIONS, "epochs": 40, "logging_steps": 1, "save_steps": 20}
FIRST = {"name": "first", "model": "tiny", "exports": ["corrections"], "options": OPTIONS}

Start = Callable[[], AbstractContextManager[Served]]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with failures that were corrected, and models beside it."""
    folder = tmp_path_factory.mktemp("reviewed")
    workspace = folder / "workspace"
    words = ["import", str(_LOOP / "benchmark"), "--held-out-share", "0.5"]
    subprocess.run([CORRIGENDA, *words, "-w", workspace], check=True, capture_output=True)
    subprocess.run([sys.executable, _LOOP / "decide.py", workspace], check=True)
    words = ["export", "--curated", "--name", "corrections", "--format", "prompt_completion"]
    words += ["--replay", "0.5", "--exclude-category", "scoring_artifact"]
    subprocess.run([CORRIGENDA, *words, "-w", workspace], check=True, capture_output=True)
    shutil.copytree(_LOOP / "model", folder / "models" / "tiny")
    (workspace / "label_tool.yaml").write_text("sft: {models_dir: ../models}\n", "utf-8")
    return workspace


@pytest.fixture
def start(reviewed: Path, tmp_path: Path, train_python: Path) -> Start:
    """Starts a server on a copy of it; again on the same copy."""
    shutil.copytree(reviewed.parent, tmp_path / "own")
    env = {"CORRIGENDA_TRAIN_PYTHON": str(train_python), "OMP_NUM_THREADS": "1"}
    workspace, log = tmp_path / "own" / "workspace", tmp_path / "log"
    return lambda: serving(workspace, log, env=env)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "own" / "workspace"


@pytest.fixture(autouse=True)
def nothing_is_left(workspace: Path) -> Iterator[None]:
    """What a test that failed has left behind is ended."""
    yield
    for folder in (workspace / "trainings").glob("*"):
        if (left := orphans.living(folder)) is not None:
            os.killpg(left.pid, signal.SIGKILL)


def until(true: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _SECONDS
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def over(served: Served, job: dict[str, Any]) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = served.json(f"/api/sft/jobs/{job['id']}")
        return found if found["finished_at"] else None

    found: dict[str, Any] = until(ended)
    return found


def training(served: Served, name: str) -> dict[str, Any]:
    found: dict[str, Any] = served.json(f"/api/sft/trainings/{name}")
    return found


def at_step(served: Served, name: str, step: int) -> dict[str, Any]:
    def far() -> dict[str, Any] | None:
        found = training(served, name)
        assert found["state"] in ("queued", "preparing", "prepared", "running"), found
        return found if (found["step"] or 0) >= step else None

    found: dict[str, Any] = until(far)
    return found


def forget_leases(workspace: Path) -> None:
    """Half a minute later."""
    with closing(sqlite3.connect(workspace / "corrigenda.db")) as database, database:
        database.execute("UPDATE jobs SET lease_until = 0")


def test_the_loop(start: Start) -> None:
    with start() as served:
        offered = served.json("/api/sft/models")
        assert offered["items"] == [{"name": "tiny", "made_by": None}]
        assert offered["missing"] == []

        done = over(served, served.json("/api/sft/trainings", FIRST))
        assert (done["state"], done["kind"], done["unit"]) == ("done", "train", "steps"), done
        found = training(served, "first")
        assert found["state"] == "finished"
        assert found["step"] == found["max_steps"] == done["result"]["step"] > 0
        assert found["weights_sha256"] == done["result"]["weights_sha256"]
        assert (found["model"], found["exports"][0]["name"]) == ("tiny", "corrections")
        assert found["rows"]["corrections"] == 41
        assert found["rows"]["replay"] >= 16
        assert found["runs"] == ["tiny-benchmark"]
        points = served.json("/api/sft/trainings/first/curve")["points"]
        assert [point["at"] for point in points] == sorted({point["at"] for point in points})
        assert points[0]["loss"] > 1 > 0.1 > points[-1]["loss"]
        assert "first" in served.get("/api/sft/trainings/first/card")[1]
        assert {each["name"] for each in served.json("/api/sft/models")["items"]} == {
            "tiny",
            "training:first",
        }

        for run, model in (("before", "tiny"), ("after", "training:first")):
            asked = {"run_id": run, "runs": ["tiny-benchmark"], "model": model}
            done = over(served, served.json("/api/sft/evaluations", asked))
            assert done["state"] == "done", done
            assert done["result"]["counts"]["prompts"] == 144
        evaluations = training(served, "first")["evaluations"]
        assert [(each["run_id"], each["of"], each["state"]) for each in evaluations] == [
            ("after", "trained", "finished"),
            ("before", "base", "finished"),
        ]
        compared = served.json("/api/sft/compare?a=before&b=after&trained=corrections")
        split = {each["name"]: each for each in compared["raw"]["by_split"]}
        assert split["trained"]["fixed"] >= 0.95 * split["trained"]["n"]
        assert compared["raw"]["total"]["regressed"] == 0


def test_a_training_that_is_stopped_goes_on_to_the_same_weights(start: Start) -> None:
    with start() as served:
        for name in ("straight", "pieces"):
            job = served.json("/api/sft/trainings", {**FIRST, "name": name, "options": SLOW})
            if name == "straight":
                over(served, job)
        at_step(served, "pieces", 30)
        status, said = served.get("/api/sft/trainings/pieces/card")
        assert status == 404, said
        served.json(f"/api/sft/jobs/{job['id']}/cancel", {})
        assert over(served, job)["state"] == "cancelled"
        stopped = training(served, "pieces")
        assert (stopped["state"], stopped["weights_sha256"]) == ("stopped", None)
        assert 30 <= stopped["step"] < stopped["max_steps"]

        again = served.json("/api/sft/trainings/pieces/resume", {})
        assert over(served, again)["state"] == "done"
        pieces, straight = training(served, "pieces"), training(served, "straight")
        assert pieces["weights_sha256"] == straight["weights_sha256"] is not None
        curves = [
            [
                (point["at"], point["loss"])
                for point in served.json(f"/api/sft/trainings/{name}/curve")["points"]
                if "loss" in point
            ]
            for name in ("straight", "pieces")
        ]
        assert curves[0] == curves[1]
        with pytest.raises(RuntimeError, match="409"):
            served.json("/api/sft/trainings/pieces/resume", {})
        with pytest.raises(RuntimeError, match="409"):
            served.json("/api/sft/trainings", {**FIRST, "name": "pieces"})


def test_a_training_outlives_its_server_and_is_taken_up_by_the_next(
    start: Start, workspace: Path
) -> None:
    with start() as served:
        job = served.json("/api/sft/trainings", {**FIRST, "options": SLOW})
        at_step(served, "first", 5)
        process = orphans.living(workspace / "trainings" / "first")
        served.process.kill()
        served.process.wait()
    assert process is not None
    assert process.poll() is None, "it goes on alone"
    forget_leases(workspace)
    with start() as served:
        until(lambda: served.json(f"/api/sft/jobs/{job['id']}")["attempts"] == 2)
        assert training(served, "first")["state"] == "running"
        done = over(served, job)
        assert (done["state"], done["attempts"]) == ("done", 2), done
        assert not (workspace / "trainings/first/attempt-2.jsonl").exists()


def test_a_training_that_outlived_its_server_can_be_cancelled(
    start: Start, workspace: Path
) -> None:
    with start() as served:
        job = served.json("/api/sft/trainings", {**FIRST, "options": {**SLOW, "epochs": 4000}})
        at_step(served, "first", 5)
        process = orphans.living(workspace / "trainings" / "first")
        served.process.kill()
        served.process.wait()
    with start() as served:  # before the lease of the one before has run out
        assert served.json(f"/api/sft/jobs/{job['id']}/cancel", {})["state"] == "running"
        forget_leases(workspace)
        assert over(served, job)["state"] == "cancelled"
        assert process is not None
        assert process.poll() is not None
        assert training(served, "first")["state"] == "stopped"


def test_a_training_that_runs_elsewhere_is_not_begun_twice(start: Start, workspace: Path) -> None:
    long = {**FIRST, "options": {**SLOW, "epochs": 4000, "save_steps": 10_000}}
    file = workspace / "trainings" / "first" / orphans.FILE
    with start() as served:
        job = served.json("/api/sft/trainings", long)
        at_step(served, "first", 5)
        served.process.kill()
        served.process.wait()
    process = orphans.living(file.parent)
    assert process is not None
    file.write_text(file.read_text("utf-8").replace('"boot": "', '"boot": "another-'), "utf-8")
    forget_leases(workspace)
    try:
        with start() as served:
            failed = over(served, job)
        assert failed["state"] == "failed"
        assert failed["error"] == f"Another process is training `{file.parent}` now."
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)


def test_on_postgresql_a_worker_with_torch_trains(
    reviewed: Path, tmp_path: Path, train_python: Path, postgres_url: str
) -> None:
    shutil.copytree(reviewed.parent, tmp_path / "own")
    workspace, url = tmp_path / "own" / "workspace", ("--database-url", postgres_url)
    words = ["import", str(_LOOP / "benchmark"), "-w", str(workspace), *url]
    subprocess.run([CORRIGENDA, *words], check=True, capture_output=True)
    (workspace / "corrigenda.db").unlink()
    with corrigenda.open(workspace, database_url=postgres_url) as opened:
        shutil.rmtree(workspace / "exports")
        for card in opened.queue(limit=20).items:
            opened.submit(card["id"], "correct", corrected_response=card["reference_answer"])
        opened.make_export(Recipe(format="prompt_completion"), name="corrections")
    with serving(workspace, tmp_path / "log", *url) as served:
        job = served.json("/api/sft/trainings", FIRST)
        asked = {"run_id": "before", "runs": ["tiny-benchmark"], "model": "tiny", "limit": 5}
        also = served.json("/api/sft/evaluations", asked)
        time.sleep(3)  # in which the server could have taken it
        assert served.json(f"/api/sft/jobs/{job['id']}")["state"] == "queued"
        env = {"CORRIGENDA_TRAIN_PYTHON": str(train_python), "OMP_NUM_THREADS": "1"}
        subprocess.run(
            [CORRIGENDA, "worker", "-w", workspace, *url, "--once"],
            env=os.environ | env,
            check=True,
            capture_output=True,
        )
        done = served.json(f"/api/sft/jobs/{job['id']}")
        assert (done["state"], training(served, "first")["state"]) == ("done", "finished"), done
        assert served.json(f"/api/sft/jobs/{also['id']}")["result"]["counts"]["prompts"] == 5


def test_a_training_whose_process_is_killed_can_go_on(start: Start, workspace: Path) -> None:
    folder = workspace / "trainings" / "first"
    with start() as served:
        job = served.json("/api/sft/trainings", {**FIRST, "options": SLOW})
        at_step(served, "first", 45)
        process = orphans.living(folder)
        assert process is not None
        os.killpg(process.pid, signal.SIGKILL)
        failed = over(served, job)
        assert failed["state"] == "failed"
        assert failed["error"] == (
            "The training was killed by signal 9 (out of memory, perhaps); it can go on from its "
            "last checkpoint."
        )
        assert training(served, "first")["state"] == "failed"
        again = over(served, served.json("/api/sft/trainings/first/resume", {}))
        assert again["state"] == "done"
        second = (folder / "attempt-2.jsonl").read_text("utf-8").splitlines()
        begun = next(e for e in map(json.loads, second) if e["event"] == "start")
        assert begun["step"] in (20, 40)


def test_a_server_that_ends_stops_its_training_and_the_next_goes_on(
    start: Start, workspace: Path
) -> None:
    with start() as served:
        job = served.json("/api/sft/trainings", {**FIRST, "options": SLOW})
        at_step(served, "first", 5)
    assert orphans.living(workspace / "trainings" / "first") is None
    with start() as served:
        found = served.json(f"/api/sft/jobs/{job['id']}")
        assert (found["state"], found["attempts"]) in (("queued", 0), ("running", 1))
        assert over(served, job)["state"] == "done"


def test_an_evaluation_whose_server_is_killed_goes_on(start: Start, workspace: Path) -> None:
    asked = {"run_id": "before", "runs": ["tiny-benchmark"], "model": "tiny", "batch_size": 1}
    answers = workspace / "evaluations" / "before" / "answers.jsonl"
    with start() as served:
        job = served.json("/api/sft/evaluations", asked)
        until(lambda: answers.exists() and answers.read_bytes().count(b"\n") >= 10)
        served.process.kill()
        served.process.wait()
    there = answers.read_bytes().count(b"\n")
    assert 10 <= there < 144
    forget_leases(workspace)
    with start() as served:
        done = over(served, job)
        assert (done["state"], done["attempts"]) == ("done", 2), done
        counts = done["result"]["counts"]
        assert counts["asked"] + counts["known"] == counts["prompts"] == 144
        assert counts["known"] >= there - 1


def test_an_evaluation_is_stopped_and_asked_for_again(start: Start) -> None:
    asked = {"run_id": "before", "runs": ["tiny-benchmark"], "model": "tiny", "batch_size": 1}
    with start() as served:
        job = served.json("/api/sft/evaluations", asked)
        until(lambda: served.json(f"/api/sft/jobs/{job['id']}")["done"] >= 5)
        served.json(f"/api/sft/jobs/{job['id']}/cancel", {})
        assert over(served, job)["state"] == "cancelled"
        done = over(served, served.json("/api/sft/evaluations", asked))
        assert done["state"] == "done"
        assert done["result"]["counts"]["known"] >= 5
