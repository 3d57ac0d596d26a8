"""Trainings and evaluations over HTTP, as far as no torch is needed; the rest is in trainers."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from corrigenda import jobs
from corrigenda.api.schemas import training as schemas
from corrigenda.core.recipe import Recipe
from corrigenda.errors import Conflict, InvalidInput, NotFound
from corrigenda.jobs import evaluating, training
from corrigenda.train import orphans
from corrigenda.train.plan import Lora, TrainOptions
from corrigenda.workbench.evaluating.request import EvaluationRequest
from tests.api.desk import HOSTILE, Desk, record, refused
from tests.fixtures.chat_endpoint import ChatEndpoint, chat_endpoint, said

MODEL = Path(__file__).parents[2] / "examples" / "loop" / "model"
ASKED: dict[str, Any] = {"name": "v1", "model": "tiny", "exports": ["wrong"]}


@pytest.fixture
def endpoint() -> Iterator[ChatEndpoint]:
    with chat_endpoint(small=said("4")) as found:
        yield found


@pytest.fixture
def filled(any_desk: Desk, monkeypatch: pytest.MonkeyPatch, endpoint: ChatEndpoint) -> Desk:
    """Two corrections as snapshots of both formats, a model, an endpoint, and nobody who works."""
    any_desk.fill(record("a"), record("b", prompt_messages=[{"role": "user", "content": "2+2"}]))
    for name in ("a", "b"):
        any_desk.workspace.submit(name, "correct", corrected_response="4")
    for name, form in (("wrong", "prompt_completion"), ("pairs", "preference")):
        any_desk.workspace.make_export(Recipe(format=form), name=name)
    place = any_desk.workspace.directory
    shutil.copytree(MODEL, place / "models" / "tiny")
    (place / "label_tool.yaml").write_text(
        f"sft: {{models_dir: models, endpoints: {{near: {{url: '{endpoint.address}'}}}}}}\n",
        "utf-8",
    )
    monkeypatch.setattr(jobs.runner_of(any_desk.workspace)._worker, "start", lambda: None)
    # Whether this Python can train is not what these tests are about.
    monkeypatch.setattr("corrigenda.train.pythons.missing", lambda *_: [])
    return any_desk


def trained(desk: Desk, name: str = "v1", **options: Any) -> Path:
    """A training's folder, as its job makes it."""
    return desk.workspace.prepare_training(
        desk.workspace.trainings.folder(name),
        model=str(desk.workspace.model_folder("tiny")),
        exports=["wrong"],
        options=TrainOptions.from_json(options),
    ).folder


def test_what_can_be_trained_and_asked(filled: Desk) -> None:
    found = filled.get("models").json()
    assert (found["items"], found["endpoints"]) == ([{"name": "tiny", "made_by": None}], ["near"])
    assert found["folder"] == str(filled.workspace.directory / "models")


def test_all_that_can_be_chosen_can_be_chosen_over_http() -> None:
    options = TrainOptions(lora=Lora()).as_json()
    assert schemas.TrainOptions.model_fields.keys() == options.keys() - {"report_to"}
    assert schemas.Adapters.model_fields.keys() == options["lora"].keys()
    own = {"output", "python", "api_key_env", "run_code"}  # the server's, or the command line's
    asked = {each.name for each in fields(EvaluationRequest)}
    assert schemas.EvaluationRequest.model_fields.keys() == asked - own


def test_a_training_is_queued_and_then_known(filled: Desk) -> None:
    answer = filled.post("trainings", {**ASKED, "options": {"epochs": 1.5, "lora": {"r": 4}}})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    assert (job["kind"], job["state"], job["unit"]) == ("train", "queued", "steps")
    assert job["params"]["options"] == {"epochs": 1.5, "lora": {"r": 4}}
    (head,) = filled.get("trainings").json()["items"]
    assert (head["name"], head["state"], head["job"]) == ("v1", "queued", job)
    assert filled.get("trainings/v1").json()["evaluations"] == []
    refused(filled.post("trainings", ASKED), 409, "conflict")
    cancelled = filled.post(f"jobs/{job['id']}/cancel", {}).json()
    assert cancelled["state"] == "cancelled"
    assert filled.get("trainings").json()["items"] == []
    refused(filled.get("trainings/v1"), 404, "not_found")


NOT_TRAINED: list[tuple[dict[str, Any], int, str]] = [
    ({"name": "../v1"}, 422, "name"),
    ({"name": ""}, 422, "name"),
    ({"model": "/etc"}, 404, "There is no model `/etc`"),
    ({"model": "../models/tiny"}, 404, "There is no model"),
    ({"exports": []}, 422, "exports"),
    ({"exports": ["none"]}, 404, "none"),
    ({"exports": ["pairs"]}, 422, "has pairs, which the method `sft` has no use for"),
    ({"method": "dpo"}, 422, "needs an export in the format `preference`"),
    ({"method": "rl"}, 422, "method"),
    ({"options": {"epochs": -1}}, 422, "epochs"),
    ({"options": {"epoch": 1}}, 422, "epoch"),
    ({"options": {"report_to": ["wandb"]}}, 422, "report_to"),
    ({"options": {"lora": {"targets": []}}}, 422, "targets"),
    ({"options": {"quantize": "nf4"}}, 422, "lora"),
    ({"processes": 0}, 422, "processes"),
    ({"python": "/bin/sh"}, 422, "python"),
]


def test_what_cannot_be_trained(filled: Desk) -> None:
    for change, status, words in NOT_TRAINED:
        answer = filled.post("trainings", {**ASKED, **change})
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert jobs.runner_of(filled.workspace).newest() == []


def test_a_machine_that_cannot_train_says_how_it_could(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corrigenda.train.pythons.missing", lambda *_: ["torch", "trl"])
    assert filled.get("models").json()["missing"] == ["torch", "trl"]
    answer = filled.post("trainings", ASKED)
    if filled.workspace.mirror is None:  # another worker may be able to
        assert answer.status_code == 202
        return
    refused(answer, 422, "invalid_request")
    assert 'pip install "corrigenda[train]"' in answer.json()["detail"]
    asked = {"run_id": "x", "runs": ["run-1"], "model": "tiny"}
    refused(filled.post("evaluations", asked), 422, "invalid_request")


def test_a_training_from_its_folder(filled: Desk) -> None:
    folder = trained(filled, epochs=2.0)
    found = filled.get("trainings/v1").json()
    assert (found["state"], found["step"], found["job"]) == ("prepared", None, None)
    assert (found["model"], found["method"], found["rows"]) == ("tiny", "sft", {"corrections": 2})
    assert found["exports"] == [{"name": "wrong", "format": "prompt_completion"}]
    assert (found["options"], found["runs"]) == ({"epochs": 2.0}, ["run-1"])
    assert filled.get("trainings/v1/curve").json() == {"points": [], "stages": ["sft"]}
    assert filled.get("trainings/v1/log").text == ""
    refused(filled.get("trainings/v1/card"), 404, "not_found")

    finding = {"level": "warning", "code": "no_replay", "message": "M", "rows": [], "count": 0}
    events = [
        {"t": 0.0, "event": "check", "findings": [finding], "facts": {"steps": {"sft": 9}}},
        {"t": 1.0, "event": "log", "stage": "sft", "step": 3, "max_steps": 9, "loss": None,
         "grad_norm": 1.5, "entropy": 0.5, "eta_s": 4.0},
    ]  # fmt: skip
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "attempt-1.jsonl").write_text(lines, "utf-8")
    (folder / "output.log").write_bytes(b"x" * 70_000 + b"\xff\nError: It broke.\n")
    found = filled.get("trainings/v1").json()
    assert (found["state"], found["step"], found["max_steps"]) == ("failed", 3, 9)
    assert (found["findings"], found["eta_s"]) == ([finding], 4.0)
    (point,) = filled.get("trainings/v1/curve").json()["points"]
    assert point == {"stage": "sft", "step": 3, "at": 3, "attempt": 1, "loss": None,
                     "grad_norm": 1.5, "entropy": 0.5}  # fmt: skip
    log = filled.get("trainings/v1/log").text
    assert log.endswith("\N{REPLACEMENT CHARACTER}\nError: It broke.\n")
    assert len(log) < 70_000

    job = filled.post("trainings/v1/resume", {}).json()
    assert job["params"] == {"name": "v1", "processes": 1}
    assert filled.get("trainings").json()["items"][0]["state"] == "queued"
    refused(filled.post("trainings/v1/resume", {}), 409, "conflict")


def test_what_is_no_training_is_not_listed(filled: Desk) -> None:
    home = filled.workspace.directory / "trainings"
    trained(filled)
    for name, text in (("broken", "{"), ("other", '{"version": 99}'), (".v2.7.tmp", "{}")):
        (home / name).mkdir()
        (home / name / "run.json").write_text(text, "utf-8")
    (home / "file").write_text("", "utf-8")
    (home / "empty").mkdir()
    assert [each["name"] for each in filled.get("trainings").json()["items"]] == ["v1"]
    refused(filled.post("trainings", ASKED), 409, "conflict")
    refused(filled.post("trainings", {**ASKED, "name": "other"}), 409, "conflict")
    assert filled.post("trainings", {**ASKED, "name": "empty"}).status_code == 202


@pytest.mark.parametrize("rest", ["", "/curve", "/log", "/card"])
def test_hostile_names(filled: Desk, rest: str) -> None:
    for name in (*HOSTILE.values(), "none"):
        answer = filled.client.get(f"/api/sft/trainings/{name}{rest}")
        assert answer.status_code == 404 or not name, (name, answer.text)


def test_an_endpoint_is_asked(filled: Desk, endpoint: ChatEndpoint) -> None:
    asked = {"run_id": "v1-after", "runs": ["run-1"], "model": "small", "endpoint": "near"}
    job = filled.post("evaluations", asked).json()
    assert (job["kind"], job["unit"], job["params"]["endpoint"]) == (
        "evaluate_endpoint", "answers", "near"
    )  # fmt: skip
    assert endpoint.address not in json.dumps(job)
    refused(filled.post("evaluations", asked), 409, "conflict")
    work(filled)
    done = over(filled, job["id"])
    assert done["state"] == "done", done
    assert done["result"]["counts"]["prompts"] == 2
    assert len(endpoint.requests) == 2
    assert {each["model"] for each in endpoint.requests} == {"small"}


def test_an_endpoint_that_hangs_can_be_left(filled: Desk, endpoint: ChatEndpoint) -> None:
    def hang(_: dict[str, Any]) -> dict[str, Any]:
        time.sleep(20)
        return {"content": "4"}

    endpoint.models["small"] = hang
    asked = {"run_id": "v1-after", "runs": ["run-1"], "model": "small", "endpoint": "near"}
    job = filled.post("evaluations", asked).json()
    work(filled)
    begun = time.monotonic()
    while not endpoint.requests:
        assert time.monotonic() - begun < 60
        time.sleep(0.02)
    filled.post(f"jobs/{job['id']}/cancel", {})
    assert over(filled, job["id"])["state"] == "cancelled"
    assert time.monotonic() - begun < 15


NOT_ASKED: list[tuple[dict[str, Any], int, str]] = [
    ({"endpoint": "far"}, 404, "There is no endpoint `far`"),
    ({"endpoint": "http://169.254.169.254/"}, 404, "There is no endpoint"),
    ({"runs": ["none"]}, 404, "none"),
    ({"runs": []}, 422, "runs"),
    ({"run_id": "run-1"}, 422, "run-1"),
    ({"run_id": "../x"}, 422, "run_id"),
    ({"endpoint": None, "model": "/etc"}, 404, "There is no model `/etc`"),
    ({"temperature": -1}, 422, "temperature"),
    ({"output": "/tmp/x"}, 422, "output"),
    ({"api_key_env": "AWS_SECRET_ACCESS_KEY"}, 422, "api_key_env"),
]


def test_what_cannot_be_asked(filled: Desk) -> None:
    asked = {"run_id": "after", "runs": ["run-1"], "model": "small", "endpoint": "near"}
    for change, status, words in NOT_ASKED:
        answer = filled.post("evaluations", {**asked, **change})
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert jobs.runner_of(filled.workspace).newest() == []


def test_a_running_process_is_running_whoever_started_it(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(filled)
    monkeypatch.setattr(orphans, "living", lambda folder: folder.name == "v1" or None)
    assert filled.get("trainings/v1").json()["state"] == "running"


def work(desk: Desk) -> None:
    """Have the jobs done after all."""
    worker = jobs.runner_of(desk.workspace)._worker
    type(worker).start(worker)


def over(desk: Desk, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, Any] = desk.get(f"jobs/{job_id}").json()
        if found["finished_at"]:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def test_the_draft_of_another_training_stays(filled: Desk) -> None:
    home = filled.workspace.trainings.home
    left, other = home / ".v1.4242.tmp", home / ".v1.5.4242.tmp"
    for draft in (left, other):
        draft.mkdir(parents=True)
    params = filled.post("trainings", ASKED).json()["params"]
    ready = home / "v1"
    training.train(filled.workspace, params, _Stopping(once=ready))
    assert (filled.workspace.trainings.found("v1").is_dir(), left.exists()) == (True, False)
    assert other.is_dir()


def test_it_stops_while_its_model_is_read(filled: Desk) -> None:
    params = filled.post("trainings", ASKED).json()["params"]
    assert training.train(filled.workspace, params, _Stopping()).stopped
    assert not filled.workspace.trainings.home.exists()
    asked = {"run_id": "after", "runs": ["run-1"], "model": "tiny"}
    assert evaluating.evaluate(filled.workspace, asked, _Stopping()).stopped


def test_another_training_of_its_name_is_not_gone_on_with(filled: Desk) -> None:
    params = filled.post("trainings", {**ASKED, "options": {"epochs": 9}}).json()["params"]
    trained(filled, epochs=1.0)
    with pytest.raises(Conflict, match="another training `v1`"):
        training.train(filled.workspace, params, _Stopping())


def test_of_many_who_ask_at_once_one_is_heard(filled: Desk) -> None:
    def ask(_: int) -> int:
        try:
            jobs.runner_of(filled.workspace).start_training("v1", model="tiny", exports=["wrong"])
        except Conflict:
            return 0
        return 1

    with ThreadPoolExecutor(8) as many:
        assert sum(many.map(ask, range(8))) == 1


def test_an_adapter_is_refused_at_once(filled: Desk) -> None:
    folder = filled.workspace.directory / "models" / "tuned"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}", "utf-8")
    (folder / "adapter_model.safetensors").write_bytes(b"")
    answer = filled.post("trainings", {**ASKED, "model": "tuned"})
    refused(answer, 422, "invalid_request")
    assert "is an adapter of another model" in answer.json()["detail"]


def test_a_training_that_was_removed_cannot_go_on(filled: Desk) -> None:
    folder = trained(filled)
    params = filled.post("trainings/v1/resume", {}).json()["params"]
    shutil.rmtree(folder)
    with pytest.raises(NotFound, match="There is no training `v1`"):
        training.train(filled.workspace, params, _Stopping())


@pytest.mark.parametrize("lost", [False, True])
def test_a_process_that_goes_on_is_stopped_by_its_worker_alone(filled: Desk, *, lost: bool) -> None:
    folder = trained(filled)
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        orphans.note(folder, process.pid, folder / "attempt-1.jsonl", 0)
        try:
            said = {"name": "v1", "processes": 1}
            assert training.train(filled.workspace, said, _Stopping(lost)).stopped
            assert (process.poll() is None) == lost
        finally:
            process.kill()


def test_why_another_s_process_ended_is_not_made_up(filled: Desk) -> None:
    folder = trained(filled)
    (folder / "output.log").write_text("RuntimeError: device-side assert\n", "utf-8")
    with subprocess.Popen(["sleep", "1"], start_new_session=True) as process:
        orphans.note(folder, process.pid, folder / "attempt-1.jsonl", 0)
        with pytest.raises(InvalidInput) as failed:
            training.train(filled.workspace, {"name": "v1", "processes": 1}, _Stopping(stops=False))
    assert failed.value.message == (
        "The training ended in the middle (it said last: RuntimeError: device-side assert); it can "
        "go on from its last checkpoint."
    )


def test_what_ended_while_nobody_followed_it_has_a_card(filled: Desk) -> None:
    folder = trained(filled)
    refused(filled.get("trainings/v1/card"), 404, "not_found")
    (folder / "model").mkdir()
    (folder / "report.json").write_text(json.dumps({"finished": True, "stages": []}), "utf-8")
    assert "`v1`" in filled.get("trainings/v1/card").text


@dataclass
class _Stopping:
    """Has a job stop before it begins; `lost`: since somebody else has it."""

    lost: bool = False
    stops: bool = True
    once: Path | None = None
    noted: None = None

    def __call__(self, _done: int, _total: int, /) -> bool:
        return self.stops and (self.once is None or self.once.exists())

    def note(self, _connection: Any, _report: Any) -> None:
        raise AssertionError
