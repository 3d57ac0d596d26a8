"""A real server on a workspace, as `corrigenda serve` runs it, on a free port of this machine."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

_READY_SECONDS = 120


@contextlib.contextmanager
def server(workspace: Path) -> Iterator[str]:
    """Start a server; yields its address, and stops it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "uvicorn", "--factory", "corrigenda.api.server:create",
            "--port", str(port), "--no-access-log", "--log-level", "warning",
        ],
        env={**os.environ, "CORRIGENDA_WORKSPACE": str(workspace)},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=_READY_SECONDS)


def _wait_until_ready(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended before it was ready")
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{address}/healthz").status_code == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the server was not ready in time")
