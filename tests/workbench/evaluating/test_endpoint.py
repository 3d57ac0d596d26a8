"""Asking an endpoint over real HTTP: what passes is tried again, what does not is said."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.workbench.evaluating import replies
from corrigenda.workbench.evaluating.answers import Answers
from corrigenda.workbench.evaluating.endpoint import TRIES, Endpoint
from tests.fixtures.chat_endpoint import (
    CUT,
    GARBAGE,
    NO_CHOICE,
    SLOW,
    TRICKLE,
    ChatEndpoint,
    chat_endpoint,
    said,
)
from tests.workbench.evaluating.asking import request


@pytest.fixture
def server() -> Iterator[ChatEndpoint]:
    with chat_endpoint(small=said("4")) as found:
        yield found


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(tmp_path / "answers.jsonl")


def question(n: int = 0, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"What is {n} and {n}?"}]
    return {"key": f"{n:064x}", "messages": messages, "tools": [], **more}


def ask(
    server: ChatEndpoint, answers: Answers, n: int = 1, **fields: Any
) -> tuple[list[float], list[int]]:
    """Ask n questions without waiting; returns the pauses that were asked for, and the progress."""
    pauses: list[float] = []
    progress: list[int] = []
    fields = {"concurrency": 1, **fields}
    with_pauses = Endpoint(request(server, **fields), pause=pauses.append)
    with_pauses.ask(((question(i), 0) for i in range(n)), answers, progress.append)
    return pauses, progress


def test_the_request(server: ChatEndpoint, answers: Answers) -> None:
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    with_tools = Endpoint(request(server, temperature=0.5, max_new_tokens=7, seed=3))
    with_tools.ask([(question(1, tools=[tool]), 2)], answers, lambda _: None)
    assert server.requests == [{
        "model": "small",
        "messages": [{"role": "user", "content": "What is 1 and 1?"}],
        "temperature": 0.5,
        "seed": 5,
        "max_tokens": 7,
        "tools": [tool],
    }]  # fmt: skip
    found = answers.get(f"{1:064x}")
    assert found is not None
    assert found["text"] == "4"
    assert found["finish_reason"] == "stop"
    assert (found["prompt_tokens"], found["new_tokens"]) == (9, 3)


def test_reasoning_and_tool_calls_are_kept(server: ChatEndpoint, answers: Answers) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    server.models["small"] = lambda _: {
        "content": None, "reasoning_content": "2 and 2", "tool_calls": [call]
    }  # fmt: skip
    ask(server, answers)
    found = answers.get(f"{0:064x}")
    assert found is not None
    assert (found["text"], found["reasoning"], found["tool_calls"]) == ("", "2 and 2", [call])


def test_several_at_once(server: ChatEndpoint, answers: Answers) -> None:
    def slowly(body: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.05)
        return {"content": body["messages"][0]["content"]}

    server.models["small"] = slowly
    _, progress = ask(server, answers, 20, concurrency=4)
    assert server.most_at_once == 4
    assert progress == sorted(progress)
    assert progress[-1] == 20
    assert [answers.get(f"{n:064x}")["text"] for n in range(20)] == [  # type: ignore[index]
        f"What is {n} and {n}?" for n in range(20)
    ]


@pytest.mark.parametrize("fault", [429, 500, 503, 408, CUT, GARBAGE, NO_CHOICE])
def test_what_may_pass_is_tried_again(server: ChatEndpoint, answers: Answers, fault: Any) -> None:
    server.faults = [fault, fault]
    pauses, _ = ask(server, answers)
    assert len(server.requests) == 3
    assert answers.get(f"{0:064x}") is not None
    assert 0.25 <= pauses[0] <= 0.5 <= pauses[1] <= 1.0


def test_too_slow_is_tried_again(server: ChatEndpoint, answers: Answers) -> None:
    server.faults, server.slow = [SLOW], 1.0
    ask(server, answers, timeout=0.2)
    assert len(server.requests) == 2
    assert len(answers) == 1


def test_a_reply_that_trickles_is_too_slow(server: ChatEndpoint, answers: Answers) -> None:
    server.faults, server.slow = [TRICKLE], 5.0
    begun = time.monotonic()
    ask(server, answers, timeout=0.3)
    assert time.monotonic() - begun < 4
    assert len(answers) == 1


@pytest.mark.parametrize("n", [10**400, -1, True, 1e300, "3", [3]], ids=str)
def test_a_count_that_is_none(server: ChatEndpoint, answers: Answers, n: Any) -> None:
    server.models["small"] = said("4", usage={"completion_tokens": n}, finish_reason=[n])
    ask(server, answers)
    found = answers.get(f"{0:064x}")
    assert found is not None
    assert found.keys() == {"key", "text", "at", "seconds"}


def test_what_cannot_be_kept_is_told_of_its_prompt(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "BODY", 1 << 20)
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    call = {"type": "function", "function": {"name": "add", "arguments": deep}}
    answer: list[dict[str, Any]] = [
        {"content": None, "tool_calls": [call]}, {"content": "4" * (2 << 20)}, {"content": "4"}
    ]  # fmt: skip
    server.models["small"] = lambda _: answer[len(server.requests) - 1]
    ask(server, answers, 3)
    assert [answers.error(f"{n:064x}") for n in range(3)] == [
        "What the endpoint answers is nested too deeply.",
        "What the endpoint answers is longer than 1 MiB.",
        None,
    ]


@pytest.mark.parametrize(
    ("after", "pause"),
    [("7", 7.0), ("0", None), ("9999", 60.0), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("?", None)],
)
def test_it_waits_as_long_as_it_is_asked_to(
    server: ChatEndpoint, answers: Answers, after: str, pause: float | None
) -> None:
    server.faults = [(429, after)]
    (found,), _ = ask(server, answers)
    assert found == pause if pause is not None else found <= 0.5


def test_a_prompt_that_is_refused_is_told_of(server: ChatEndpoint, answers: Answers) -> None:
    server.faults = [None, 400]
    ask(server, answers, 3)
    assert len(answers) == 2
    assert answers.error(f"{1:064x}") == "The endpoint refuses the prompt: HTTP 400, It is 400."


@pytest.mark.parametrize("fault", [401, 403, 404, 302])
def test_who_refuses_everything_is_asked_no_more(
    server: ChatEndpoint, answers: Answers, fault: int
) -> None:
    server.faults = [None, fault]
    with pytest.raises(InvalidInput, match=f"refuses to answer as `small`: HTTP {fault}"):
        ask(server, answers, 9)
    assert len(server.requests) == 2
    assert len(answers) == 1


def test_an_endpoint_that_stays_away_is_given_up(server: ChatEndpoint, answers: Answers) -> None:
    server.faults = [503] * 100
    with pytest.raises(InvalidInput, match=r"HTTP 503, It is 503\. The same command goes on"):
        ask(server, answers, 20)
    assert len(server.requests) == 8 * TRIES
    assert len(answers) == 0


def test_one_that_has_answered_is_asked_all(server: ChatEndpoint, answers: Answers) -> None:
    server.faults = [None, *[503] * 10 * TRIES]
    ask(server, answers, 12)
    assert len(answers) == 2


def test_nobody_is_there(answers: Answers) -> None:
    with chat_endpoint() as gone:
        pass
    with pytest.raises(InvalidInput, match="The endpoint does not answer: "):
        ask(gone, answers)


def test_one_that_fails_again_and_again_does_not_stop_the_others(
    server: ChatEndpoint, answers: Answers
) -> None:
    def mostly(body: dict[str, Any]) -> dict[str, Any]:
        return {"content": [] if "0 and 0" in body["messages"][0]["content"] else "4"}

    server.models["small"] = mostly
    ask(server, answers, 5, concurrency=1)
    assert len(answers) == 4
    assert "no text" in (answers.error(f"{0:064x}") or "")


def test_the_newer_name_of_the_limit(server: ChatEndpoint, answers: Answers) -> None:
    server.faults = ["`max_tokens` is not supported; use `max_completion_tokens`."]
    ask(server, answers, 2, max_new_tokens=7)
    assert [each.get("max_completion_tokens") for each in server.requests] == [None, 7, 7]
    assert len(answers) == 2


def test_the_key(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.key = "s3cret"
    with pytest.raises(InvalidInput, match="HTTP 401, Wrong key"):
        ask(server, answers)
    with pytest.raises(InvalidInput, match="`OUR_KEY` has no key"):
        ask(server, answers, api_key_env="OUR_KEY")
    monkeypatch.setenv("OUR_KEY", "s3cret\n")
    ask(server, answers, api_key_env="OUR_KEY")
    assert len(answers) == 1
    assert "s3cret" not in (tmp_path / "answers.jsonl").read_text("utf-8")
    assert "s3cret" not in json.dumps(server.requests)


KEY = "s3cret-and-long"


def test_a_key_that_is_repeated_is_written_nowhere(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.key = KEY
    monkeypatch.setenv("OUR_KEY", KEY)
    server.faults = [f"{'x' * 190} Bearer {KEY} is no key.", f"Not with {KEY}."]
    call = {"type": "function", "function": {"name": KEY, "arguments": {KEY: [KEY]}}}
    server.models["small"] = said(f"It is {KEY}.", reasoning=f"With {KEY}.", tool_calls=[call])
    ask(server, answers, 3, api_key_env="OUR_KEY")
    assert answers.error(f"{1:064x}") == "The endpoint refuses the prompt: HTTP 400, Not with …."
    found = answers.get(f"{2:064x}")
    assert found is not None
    assert (found["text"], found["reasoning"]) == ("It is ….", "With ….")
    assert "s3cret" not in (tmp_path / "answers.jsonl").read_text("utf-8")
    server.faults = [(401, None)]
    server.key = None
    monkeypatch.setenv("OUR_KEY", "It is 401")
    with pytest.raises(InvalidInput) as over:
        ask(server, answers, 4, api_key_env="OUR_KEY")
    assert "HTTP 401, …" in over.value.message


def test_a_placeholder_for_a_key_may_be_a_word(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_KEY", "EMPTY")
    server.models["small"] = said("The set is EMPTY.")
    ask(server, answers, api_key_env="OUR_KEY")
    found = answers.get(f"{0:064x}")
    assert found is not None
    assert found["text"] == "The set is EMPTY."


def test_what_comes_after_an_interruption_is_not_kept(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        while not server.requests:
            time.sleep(0.01)
        raise KeyboardInterrupt

    def answer(_body: dict[str, Any]) -> dict[str, Any]:
        return {"content": [] if len(server.requests) == 1 else "4"}  # so it is tried again

    server.models["small"] = answer
    before = set(threading.enumerate())
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Endpoint(request(server, concurrency=1)).ask(
                ((question(i), 0) for i in range(3)), answers, lambda _: None
            )
    left = [each for each in threading.enumerate() if each not in before]
    for each in left:
        each.join(5)
    assert (len(answers), answers.error(f"{0:064x}")) == (0, None)


def test_the_environments_proxy_is_not_used(
    server: ChatEndpoint, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ask(server, answers)
    assert len(answers) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:8000", "file:///etc/passwd", "http://", "http://u:p@h/v1", "http://h/v1?key=1",
     "http://h:99999/v1", "http://[::1/v1"],
)  # fmt: skip
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        request(ChatEndpoint(address=address)).check()
    assert "u:p" not in refused.value.message
