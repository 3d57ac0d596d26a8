"""Requests that come twice, or only in part, or with too much in them."""

import json
import socket
import threading
from typing import Any

from tests.torture.client import PREFIX, Answer, Client
from tests.torture.faults.scene import Scene, attempt
from tests.torture.load import record

_TIMES = 3
_DECISIONS = 40
_CUTS = 60


def sent_twice(scene: Scene) -> None:
    """Each decision comes three times at once: it is made once, and all get the same answer."""
    scene.fill()
    with scene.serve() as served:
        for n in range(_DECISIONS):
            path, body = scene.world.decision(scene.chance, f"r{n % 3}")
            answers = _at_once(scene, served.port, path, body)
            same = len({json.dumps(each.body, sort_keys=True) for each in answers}) == 1
            scene.expect(len(answers) == _TIMES and same, f"answers differ: {answers}")
            scene.numbers["requests"] += len(answers)
    scene.judge()


def _at_once(scene: Scene, port: int, path: str, body: dict[str, Any]) -> list[Answer]:
    gate, answers = threading.Barrier(_TIMES), list[Answer | None]()

    def send() -> None:
        with Client(port) as client:
            gate.wait()
            answers.append(attempt(lambda: scene.world.ledger.send(client, path, body)))

    threads = [threading.Thread(target=send) for _ in range(_TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def half_sent(scene: Scene) -> None:
    """A decision, and candidates, that are cut off at any byte: nothing comes of them."""
    scene.fill()
    with scene.serve() as served:
        decision = {"id": "file-1", "action": "discard", "decision_id": "half"}
        _cut(scene, served.port, _request("submit", json.dumps(decision).encode("ascii")))
        line = json.dumps(record("half")).encode("ascii")  # the only one, and without its end
        _cut(scene, served.port, _request("candidates", line, "application/x-ndjson"))
        with Client(served.port) as client:
            scene.expect(client.get("candidate?id=half").status == 404, "half a candidate came")
            history = client.get("candidate/history?id=file-1").body["decisions"]
            scene.expect(not history, f"half a decision was made: {history}")
            body = {"id": "file-1", "action": "discard", "decision_id": "whole"}
            answer = scene.world.ledger.send(client, "submit", body)
            scene.expect(answer.ok, f"and now no whole one: {answer}")
    scene.judge()


def _request(path: str, body: bytes, media: str = "application/json") -> bytes:
    head = (
        f"POST {PREFIX}/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _cut(scene: Scene, port: int, request: bytes) -> None:
    for n in range(_CUTS):
        at = scene.chance.randrange(len(request)) if n else len(request) - 1
        with socket.create_connection(("127.0.0.1", port), timeout=30) as wire:
            wire.sendall(request[:at])
            if n % 2:  # it says that it has ended; else it is reset
                wire.shutdown(socket.SHUT_WR)
                wire.recv(65536)
        scene.numbers["requests"] += 1
