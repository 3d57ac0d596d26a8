"""A re-evaluation of a whole workspace: what is asked, scored, brought in and compared."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import ConfigError, Conflict, InvalidInput, UnknownRun
from corrigenda.workbench import Workspace
from tests.fixtures.chat_endpoint import ChatEndpoint, said
from tests.workbench.evaluating.asking import filled, request, sample


def folder_of(workspace: Workspace, run_id: str = "after") -> Path:
    return workspace.directory / "evaluations" / run_id


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_fixed_and_failed_again(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(
        workspace,
        [sample("a", "2 and 2?"), sample("b", "2 and 3?", reference_answer="5", held_out=True)],
        [sample("c", "3 and 1?"), sample("d", "3 and 2?", reference_answer="5")],
    )
    done = workspace.evaluate(request(server))
    assert done["counts"] == {
        "prompts": 4, "held_out": 1, "asked": 4, "known": 0, "passed": 2, "failed": 2,
        "unscored": 0, "errors": 0, "cut": 0,
    }  # fmt: skip
    assert done["imported"] == {"imported": 2, "skipped": 0, "passes": 2, "held_out": 1}
    found = workspace.compare("before", "after")
    by = {each["a"]["candidates"][0] if each["a"]["candidates"] else each["a"]["passes"][0]:
          each["outcome"] for each in found.prompts}  # fmt: skip
    assert by == {"a": "fixed", "b": "different_failure", "c": "kept", "d": "regressed"}
    assert found.raw.groups["split"]["held_out"].n == 1


def test_the_record(workspace: Workspace, server: ChatEndpoint) -> None:
    tool = {"type": "function", "function": {"name": "add", "description": "", "parameters": {}}}
    filled(workspace, [sample("a", "2 and 2?", tools=[tool], held_out=True, task_id="t1")])
    server.models["small"] = lambda _: {
        "content": "<think>Hm.</think>\n\n3", "finish_reason": "length"
    }  # fmt: skip
    done = workspace.evaluate(request(server, max_new_tokens=3))
    (made,) = [each for each in workspace.candidates() if each["id"] != "a"]
    assert made.pop("timestamp").endswith("Z")
    assert made.pop("tokens_per_sec") > 0
    assert made.pop("id")
    assert made == {
        "source": "evaluate",
        "benchmark_run_id": "after",
        "prompt_messages": [{"role": "user", "content": "2 and 2?"}],
        "tools": [tool],
        "model_response": "3",
        "reasoning": "Hm.",
        "reference_answer": "4",
        "quality_score": 0.0,
        "failure_reason": "Expected `4`, found `3`. It was cut after 3 tokens.",
        "task_id": "t1",
        "task_type": "math",
        "task_name": "sums",
        "model_id": "small",
        "model_name": "small",
        "scoring": {"kind": "exact", "params": {}},
        "generation": {"temperature": 0.0, "max_new_tokens": 3},
        "parent_id": "a",
        "held_out": True,
        "metadata": {
            "evaluated": {
                "model": done["model"]["identity"],
                "repeat": 0,
                "finish_reason": "length",
                "prompt_tokens": 9,
                "new_tokens": 3,
                "endpoint": server.address,
            }
        },
        "status": "discarded",
        "corrected_response": None,
        "failure_category": None,
    }


def test_nothing_is_asked_twice(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 2?"), sample("b", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server, limit=1))
    assert len(server.requests) == 1
    done = workspace.evaluate(request(server, repeats=2))
    assert (len(server.requests), done["counts"]["known"]) == (4, 1)
    again = workspace.evaluate(request(server, repeats=2))
    assert len(server.requests) == 4
    assert again["imported"] == {"imported": 0, "skipped": 2}
    assert sum(each["benchmark_run_id"] == "after" for each in workspace.candidates()) == 2


def test_a_smaller_evaluation_takes_nothing_from_the_run(
    workspace: Workspace, server: ChatEndpoint
) -> None:
    wrong = [sample(f"a{n}", f"{n} and 4?", reference_answer=str(n)) for n in range(6)]
    filled(workspace, [*wrong, sample("h", "h?", held_out=True)])
    first = workspace.evaluate(request(server, repeats=2))
    files = [(folder_of(workspace) / f"sft_{name}.jsonl") for name in ("candidates", "passes")]
    whole = [lines(each) for each in files]
    for smaller in ({"limit": 1}, {"held_out": True}, {"failures_only": True}, {"limit": 2}):
        done = workspace.evaluate(request(server, **smaller))
        expected = {**first["counts"], "asked": 0, "known": done["counts"]["known"]}
        assert done["counts"] == expected
        assert [[e["id"] for e in lines(each)] for each in files] == [
            [e["id"] for e in each] for each in whole
        ]
    assert [each["limit"] for each in done["earlier"]] == [None, 1, None, None]


def test_a_run_has_answers_of_one_model(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 2?")])
    workspace.evaluate(request(server))
    for other in ({"model": "large"}, {"temperature": 1.0}, {"max_new_tokens": 9}):
        with pytest.raises(InvalidInput, match="another model, or by other settings"):
            workspace.evaluate(request(server, **other))
    workspace.evaluate(request(server, model="large", run_id="larger"))
    assert workspace.compare("after", "larger").raw.total.of("regressed") == 1
    with pytest.raises(InvalidInput, match="is here already"):
        workspace.evaluate(request(server, runs=("after",), run_id="before"))


def test_what_was_cut_off_while_it_was_brought_in_goes_on(
    workspace: Workspace, server: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, [sample("a", "2 and 2?"), sample("b", "2 and 3?", reference_answer="5")])
    bring_in = workspace._import

    def cut_off(*asked: Any) -> Any:
        bring_in(*asked)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(workspace, "_import", cut_off)
        with pytest.raises(KeyboardInterrupt):
            workspace.evaluate(request(server))
    manifest = folder_of(workspace) / "evaluation.json"
    assert json.loads(manifest.read_text("utf-8"))["finished_at"] is None
    done = workspace.evaluate(request(server))
    assert (done["counts"]["known"], done["counts"]["passed"]) == (2, 1)
    assert json.loads(manifest.read_text("utf-8"))["finished_at"]


def test_a_verdict_that_was_brought_in_stays(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server))
    workspace.change_references("a", "accept", "4", version=0)
    assert workspace.evaluate(request(server))["counts"]["failed"] == 1
    (made,) = lines(folder_of(workspace) / "sft_candidates.jsonl")
    assert (made["quality_score"], made["failure_reason"]) == (
        0.0, "It failed when it was brought in; it would pass now."
    )  # fmt: skip
    assert workspace.evaluate(request(server, run_id="later"))["counts"]["passed"] == 1


def test_what_cannot_be_scored_is_counted(workspace: Workspace, server: ChatEndpoint) -> None:
    judged = {"kind": "other", "name": "judge", "params": {}}
    filled(
        workspace,
        [
            sample("a", "A joke?", reference_answer=None, scoring=judged),
            sample("b", "A poem?", reference_answer=None, scoring=None),
            sample("c", "A song?", reference_answer=None, scoring=judged, model_response="4"),
        ],
    )
    workspace.submit("b", "correct", corrected_response="Roses.", failure_category="wrong_answer")
    done = workspace.evaluate(request(server))
    assert (done["counts"]["unscored"], done["counts"]["failed"]) == (2, 1)
    assert done["unscored"] == {
        "The rule `judge` can only be run by its harness.": 1,
        "The log names neither a rule nor a reference.": 1,
    }
    (made,) = lines(folder_of(workspace) / "sft_candidates.jsonl")
    assert made["failure_reason"] == "The same answer failed before."
    assert workspace.compare("before", "after").only_a == 2


def test_the_workspace_may_have_a_rule(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 2?", scoring=None)])
    server.models["small"] = said("It is 4.")
    assert workspace.evaluate(request(server))["counts"]["unscored"] == 1
    config = workspace.config_dir / "label_tool.yaml"
    config.write_text("sft: {scoring: {kind: numeric, params: {take: last}}}\n", "utf-8")
    assert workspace.evaluate(request(server))["counts"]["passed"] == 1
    assert lines(folder_of(workspace) / "sft_passes.jsonl")[0]["scoring"]["kind"] == "numeric"
    config.write_text("sft: {scoring: {kind: other}}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"`sft\.scoring` needs a `kind`"):
        workspace.evaluate(request(server))


def test_no_answer_is_wrong(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 2?")])
    server.models["small"] = said("<think>2 and 2 and")
    assert workspace.evaluate(request(server))["counts"]["failed"] == 1


def test_which_prompts(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(
        workspace,
        [sample(f"w{n}", f"w{n}?", held_out=n == 0) for n in range(3)],
        [sample(f"r{n}", f"r{n}?", held_out=n == 0) for n in range(3)],
    )
    wanted: dict[str, dict[str, Any]] = {
        "one": {"held_out": True}, "two": {"failures_only": True}, "three": {"limit": 4},
        "four": {"held_out": True, "failures_only": True},
    }  # fmt: skip
    asked = {
        run: workspace.evaluate(request(server, run_id=run, **which))["counts"]["prompts"]
        for run, which in wanted.items()
    }
    assert asked == {"one": 2, "two": 3, "three": 4, "four": 1}
    with pytest.raises(UnknownRun, match="known are"):
        workspace.evaluate(request(server, runs=("befor",)))


def test_what_was_not_answered_is_asked_again(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 2?"), sample("b", "4 and 0?")])
    server.faults = [400]
    done = workspace.evaluate(request(server))
    assert (done["counts"]["errors"], done["counts"]["passed"]) == (1, 1)
    assert list(done["errors"]) == ["The endpoint refuses the prompt: HTTP 400, It is 400."]
    done = workspace.evaluate(request(server))
    assert (done["counts"]["errors"], done["counts"]["passed"]) == (0, 2)
    assert workspace.compare("before", "after").raw.total.of("fixed") == 2


def test_what_failed_before_is_asked_last(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample(f"a{n}", f"{n} and {n}?") for n in range(4)])
    server.faults = [400]
    workspace.evaluate(request(server, limit=1))
    (first,) = server.requests
    workspace.evaluate(request(server, concurrency=1))
    assert [each["messages"] for each in server.requests].index(first["messages"], 1) == 4


def test_a_failure_of_the_endpoint_brings_in_nothing(
    workspace: Workspace, server: ChatEndpoint
) -> None:
    filled(workspace, [sample(f"a{n}", f"{n} and {n}?") for n in range(4)])
    server.faults = [None, 401]
    with pytest.raises(InvalidInput, match="What was answered is kept"):
        workspace.evaluate(request(server, concurrency=1))
    assert len(list(workspace.candidates())) == 4
    done = workspace.evaluate(request(server))
    assert (done["counts"]["known"], done["counts"]["passed"]) == (1, 4)


def test_tool_calls_written_as_text(workspace: Workspace, server: ChatEndpoint) -> None:
    tool = {"type": "function", "function": {"name": "add", "description": "", "parameters": {}}}
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
    filled(workspace, [sample("a", "2 and 2?", tools=[tool], tool_calls=[call],
                              model_response=None, scoring=None)])  # fmt: skip
    server.models["small"] = said('<tool_call>{"name": "add", "arguments": {"a": 2}}</tool_call>')
    done = workspace.evaluate(request(server))
    assert done["counts"]["failed"] == 1
    (made,) = lines(folder_of(workspace) / "sft_candidates.jsonl")
    assert made["tool_calls"] == [call]
    assert made["failure_reason"] == "The same answer failed before."


@pytest.mark.parametrize(
    "fields",
    [
        {"run_id": "before"}, {"run_id": "../x"}, {"run_id": ""}, {"runs": ()}, {"model": " "},
        {"temperature": -1}, {"temperature": float("nan")}, {"max_new_tokens": 0}, {"repeats": 0},
        {"seed": -1}, {"limit": 0}, {"concurrency": 0}, {"timeout": 0.0},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        request(ChatEndpoint(address="http://h/v1"), **fields).check()


PROGRAM = """
import sys
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating.request import EvaluationRequest
with Workspace.open(sys.argv[1]) as workspace:
    workspace.evaluate(EvaluationRequest(("before",), "after", "small", sys.argv[2], concurrency=2))
"""


def test_a_process_that_is_killed_goes_on(tmp_path: Path, server: ChatEndpoint) -> None:
    killed = threading.Event()

    def slowly(_body: dict[str, Any]) -> dict[str, Any]:
        if len(server.requests) > 15:
            killed.wait(30)
        return {"content": "4"}

    server.models["small"] = slowly
    place = tmp_path / "workspace"
    with Workspace.open(place) as workspace:
        filled(workspace, [sample(f"a{n}", f"{n} and {n}?") for n in range(60)])
    answers = place / "evaluations/after/answers.jsonl"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, place, server.address]) as process:
        try:
            until = time.monotonic() + 60
            while not (answers.exists() and answers.read_bytes().count(b"\n") > 10):
                assert time.monotonic() < until
                time.sleep(0.02)
            with Workspace.open(place) as second, pytest.raises(Conflict, match="Another process"):
                second.evaluate(request(server))
        finally:
            process.send_signal(signal.SIGKILL)
            killed.set()
    with answers.open("ab") as file:
        file.write(b'{"key": "half')
    before = answers.read_bytes().count(b"\n")
    asked = len(server.requests)
    with Workspace.open(place) as workspace:
        done = workspace.evaluate(request(server))
    assert done["counts"]["known"] == before
    assert done["counts"]["passed"] == 60
    assert len(server.requests) - asked <= 60 - before
    assert len(lines(answers)) == 60
