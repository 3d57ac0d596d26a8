"""Asking an OpenAI-compatible chat endpoint: several requests at a time, patiently.

What may pass is tried again, after a pause that doubles, or that the endpoint asks for: no
connection, a connection that breaks, too long a wait, 408, 409, 429, 5xx, or an answer that is
none. What cannot pass (400, 413, 422: the prompt is too long, say) is told of that prompt. A wrong
key or an unknown model ends the whole.

The address is the user's own, from the command line; redirects are not followed.
"""

import email.utils
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from corrigenda.errors import InvalidInput, shorten
from corrigenda.workbench.evaluating.answers import Answers
from corrigenda.workbench.evaluating.request import EvaluationRequest

if TYPE_CHECKING:
    import httpx2

TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_CONNECT = 10.0
_AGAIN = {408, 409, 425, 429}
_ENDS = {401, 403, 404, 405}
_SHOWN = 200
_LIMIT = 1 << 20  # characters of an answer
_NEWER = "max_completion_tokens"


class _Passing(Exception):
    """It may be better the next time; `after` are the seconds that the endpoint asks for."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class _Refused(Exception):
    """This question cannot be answered; the text says why."""


class _Over(Exception):
    """No question can be answered; the text says why."""


@dataclass
class Endpoint:
    """An endpoint and how it is asked; see the module.

    Attributes:
        request: Address, model and settings.
        pause: Sleeps; a test may pass another.
    """

    request: EvaluationRequest
    pause: Callable[[float], None] = time.sleep
    _limit_name: str = "max_tokens"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(
        self,
        questions: Iterable[tuple[Mapping[str, Any], int]],
        answers: Answers,
        progress: Callable[[int], None],
    ) -> None:
        """Ask (question, repeat) by (question, repeat); the answers are appended as they come.

        Raises:
            InvalidInput: The endpoint cannot be asked; what was answered is kept.
        """
        work = _Work(iter(questions), answers, progress, most=self.request.concurrency)
        with self._client() as client:
            threads = [
                threading.Thread(target=self._work, args=(client, work), daemon=True)
                for _ in range(self.request.concurrency)
            ]
            try:
                for thread in threads:
                    thread.start()
                for thread in threads:
                    while thread.is_alive():
                        thread.join(0.1)  # in parts, so that Ctrl-C is heard
            finally:
                work.stop()
        if work.failure is not None:
            raise work.failure

    def _client(self) -> "httpx2.Client":
        import httpx2

        headers = {"Accept": "application/json"}
        if self.request.api_key_env is not None:
            key = os.environ.get(self.request.api_key_env, "").strip()
            if not key or not key.isascii() or not key.isprintable():
                raise InvalidInput(
                    f"The environment variable `{self.request.api_key_env}` has no key."
                )
            headers["Authorization"] = f"Bearer {key}"
        limits = httpx2.Limits(
            max_connections=self.request.concurrency,
            max_keepalive_connections=self.request.concurrency,
        )
        timeout = httpx2.Timeout(self.request.timeout, connect=min(_CONNECT, self.request.timeout))
        return httpx2.Client(headers=headers, limits=limits, timeout=timeout)

    def _work(self, client: "httpx2.Client", work: "_Work") -> None:
        try:
            for question, repeat in work:
                try:
                    work.take(self._patiently(client, question, repeat, work))
                except _Refused as why:
                    work.take({"key": question["key"], "error": str(why)})
                except _Passing as why:
                    said = f"The endpoint does not answer: {why}"
                    work.miss({"key": question["key"], "error": said})
                except _Over as why:
                    work.fail(InvalidInput(f"{why} What was answered is kept."))
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            work.fail(error)

    def _patiently(
        self, client: "httpx2.Client", question: Mapping[str, Any], repeat: int, work: "_Work"
    ) -> dict[str, Any]:
        wait = _FIRST_PAUSE
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(client, question, repeat)
            except _Passing as why:
                if attempt == TRIES or work.stopped:
                    raise
                # Apart by chance, so that those refused together do not come again together.
                pause = wait * random.uniform(0.5, 1.0)
                self.pause(min(max(pause, why.after or 0.0), _LONGEST_PAUSE))
                wait *= 2
        raise AssertionError  # the last attempt returns or raises

    def _once(
        self, client: "httpx2.Client", question: Mapping[str, Any], repeat: int
    ) -> dict[str, Any]:
        import httpx2

        assert self.request.endpoint is not None
        asked, limit = self._body(question, repeat)
        begun = time.monotonic()
        try:
            response = client.post(
                f"{self.request.endpoint.rstrip('/')}/chat/completions",
                content=json.dumps(asked).encode("ascii"),
                headers={"Content-Type": "application/json"},
            )
        except httpx2.TimeoutException as error:
            raise _Passing(f"no answer within {self.request.timeout:g} seconds.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise _Passing(_sentence(error)) from error
        seconds = time.monotonic() - begun
        if response.status_code == 400 and limit != _NEWER and _NEWER in response.text:
            with self._lock:
                self._limit_name = _NEWER
            return self._once(client, question, repeat)
        _check(response, self.request.model)
        return {"key": question["key"], **_answer(response), "seconds": round(seconds, 4)}

    def _body(self, question: Mapping[str, Any], repeat: int) -> tuple[dict[str, Any], str]:
        with self._lock:
            limit = self._limit_name
        body = {
            "model": self.request.model,
            "messages": question["messages"],
            "temperature": self.request.temperature,
            "seed": self.request.seed + repeat,
            limit: self.request.max_new_tokens,
        }
        return {**body, "tools": question["tools"]} if question["tools"] else body, limit


class _Work:
    """The questions that several threads take from, and what became of them."""

    def __init__(
        self,
        questions: Iterator[tuple[Mapping[str, Any], int]],
        answers: Answers,
        progress: Callable[[int], None],
        most: int,
    ) -> None:
        self._questions = questions
        self._answers = answers
        self._progress = progress
        self._most = most
        self._lock = threading.Lock()
        self._done = 0
        self._missed = 0
        self.stopped = False
        self.failure: BaseException | None = None

    def __iter__(self) -> Iterator[tuple[Mapping[str, Any], int]]:
        while True:
            with self._lock:
                if self.stopped:
                    return
                found = next(self._questions, None)
            if found is None:
                return
            yield found

    def take(self, answer: Mapping[str, Any]) -> None:
        """An answer has come, or the endpoint has said that there is none."""
        self._answers.append(answer)
        with self._lock:
            self._missed = 0
            self._done += 1
            self._progress(self._done)

    def miss(self, answer: Mapping[str, Any]) -> None:
        """No answer has come, however often it was asked for; too many of these are the end."""
        self._answers.append(answer)
        with self._lock:
            self._missed += 1
            self._done += 1
            over = self._missed >= self._most
        if over:
            said = f"{answer['error']} The same command goes on from here."
            self.fail(InvalidInput(said))

    def fail(self, error: BaseException) -> None:
        """Nobody needs to ask any more."""
        with self._lock:
            self.failure = self.failure or error
            self.stopped = True

    def stop(self) -> None:
        """Let the threads end after what they are at."""
        self.stopped = True


def _check(response: "httpx2.Response", model: str) -> None:
    """Raise what a status says, unless it is an answer."""
    status = response.status_code
    if status == 200:
        return
    said = _said(response)
    reason = f"HTTP {status}{f', {said}' if said else ''}."
    if status in _AGAIN or status >= 500:
        raise _Passing(reason, _after(response.headers.get("retry-after")))
    if status in _ENDS or 300 <= status < 400:
        raise _Over(f"The endpoint refuses to answer as `{shorten(model)}`: {reason}")
    raise _Refused(f"The endpoint refuses the prompt: {reason}")


def _answer(response: "httpx2.Response") -> dict[str, Any]:
    """The parts of a chat completion that are kept.

    Raises:
        _Passing: It is none.
    """
    try:
        whole = json.loads(response.content)
        choice = whole["choices"][0]
        message = choice["message"]
        text, calls = message.get("content"), message.get("tool_calls")
        thought = message.get("reasoning_content") or message.get("reasoning")
        usage = whole.get("usage") or {}
        counted = {
            "prompt_tokens": usage.get("prompt_tokens"),
            "new_tokens": usage.get("completion_tokens"),
        }
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise _Passing("what it answers is no chat completion.") from error
    if not isinstance(text, str | None) or len(text or "") > _LIMIT:
        raise _Passing("what it answers is no text.")
    found = {
        "text": text or "",
        "reasoning": thought if isinstance(thought, str) and thought.strip() else None,
        "tool_calls": calls if _are_calls(calls) else None,
        "finish_reason": choice.get("finish_reason"),
        **{name: n if isinstance(n, int) else None for name, n in counted.items()},
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _are_calls(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _said(response: "httpx2.Response") -> str:
    """What an endpoint says of its refusal, on one line."""
    try:
        found = json.loads(response.content)
        error = found.get("error", found.get("detail", found.get("message")))
        text = error.get("message") if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        text = None
    return shorten(" ".join(text.split()), _SHOWN).rstrip(".") if isinstance(text, str) else ""


def _after(value: str | None) -> float | None:
    """The seconds of a `Retry-After`, which may be a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value[:9])
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None


def _sentence(error: Exception) -> str:
    said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return f"{shorten(said, _SHOWN)}."
