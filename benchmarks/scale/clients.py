"""A lean HTTP client: what is measured is the server, on the same two cores."""

import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from typing import Any, Self

Figures = dict[str, float]
"""Name → value, as the results keep them; times in milliseconds."""

_LARGE = 2**20


class Client:
    """One connection, kept open.

    Example:
        >>> with Client("http://127.0.0.1:8787") as client:  # doctest: +SKIP
        ...     client.get("/healthz")
        b'{"status":"ok"}'
    """

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._socket = socket.create_connection((host, int(port)), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = f"Host: {host}:{port}\r\n"
        self.head = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def get(self, path: str) -> bytes:
        """The body of an answer, which must be a good one; its head is in `head`."""
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._host}\r\n".encode("ascii"))

    def post(self, path: str, value: object) -> bytes:
        """The same for a request with a JSON body."""
        body = json.dumps(value).encode("ascii")
        head = (
            f"POST {path} HTTP/1.1\r\n{self._host}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return self._ask(head.encode("ascii") + body)

    def _ask(self, request: bytes) -> bytes:
        self._socket.sendall(request)
        data = self._socket.recv(_LARGE)
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        self.head = data[:end].decode("latin-1")
        (length,) = (
            int(line.partition(":")[2])
            for line in self.head.split("\r\n")
            if line.lower().startswith("content-length:")
        )
        parts, missing = [data[end + 4 :]], length - (len(data) - end - 4)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        body = b"".join(parts)
        if " 200 " not in self.head.partition("\r\n")[0]:
            raise RuntimeError(f"{request[:200]!r}: {self.head.splitlines()[0]} {body[:500]!r}")
        return body

    def _more(self) -> bytes:
        data = self._socket.recv(_LARGE)
        if not data:
            raise RuntimeError("the server has closed the connection")
        return data


@dataclass(frozen=True)
class Asked:
    """A request to time: `GET` without a body."""

    path: str
    body: Any = None

    def by(self, client: Client) -> bytes:
        """Ask it."""
        return client.get(self.path) if self.body is None else client.post(self.path, self.body)


def timed(client: Client, asked: Sequence[Asked], warm_up: int = 10) -> Figures:
    """The time until each answer is there, of requests one after another.

    The first ones are asked once more than they are counted, so that what is loaded once is.
    """
    for each in asked[:warm_up] if asked and asked[0].body is None else ():
        each.by(client)
    times = []
    for each in asked:
        begin = time.perf_counter()
        each.by(client)
        times.append((time.perf_counter() - begin) * 1000)
    return percentiles(times)


def percentiles(times: Sequence[float]) -> Figures:
    """Of times in milliseconds.

    Example:
        >>> percentiles([1.0, 2.0, 3.0])
        {'p50': 2.0, 'p95': 3.0, 'p99': 3.0}
    """
    ordered = sorted(times)
    last = len(ordered) - 1
    return {f"p{n}": ordered[round(last * n / 100)] for n in (50, 95, 99)}


def together(address: str, parts: Sequence[Sequence[Asked]]) -> Figures:
    """What several clients get at once, each in a process of its own and with its own requests.

    Returns:
        The percentiles, and `rate`: answers a second, from the first request to the last answer.
    """
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(parts))
    found: Queue[tuple[float, float, list[float]]] = context.Queue()
    clients = [
        context.Process(target=_one_of_many, args=(address, part, barrier.wait, found))
        for part in parts
    ]
    for each in clients:
        each.start()
    measured = [found.get(timeout=600) for _ in clients]
    for each in clients:
        each.join()
    begin, end = min(m[0] for m in measured), max(m[1] for m in measured)
    times = [one for m in measured for one in m[2]]
    return {**percentiles(times), "rate": len(times) / (end - begin), "n": len(times)}


def _one_of_many(
    address: str,
    asked: Sequence[Asked],
    wait: Callable[[], int],
    found: "Queue[tuple[float, float, list[float]]]",
) -> None:
    with Client(address) as client:
        wait()
        begin = last = time.perf_counter()
        times = []
        for each in asked:
            each.by(client)
            now = time.perf_counter()
            times.append((now - last) * 1000)
            last = now
        found.put((begin, last, times))
