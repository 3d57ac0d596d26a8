"""A model on this machine asked again, by the Python that has torch: the small model, really."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating.models import on_this_machine
from corrigenda.workbench.evaluating.request import EvaluationRequest

LOOP = Path(__file__).parents[2] / "examples/loop"
RUN = "tiny-benchmark"

ADAPTER = """
import sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
torch.manual_seed(1)
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
config = LoraConfig(r=4, target_modules="all-linear", init_lora_weights=sys.argv[3] == "same")
get_peft_model(model, config).save_pretrained(sys.argv[2])
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "workspace") as found:
        found.import_path(LOOP / "benchmark")
        yield found


def request(python: Path, run_id: str, **fields: Any) -> EvaluationRequest:
    return EvaluationRequest(**{
        "runs": (RUN,), "run_id": run_id, "model": str(LOOP / "model"), "python": python,
        "max_new_tokens": 16, **fields,
    })  # fmt: skip


def answers(workspace: Workspace, run_id: str) -> dict[str, str]:
    """By prompt what was answered."""
    found = {}
    for name in ("candidates", "passes"):
        path = workspace.directory / "evaluations" / run_id / f"sft_{name}.jsonl"
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            found[row["prompt_messages"][-1]["content"]] = row["model_response"]
    return found


def test_the_base_again(workspace: Workspace, train_python: Path) -> None:
    done = workspace.evaluate(request(train_python, "again", limit=40))
    assert done["counts"]["prompts"] == done["counts"]["asked"] == 40
    assert done["engine"]["device"] == "cpu"
    total = workspace.compare(RUN, "again").raw.total
    assert total.of("same_failure") + total.of("kept") == 40
    # One by one, there is nothing to pad: the answers are the same.
    workspace.evaluate(request(train_python, "alone", limit=12, batch_size=1))
    alone, together = answers(workspace, "alone"), answers(workspace, "again")
    assert len(alone) == 12
    assert alone.items() <= together.items()


def test_an_adapter(workspace: Workspace, train_python: Path, tmp_path: Path) -> None:
    made = {}
    for name in ("same", "other"):
        made[name] = tmp_path / f"adapter-{name}"
        command = [train_python, "-c", ADAPTER, LOOP / "model", made[name], name]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    identities = {on_this_machine(str(each)).identity for each in (LOOP / "model", *made.values())}
    assert len(identities) == 3
    workspace.evaluate(request(train_python, "same", model=str(made["same"]), limit=8))
    total = workspace.compare(RUN, "same").raw.total
    assert total.of("same_failure") + total.of("kept") == 8
    workspace.evaluate(request(train_python, "other", model=str(made["other"]), limit=8))
    assert answers(workspace, "other") != answers(workspace, "same")


def test_greedy_is_greedy_whatever_the_model_brings(
    workspace: Workspace, train_python: Path, tmp_path: Path
) -> None:
    """A penalty for what was said before changes each of these answers."""
    shutil.copytree(LOOP / "model", tmp_path / "shy")
    path = tmp_path / "shy/generation_config.json"
    own = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**own, "repetition_penalty": 100.0}), "utf-8")
    workspace.evaluate(request(train_python, "shy", model=str(tmp_path / "shy"), limit=8))
    total = workspace.compare(RUN, "shy").raw.total
    assert total.of("same_failure") + total.of("kept") == 8


PROGRAM = """
import sys
from pathlib import Path
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating.request import EvaluationRequest
place, model, python = map(Path, sys.argv[1:])
with Workspace.open(place) as workspace:
    workspace.evaluate(EvaluationRequest(("tiny-benchmark",), "after", str(model), python=python,
                                         batch_size=1, max_new_tokens=16))
"""


def test_a_process_that_is_killed_goes_on(
    workspace: Workspace, train_python: Path, tmp_path: Path
) -> None:
    workspace.close()
    folder = tmp_path / "workspace/evaluations/after"
    command = [sys.executable, "-c", PROGRAM, tmp_path / "workspace", LOOP / "model", train_python]
    with subprocess.Popen(list(map(str, command))) as process:
        try:
            wait_for(lambda: lines(folder / "answers.jsonl") >= 3)
            children = children_of(process.pid)
            assert len(children) == 1
        finally:
            process.send_signal(signal.SIGKILL)
    wait_for(lambda: not any(alive(each) for each in children))
    there = lines(folder / "answers.jsonl")
    with (folder / "answers.jsonl").open("ab") as file:
        file.write(b'{"key": "5f')
    with Workspace.open(tmp_path / "workspace") as again:
        done = again.evaluate(request(train_python, "after"))
        assert done["counts"]["known"] == there
        assert done["counts"]["prompts"] == done["counts"]["passed"] + done["counts"]["failed"]
        total = again.compare(RUN, "after").raw.total
        assert total.of("same_failure") + total.of("kept") == total.n == done["counts"]["prompts"]


def test_what_does_not_fit_is_said(
    workspace: Workspace, train_python: Path, tmp_path: Path
) -> None:
    row = {"id": "long", "benchmark_run_id": "long", "model_response": "x",
           "prompt_messages": [{"role": "user", "content": "Copy: " + "a" * 5000}]}  # fmt: skip
    short = {**row, "id": "short", "prompt_messages": [{"role": "user", "content": "Copy: ab"}]}
    path = tmp_path / "long.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps(short) + "\n", "utf-8")
    workspace.import_path(path, format="native")
    done = workspace.evaluate(request(train_python, "after", runs=("long",)))
    (reason,) = done["errors"]
    assert "leaves no room in a context of" in reason
    assert done["counts"]["errors"] == done["counts"]["unscored"] == 1


def test_a_long_prompt_cuts_no_other_answer(
    workspace: Workspace, train_python: Path, tmp_path: Path
) -> None:
    # Of 256 tokens the template takes 18: the long one leaves two for its answer.
    rows = [
        {"id": text, "benchmark_run_id": "both", "model_response": "x",
         "prompt_messages": [{"role": "user", "content": f"Copy: {text}"}]}
        for text in ("abcd", "a" * 230)
    ]  # fmt: skip
    path = tmp_path / "both.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    workspace.import_path(path, format="native")
    workspace.evaluate(request(train_python, "after", runs=("both",)))
    text = (workspace.directory / "evaluations/after/answers.jsonl").read_text("utf-8")
    found = {each["prompt_tokens"]: each for each in map(json.loads, text.splitlines())}
    assert (found[28]["text"], found[28]["finish_reason"]) == ("abcd", "stop")
    assert found[254]["new_tokens"] == 2


def test_a_model_without_a_template(
    workspace: Workspace, train_python: Path, tmp_path: Path
) -> None:
    shutil.copytree(LOOP / "model", tmp_path / "plain")
    (tmp_path / "plain/chat_template.jinja").unlink()
    with pytest.raises(InvalidInput, match="has no chat template"):
        workspace.evaluate(request(train_python, "after", model=str(tmp_path / "plain")))
    (tmp_path / "plain/model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(InvalidInput, match="cannot be read"):
        workspace.evaluate(request(train_python, "after", model=str(tmp_path / "plain")))


def wait_for(condition: Any, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(each) for each in text.split()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
