"""A real server on a workspace, as `corrigenda serve` runs it, on a free port of this machine.

It has one route more, which does nothing: `/empty`, by `GET` and `POST`.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_READY_SECONDS = 120
_STOP_SECONDS = 600  # it may have a large file to write


def create() -> FastAPI:
    """The server's application, with `/empty`: what nothing costs there."""
    from corrigenda.api.server import create as create_server

    app = create_server()
    app.router.routes.insert(0, Route("/empty", _nothing, methods=["GET", "POST"]))
    return app


async def _nothing(request: Request) -> Response:
    await request.body()
    return Response(b"{}", media_type="application/json")


@contextlib.contextmanager
def server(workspace: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start a server; yields its address, and stops it at the end.

    Args:
        workspace: Its workspace.
        settings: What else its environment says.
    """
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "uvicorn", "--factory", "benchmarks.serving:create",
            "--port", str(port), "--no-access-log", "--log-level", "warning",
        ],
        env={**os.environ, "CORRIGENDA_WORKSPACE": str(workspace), **(settings or {})},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=_STOP_SECONDS)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(
    process: "subprocess.Popen[bytes]", url: str, seconds: float = _READY_SECONDS
) -> None:
    """Wait until a server answers there.

    Raises:
        RuntimeError: It has ended, or it takes too long.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it was ready")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):
            return
        time.sleep(0.02)
    raise RuntimeError("the server was not ready in time")
