"""Asking an OpenAI-compatible chat endpoint: several requests at a time, patiently.

What may pass is tried again, after a pause that doubles, or that the endpoint asks for: no
connection, a connection that breaks, too long a wait, 408, 409, 429, 5xx, or an answer that is
none. What cannot pass (400, 413, 422: the prompt is too long, say) and what does not pass is told
of that prompt, and the others are asked. A wrong key or an unknown model ends the whole, and so
does an endpoint that has answered nothing at all.

The address is the user's own, from the command line; redirects are not followed.
"""

import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corrigenda.errors import InvalidInput
from corrigenda.workbench.evaluating.answers import Answers
from corrigenda.workbench.evaluating.replies import Over, Passing, Refused, Reply, one_line, read
from corrigenda.workbench.evaluating.request import EvaluationRequest

if TYPE_CHECKING:
    import httpx2

TRIES = 6
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_CONNECT = 10.0
_MISSES = 8
"""Questions in a row without an answer, after which an endpoint that gave none is given up."""

_NEWER = "max_completion_tokens"


@dataclass
class Endpoint:
    """An endpoint and how it is asked; see the module.

    Attributes:
        request: Address, model and settings.
        pause: Sleeps, if not as usual; for tests.
    """

    request: EvaluationRequest
    pause: Callable[[float], None] | None = None
    _limit_name: str = "max_tokens"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(
        self,
        questions: Iterable[tuple[Mapping[str, Any], int]],
        answers: Answers,
        progress: Callable[[int], None],
    ) -> None:
        """Ask (question, repeat) by (question, repeat); the answers are appended as they come.

        What `progress` raises ends it.

        Raises:
            InvalidInput: The endpoint cannot be asked; what was answered is kept.
        """
        work = _Work(iter(questions), answers)
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
                        progress(work.done)
            finally:
                work.close()
        progress(work.done)
        if work.failure is None and work.unanswered is not None and not len(answers):
            work.fail(InvalidInput(work.unanswered))
        if work.failure is not None:
            raise work.failure

    def _client(self) -> "httpx2.Client":
        import httpx2

        headers = {"Accept": "application/json"}
        if (key := self._key()) is not None:
            headers["Authorization"] = f"Bearer {key}"
        limits = httpx2.Limits(
            max_connections=self.request.concurrency,
            max_keepalive_connections=self.request.concurrency,
        )
        timeout = httpx2.Timeout(self.request.timeout, connect=min(_CONNECT, self.request.timeout))
        # Neither a proxy nor a password of the environment's: only what the command line says.
        return httpx2.Client(headers=headers, limits=limits, timeout=timeout, trust_env=False)

    def _key(self) -> str | None:
        if self.request.api_key_env is None:
            return None
        key = os.environ.get(self.request.api_key_env, "").strip()
        if not key or not key.isascii() or not key.isprintable():
            raise InvalidInput(f"The environment variable `{self.request.api_key_env}` has no key.")
        return key

    def _work(self, client: "httpx2.Client", work: "_Work") -> None:
        try:
            for question, repeat in work:
                try:
                    work.take(self._patiently(client, question, repeat, work))
                except Refused as why:
                    work.take({"key": question["key"], "error": str(why)})
                except Passing as why:
                    said = f"The endpoint does not answer: {why}"
                    work.miss({"key": question["key"], "error": said})
                except Over as why:
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
            except Passing as why:
                if attempt == TRIES or work.stopped.is_set():
                    raise
                # Apart by chance, so that those refused together do not come again together.
                pause = wait * random.uniform(0.5, 1.0)
                (self.pause or work.stopped.wait)(min(max(pause, why.after or 0.0), _LONGEST_PAUSE))
                if work.stopped.is_set():
                    raise
                wait *= 2
        raise AssertionError  # the last attempt returns or raises

    def _once(
        self, client: "httpx2.Client", question: Mapping[str, Any], repeat: int
    ) -> dict[str, Any]:
        import httpx2

        assert self.request.endpoint is not None
        asked, limit = self._body(question, repeat)
        begun = time.monotonic()
        key = self._key()
        try:
            with client.stream(
                "POST",
                f"{self.request.endpoint.rstrip('/')}/chat/completions",
                content=json.dumps(asked).encode("ascii"),
                headers={"Content-Type": "application/json"},
            ) as response:
                body = read(response.iter_bytes(), begun + self.request.timeout)
        except (httpx2.TimeoutException, TimeoutError) as error:
            raise Passing(f"no answer within {self.request.timeout:g} seconds.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            said = one_line(str(error), key).rstrip(".") or type(error).__name__
            raise Passing(f"{said}.") from error
        seconds = time.monotonic() - begun
        reply = Reply(response.status_code, response.headers, body, key)
        if reply.status == 400 and limit != _NEWER and _NEWER.encode() in body:
            with self._lock:
                self._limit_name = _NEWER
            return self._once(client, question, repeat)
        reply.check(self.request.model)
        return {"key": question["key"], **reply.answer(), "seconds": round(seconds, 4)}

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
    """The questions that several threads take from, and what became of them.

    `stopped` is set when nobody needs to ask any more; `unanswered` says why nothing was answered;
    `done` counts what is answered or will not be.
    """

    def __init__(
        self,
        questions: Iterator[tuple[Mapping[str, Any], int]],
        answers: Answers,
    ) -> None:
        self._questions = questions
        self._answers = answers
        self._lock = threading.Lock()
        self._missed = 0
        self._answered = self._closed = False
        self.done = 0
        self.stopped = threading.Event()
        self.failure: BaseException | None = None
        self.unanswered: str | None = None

    def __iter__(self) -> Iterator[tuple[Mapping[str, Any], int]]:
        while True:
            with self._lock:
                if self.stopped.is_set():
                    return
                found = next(self._questions, None)
            if found is None:
                return
            yield found

    def take(self, answer: Mapping[str, Any]) -> None:
        """An answer has come, or the endpoint has said that there is none."""
        with self._lock:
            self._answered, self.unanswered = True, None
            self._keep(answer)

    def miss(self, answer: Mapping[str, Any]) -> None:
        """No answer has come, however often it was asked for; nothing but these is the end."""
        with self._lock:
            self._missed += 1
            self._keep(answer)
            said = f"{answer['error']} The same command goes on from here."
            self.unanswered = None if self._answered else said
            over = self._missed >= _MISSES and not self._answered
        if over:
            self.fail(InvalidInput(said))

    def _keep(self, answer: Mapping[str, Any]) -> None:
        if self._closed:  # the folder may be another's by now
            return
        self._answers.append(answer)
        self.done += 1

    def fail(self, error: BaseException) -> None:
        """Nobody needs to ask any more; what is being answered is kept."""
        with self._lock:
            self.failure = self.failure or error
            self.stopped.set()

    def close(self) -> None:
        """Let the threads end; what still comes is not kept."""
        with self._lock:
            self._closed = True
            self.stopped.set()
