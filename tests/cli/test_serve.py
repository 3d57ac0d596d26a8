"""The server in a process of its own, as a user starts it."""

import contextlib
import http.client
import json
import os
import pty
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Corrigenda, record, write_run
from tests.fixtures.processes import ends_with_us, stop
from tests.fixtures.serving import CORRIGENDA, Served, serving

Server = subprocess.Popen[bytes]


@pytest.fixture
def served(here: Path) -> Iterator[Served]:
    with serving(here / "ws", here / "log") as found:
        yield found


@contextlib.contextmanager
def started(*words: str | Path, stdout: int = subprocess.PIPE, **env: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [*ends_with_us(), CORRIGENDA, *words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
    )
    try:
        yield process
    finally:
        stop(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def first_line(server: Server) -> str:
    assert server.stdout is not None
    return server.stdout.readline().decode("utf-8").rstrip("\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_serves_until_sigterm(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("import", write_run(here / "r", record("a")), "-w", "ws")
    with serving(here / "ws", here / "log") as served:
        assert served.get("/healthz")[0] == 200
        said = corrigenda("stats", "--json", "-w", "ws").stdout
        assert said == served.get("/api/sft/stats")[1] + "\n"
        decide(served, "a")
    assert served.process.poll() == 0
    assert served.log.read_text("utf-8") == (
        f"Corrigenda serves {here / 'ws'} at {served.url}\nStopped.\n"
    )
    [line] = (here / "ws/sft_candidates.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["status"] == "discarded", "the files are up to date"


def decide(served: Served, candidate_id: str) -> None:
    request = urllib.request.Request(
        f"{served.url}/api/sft/submit",
        data=json.dumps({"id": candidate_id, "action": "discard"}).encode("ascii"),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_files_that_cannot_be_written_at_the_end_are_no_good_end(
    here: Path, corrigenda: Corrigenda
) -> None:
    corrigenda("import", write_run(here / "r", record("a")), "-w", "ws")
    with serving(here / "ws", here / "log") as served:
        decide(served, "a")
        (here / "ws/sft_candidates.jsonl").unlink()
        (here / "ws/sft_candidates.jsonl").mkdir()
    assert served.process.poll() == 6
    assert "The files are not up to date" in served.log.read_text("utf-8")


def test_ctrl_c_is_a_good_end(here: Path) -> None:
    with started("-w", here / "ws", "serve", "--port", "0") as server:
        assert first_line(server).startswith(
            f"Corrigenda serves {here / 'ws'} at http://127.0.0.1:"
        )
        server.send_signal(signal.SIGINT)
        out, said = server.communicate(timeout=30)
        assert (out, said, server.returncode) == (b"Stopped.\n", b"", 0)


def test_the_second_server_of_a_workspace_refuses_in_one_line(
    served: Served, here: Path, corrigenda: Corrigenda
) -> None:
    with started("serve", here / "ws", "--port", "0") as second:
        out, said = second.communicate(timeout=60)
    assert (out, second.returncode) == (b"", 5)
    assert said.startswith(b"Error: Another process (a server, or an import) has the workspace")
    assert said.count(b"\n") == 1
    assert "keeps its files" in corrigenda("sync", "-w", "ws", code=5).stderr
    assert served.get("/healthz")[0] == 200


def test_a_run_is_imported_while_the_server_runs(
    served: Served, here: Path, corrigenda: Corrigenda
) -> None:
    corrigenda("import", write_run(here / "r", record("a"), record("b")), "-w", "ws")
    assert json.loads(served.get("/api/sft/stats")[1])["total"] == 2
    decide(served, "b")
    assert corrigenda("history", "b", "-w", "ws").stdout.split()[1] == "discard"
    corrigenda("doctor", "-w", "ws")


def test_a_port_that_was_asked_for_is_taken_or_refused(served: Served, here: Path) -> None:
    with started("serve", here / "other", "--port", str(served.port)) as second:
        out, said = second.communicate(timeout=60)
    assert (out, second.returncode) == (b"", 5)
    assert said.startswith(f"Error: Port {served.port} is in use".encode())
    assert said.count(b"\n") == 1
    assert not (here / "other").exists(), "nothing is made for a server that cannot start"


def test_the_default_port_gives_way(here: Path) -> None:
    with contextlib.ExitStack() as stack:
        # If somebody has the port, the better.
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8787)))
        with started("serve", here / "ws") as server:
            url = first_line(server).split()[-1]
            port = int(url.rsplit(":", 1)[1])
            assert 8787 < port < 8807
            server.terminate()
            _, said = server.communicate(timeout=30)
            assert said.decode("utf-8") == f"Port 8787 is in use; taking {port}.\n"


@pytest.mark.parametrize("host", ["::1", "localhost", "127.0.0.2"])
def test_other_names_of_loopback(here: Path, host: str) -> None:
    try:
        socket.getaddrinfo(host, 0)
        socket.create_server((host, 0), family=_family(host)).close()
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with started("serve", here / "ws", "--host", host, "--port", "0") as server:
        url = first_line(server).split()[-1]
        with urllib.request.urlopen(f"{url}/healthz", timeout=10) as answer:
            assert answer.status == 200


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def test_requests_are_told_of_when_asked_for(here: Path) -> None:
    with serving(here / "ws", here / "log", "--log-level", "info") as served:
        served.get("/healthz?not-told")
    told = served.log.read_text("utf-8")
    assert "GET /healthz 200" in told
    assert "not-told" not in told


def test_further_hosts_and_roots(here: Path) -> None:
    (here / "bench").mkdir()
    options = ["--allowed-host", "Review.example.org", "--root", str(here / "bench")]
    with serving(here / "ws", here / "log", *options) as served:
        config = json.loads(served.get("/api/sft/config")[1])
        assert str(here / "bench") in config["roots"]
        assert _status(served, host="review.example.org") == 200
        assert _status(served, host="evil.example.org") == 403


def _status(served: Served, host: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--host 0.0.0.0 --port 0", 1, "`corrigenda reviewer add NAME --lead`"),
        ("--host 192.0.2.1", 1, "Cannot listen on `192.0.2.1` port 8787"),
        ("--host é..", 1, "`é..` is no address to listen on"),
        (f"--host {'é' * 70}", 1, "is no address to listen on"),
        ("--host a\0b", 1, "is no address to listen on"),
        ("--host \udcff", 1, "is no address to listen on"),
        ("--host http://lab", 1, "`http://lab` is no address to listen on"),
        ("--user-header X:Y", 1, "`X:Y` is no name of a header"),
        ("--trusted-proxy proxy", 1, "`proxy` is no address of a proxy"),
        ("--allowed-host https://lab", 1, "give it without scheme and port"),
        ("--allowed-host lab:80", 1, "give it without scheme and port"),
        ("--root nowhere", 1, "The root `nowhere` is not a folder"),
        ("--port 70000", 2, "--port"),
        ("-w other", 2, "give the workspace once"),
    ],
)
def test_is_refused(here: Path, corrigenda: Corrigenda, words: str, code: int, said: str) -> None:
    result = corrigenda("serve", "ws", *words.split(), code=code)
    assert said in result.stderr
    if code == 1:
        assert result.stderr.count("\n") == 1
    assert not list(here.iterdir())


def test_a_demonstration_is_served(here: Path) -> None:
    with started("demo", "-w", here / "d", "--port", str(port := free_port())) as server:
        lines = [first_line(server) for _ in range(4)]
        assert lines[-1] == f"Corrigenda serves {here / 'd'} at http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/sft/stats", timeout=10) as answer:
            assert json.load(answer)["total"] == 30


def test_opens_the_browser_on_a_terminal(here: Path) -> None:
    browser = here / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {here}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    master, slave = pty.openpty()
    env = {"BROWSER": str(browser), "DISPLAY": ":0"}
    try:
        with started("serve", here / "ws", "--port", "0", stdout=slave, **env):
            deadline = time.monotonic() + 30
            while not (here / "opened").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
        shown = os.read(master, 4096).decode("utf-8")
    finally:
        os.close(master)
        os.close(slave)
    assert (here / "opened").read_text("utf-8").strip() in shown
