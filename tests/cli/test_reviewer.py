"""`corrigenda reviewer`, and a server that listens beyond loopback."""

import http.client
import json
import re
import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda, record, write_run
from tests.fixtures.serving import Served, serving_forked


@pytest.fixture
def ws(here: Path, corrigenda: Corrigenda) -> Path:
    corrigenda("import", write_run(here / "r", record("a")), "-w", "ws")
    return here / "ws"


def known(token: str) -> str | None:
    with Workspace.open("ws", keep_files=False) as workspace:
        found = workspace.registry.load().by_token(token)
    return None if found is None else found.name


def invite(corrigenda: Corrigenda, *words: str) -> str:
    said = corrigenda("reviewer", "add", *words, "-w", "ws").stdout
    found = re.fullmatch(r"http://127\.0\.0\.1:8787/join#([\w-]{43})\n", said)
    assert found, said
    return found[1]


def test_an_invitation(ws: Path, corrigenda: Corrigenda) -> None:
    token = invite(corrigenda, "kim", "--lead")
    assert known(token) == "kim"
    again = corrigenda("reviewer", "add", "kim", "-w", "ws", code=5)
    assert "There is a reviewer `kim` already" in again.stderr
    assert corrigenda("reviewer", "add", "a/b", "-w", "ws", code=1).stderr.count("\n") == 1


def test_where_the_link_leads(ws: Path, corrigenda: Corrigenda) -> None:
    words = ("reviewer", "add", "-w", "ws")
    said = corrigenda(*words, "kim", "--url", "https://lab.example.org/").stdout
    assert said.startswith("https://lab.example.org/join#")
    said = corrigenda(*words, "ada", env={"CORRIGENDA_URL": "https://desk"}).stdout
    assert said.startswith("https://desk/join#")


def test_a_team_without_a_lead_is_told(ws: Path, corrigenda: Corrigenda) -> None:
    words = ("reviewer", "add", "-w", "ws")
    assert "--lead" in corrigenda(*words, "ada").stderr
    assert corrigenda(*words, "kim", "--lead").stderr == ""
    assert corrigenda(*words, "lou").stderr == ""


def test_the_list(ws: Path, corrigenda: Corrigenda) -> None:
    words = ("reviewer", "list", "-w", "ws")
    assert "whoever reaches the server" in corrigenda(*words).stderr
    token = invite(corrigenda, "kim", "--lead")
    invite(corrigenda, "ada")
    corrigenda("reviewer", "revoke", "ada", "-w", "ws")
    said = corrigenda(*words).stdout
    assert [line.split()[:2] for line in said.splitlines()[1:]] == [
        ["kim", "lead"],
        ["ada", "reviewer"],
    ]
    found: list[dict[str, Any]] = json.loads(corrigenda(*words, "--json").stdout)
    assert [each.keys() for each in found] == [{"name", "lead", "created_at", "revoked_at"}] * 2
    assert [bool(each["revoked_at"]) for each in found] == [False, True]
    assert token not in said


def test_revoking_and_renewing(ws: Path, corrigenda: Corrigenda) -> None:
    token = invite(corrigenda, "kim")
    said = corrigenda("reviewer", "revoke", "kim", "-w", "ws").stderr
    assert "Nobody can sign in any more" in said
    assert known(token) is None
    new = corrigenda("reviewer", "renew", "kim", "-w", "ws").stdout.strip().partition("#")[2]
    assert (known(token), known(new)) == (None, "kim")
    corrigenda("reviewer", "revoke", "kim", "--forget", "-w", "ws")
    assert corrigenda("reviewer", "list", "--json", "-w", "ws").stdout == "[]\n"
    for command in ("revoke", "renew"):
        missing = corrigenda("reviewer", command, "kim", "-w", "ws", code=4)
        assert "There is no reviewer `kim`" in missing.stderr


def test_only_adding_makes_a_workspace(here: Path, corrigenda: Corrigenda) -> None:
    for words in (["list"], ["revoke", "kim"], ["renew", "kim"]):
        corrigenda("reviewer", *words, "-w", "ws", code=4)
    assert not (here / "ws").exists()
    invite(corrigenda, "kim")


def test_a_server_on_a_network(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    token = invite(corrigenda, "kim", "--lead")
    with serving_forked(ws, here / "log", "--host", "0.0.0.0") as served:
        assert "TLS" in served.log.read_text("utf-8")
        # By any address of its own, and by the machine's name; not by another's.
        for host in ("127.0.0.1", "192.0.2.7:8787", "[2001:db8::1]", socket.gethostname()):
            assert status(served, "/healthz", Host=host) == 200
        assert status(served, "/healthz", Host="evil.example") == 403
        assert status(served, "/api/sft/stats") == 401
        bearer = {"Authorization": f"Bearer {token}"}
        assert status(served, "/api/sft/stats", **bearer) == 200
        # The command line, beside the server: known within a second or so.
        corrigenda("reviewer", "revoke", "kim", "-w", "ws")
        deadline = time.monotonic() + 30
        while status(served, "/api/sft/stats", **bearer) != 401:
            assert time.monotonic() < deadline, "revoked, and still let in"
            time.sleep(0.05)
    log = served.log.read_text("utf-8")
    assert token not in log


def test_a_proxy_that_signs_in(ws: Path, here: Path, corrigenda: Corrigenda) -> None:
    invite(corrigenda, "kim")
    options = ("--user-header", "X-Forwarded-User")
    with serving_forked(ws, here / "log", *options) as served:
        assert status(served, "/api/sft/stats") == 401
        assert status(served, "/api/sft/stats", **{"X-Forwarded-User": "kim"}) == 200
    with serving_forked(ws, here / "log", *options, "--trusted-proxy", "192.0.2.0/24") as served:
        assert status(served, "/api/sft/stats", **{"X-Forwarded-User": "kim"}) == 401


def status(served: Served, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    with closing(connection):
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
