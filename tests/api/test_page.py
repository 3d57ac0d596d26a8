"""The built page: its files, its entry for every address, and nothing beside it."""

import asyncio
from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from corrigenda.api import create_app
from corrigenda.api.routes import page
from corrigenda.workbench import Workspace
from tests.api.desk import Desk, refused

ENTRY = "<!doctype html><title>Corrigenda</title>"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small built page, with a secret beside it."""
    static = tmp_path / "built" / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text(ENTRY, encoding="utf-8")
    (static / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (static / "assets" / "app-1a2b.js").write_text("run()", encoding="utf-8")
    (static.parent / "secret.txt").write_text("secret", encoding="utf-8")
    (static / "link.txt").symlink_to(static.parent / "secret.txt")
    monkeypatch.setattr(page, "STATIC", static)
    return static


@pytest.mark.parametrize("path", ["/", "/index.html", "/runs", "/review/a%2Fb?x=1", "/healthzz"])
def test_every_address_is_the_pages_entry(desk: Desk, built: Path, path: str) -> None:
    response = desk.client.get(path)
    assert (response.status_code, response.text) == (200, ENTRY)
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-cache"


def test_files_whose_name_has_a_hash_are_kept_for_good(desk: Desk, built: Path) -> None:
    response = desk.client.get("/assets/app-1a2b.js")
    assert response.text == "run()"
    assert "javascript" in response.headers["content-type"]
    assert "immutable" in response.headers["cache-control"]
    other = desk.client.get("/favicon.svg")
    assert other.text == "<svg/>"
    assert other.headers["cache-control"] == "no-cache"


def test_a_head_request(desk: Desk, built: Path) -> None:
    response = desk.client.head("/assets/app-1a2b.js")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == "5"


@pytest.mark.parametrize("path", ["/assets/gone-9.js", "/assets/", "/assets/../secret.txt"])
def test_a_file_that_is_gone_is_no_page(desk: Desk, built: Path, path: str) -> None:
    response = desk.client.get(path)
    if path.endswith(".txt"):
        assert "secret" not in response.text
    else:
        refused(response, 404, "not_found")


OUT = [
    "/..%2fsecret.txt",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/assets/%2e%2e/%2e%2e/secret.txt",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/..%5csecret.txt",
    "/link.txt",
    "/assets/../../secret.txt",
    "/%00",
    "/index.html%00.txt",
    "/" + "a" * 300,
    "/" + "a/" * 3000,
]


@pytest.mark.parametrize("path", OUT, ids=lambda path: path[:30])
def test_nothing_beside_the_page_is_served(built: Path, path: str) -> None:
    # Written into the scope itself: a client would tidy the address first.
    statuses, body = raw_get(path)
    assert b"secret" not in body
    assert b"root:" not in body
    assert statuses in ([200], [404])
    if statuses == [200]:
        assert body == ENTRY.encode()


@pytest.mark.parametrize("path", ["//api/sft/queue", "///api", "/%2fapi/x"])
def test_the_api_is_no_page_however_it_is_written(built: Path, desk: Desk, path: str) -> None:
    statuses, body = raw_get(path, desk.workspace)
    assert (statuses, b"not_found" in body) == ([404], True)


def raw_get(path: str, workspace: Workspace | None = None) -> tuple[list[int], bytes]:
    """What the application answers to an address as it stands on the wire."""
    sent: list[Message] = []

    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:  # a client that stays
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }
    app = create_app(lambda: workspace or pytest.fail("the page asks for no workspace"))
    asyncio.run(app(scope, receive, send))
    statuses = [m["status"] for m in sent if m["type"] == "http.response.start"]
    return statuses, b"".join(m.get("body", b"") for m in sent)


def test_a_page_that_is_not_built_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "STATIC", tmp_path)
    app = create_app(lambda: pytest.fail("the page asks for no workspace"))
    client = TestClient(app, base_url="http://localhost")
    response = client.get("/")
    assert "make setup" in response.text
    assert response.headers["content-type"].startswith("text/plain")
