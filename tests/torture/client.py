"""A client as simple as can be: one connection, one request at a time, no retries of its own."""

import http.client
import json
from dataclasses import dataclass
from typing import Any, Self

PREFIX = "/api/sft"
BROKEN = (OSError, http.client.HTTPException, ValueError)
"""What a connection raises whose server was killed: no answer, or half of one."""


@dataclass(frozen=True)
class Answer:
    """A status and what came with it: JSON if it is any, else text."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return self.status < http.HTTPStatus.BAD_REQUEST


class Client:
    """Speaks to a server on loopback; not to be shared between threads."""

    def __init__(self, port: int, token: str | None = None, *, timeout: float = 30) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> Answer:
        # ASCII: a lone surrogate must get there.
        return self.ask("POST", path, json.dumps(body).encode("ascii"))

    def ask(
        self, method: str, path: str, body: bytes | None = None, media: str = "application/json"
    ) -> Answer:
        """Send a request below `/api/sft` and wait.

        Raises:
            OSError, http.client.HTTPException, ValueError: There was no whole answer; see `BROKEN`.
        """
        headers = {"Content-Type": media} if body is not None else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            self._connection.request(method, f"{PREFIX}/{path}", body, headers)
            answer = self._connection.getresponse()
            data = answer.read()
        except BROKEN:
            self._connection.close()
            raise
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return Answer(answer.status, json.loads(data) if is_json else data.decode("utf-8"))
