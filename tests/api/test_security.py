"""Who may talk to the server, and how much may be said."""

import json
from collections.abc import Iterator

import pytest
from httpx2 import Response

from corrigenda.api.security import BODY_LIMIT, SECURITY_HEADERS, HostPolicy
from corrigenda.workbench import uploads
from tests.api.desk import PREFIX, Desk, record, refused

ALLOWED_HOSTS = [
    "testserver",
    "TestServer",
    "testserver:8000",
    "localhost",
    "localhost:1",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:8000",
]
FORBIDDEN_HOSTS = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "testserver.evil.example",
    "evil.example#localhost",
    "127.0.0.1.evil.example",
    "127.0.0.2",
    "0.0.0.0",
    "[::]",
    "[::1].evil.example",
    "localhost:8000:9",
    "localhost:x",
    "",
    "x" * 5000,
]
SAME_SITE = [
    ("testserver", "http://testserver"),
    ("testserver:8000", "http://testserver:8000"),
    ("testserver", "https://TestServer"),
    ("127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("[::1]:8000", "http://[::1]:8000"),
]
CROSS_SITE = [
    ("testserver", "https://evil.example"),
    ("testserver", "null"),
    ("testserver", ""),
    ("testserver", "http://testserver:8000"),
    ("testserver:8000", "http://testserver:8001"),
    ("testserver", "http://testserver.evil.example"),
    ("testserver", "http://testserver@evil.example"),
    ("testserver", "http://evil.example/testserver"),
    ("localhost:8000", "http://127.0.0.1:8000"),
    ("testserver", "http://[bad"),
    ("testserver", "testserver"),
    ("testserver", "file://"),
]


@pytest.mark.parametrize("host", ALLOWED_HOSTS)
def test_names_of_this_server(desk: Desk, host: str) -> None:
    assert desk.client.get(f"{PREFIX}/stats", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/api/sft/stats", "/", "/healthz", "/api/openapi.json"])
@pytest.mark.parametrize("host", FORBIDDEN_HOSTS, ids=lambda host: host[:30])
def test_names_of_others(desk: Desk, host: str, path: str) -> None:
    response = desk.client.get(path, headers={"Host": host})
    problem = refused(response, 403, "forbidden_host")
    assert "--allowed-host" in problem["detail"]
    assert len(problem["detail"]) < 300


def flag(desk: Desk, **headers: str) -> Response:
    return desk.post("submit", {"id": "a", "action": "flag"}, **headers)


@pytest.mark.parametrize(("host", "origin"), SAME_SITE)
def test_our_own_page_may_change_things(desk: Desk, host: str, origin: str) -> None:
    desk.fill(record("a"))
    assert flag(desk, host=host, origin=origin).status_code == 200


def test_a_program_sends_no_origin_and_may(desk: Desk) -> None:
    desk.fill(record("a"))
    assert flag(desk).status_code == 200


@pytest.mark.parametrize(("host", "origin"), CROSS_SITE)
def test_another_sites_page_may_not(desk: Desk, host: str, origin: str) -> None:
    desk.fill(record("a"))
    refused(flag(desk, host=host, origin=origin), 403, "forbidden_origin")
    for path in ("undo", "import", "jobs", "config"):
        response = desk.post(path, {}, host=host, origin=origin)
        refused(response, 403, "forbidden_origin")
    assert desk.history("a") == []
    # Reading is left to the browser's own rule, which our headers ask it to keep.
    reading = desk.client.get(f"{PREFIX}/stats", headers={"Host": host, "Origin": origin})
    assert reading.status_code == 200
    assert "access-control-allow-origin" not in reading.headers
    assert reading.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_method_that_may_change_something_is_looked_at(desk: Desk, method: str) -> None:
    response = desk.client.request(
        method, f"{PREFIX}/submit", headers={"Origin": "https://evil.example"}
    )
    refused(response, 403, "forbidden_origin")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_form_cannot_post_json(desk: Desk, kind: str | None) -> None:
    """What a page of another site can send without asking first is not understood."""
    desk.fill(record("a"))
    body = json.dumps({"id": "a", "action": "flag"})
    headers = {"content-type": kind} if kind else {}
    response = desk.client.post(f"{PREFIX}/submit", content=body, headers=headers)
    refused(response, 422, "invalid_request")
    assert desk.history("a") == []


def test_an_allowed_name_is_told_apart_from_case_and_port() -> None:
    policy = HostPolicy(frozenset({"Lab.Example"}))
    assert policy.refuse("POST", "lab.example:8000", "https://LAB.example:8000") is None
    assert policy.refuse("GET", "lab.example.evil", None) is not None


PLACES = ["/", "/runs", "/healthz", "/api/sft/queue", "/api/sft/export", "/api/openapi.json"]
PLACES += ["/api/nothing", "/assets/nothing.js"]


@pytest.mark.parametrize("path", PLACES)
def test_the_headers_are_on_everything(desk: Desk, path: str) -> None:
    headers = desk.client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_the_policy_lets_no_inline_script_run() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["script-src"] == rules["connect-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "*" not in policy


# ---- how much


def body_of(size: int) -> bytes:
    empty = json.dumps({"id": "a", "action": "flag", "note": ""}).encode()
    return empty[:-2] + b"x" * (size - len(empty)) + empty[-2:]


JSON = {"content-type": "application/json"}
TOO_LARGE = (413, "too_large")


def test_a_body_that_says_it_is_too_large(desk: Desk) -> None:
    response = desk.client.post(
        f"{PREFIX}/submit", content=b"{}", headers={**JSON, "content-length": str(BODY_LIMIT + 1)}
    )
    assert "32 MiB" in refused(response, 413, "too_large")["detail"]


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "\xb2"])
def test_a_length_that_is_no_number(desk: Desk, length: str) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", length.encode("latin-1")),
    ]
    response = desk.client.post(f"{PREFIX}/submit", content=b"{}", headers=headers)
    refused(response, 413, "too_large")


@pytest.mark.parametrize("path", ["submit", "undo", "import", "jobs", "config"])
def test_a_body_that_goes_on_without_saying_so(desk: Desk, path: str) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(BODY_LIMIT // 2**20 + 1):
            sent += 2**20
            yield b" " * 2**20

    response = desk.client.post(f"{PREFIX}/{path}", content=chunks(), headers=JSON)
    assert "32 MiB" in refused(response, 413, "too_large")["detail"]
    assert sent > BODY_LIMIT


def test_a_file_may_be_larger_than_anything_else(desk: Desk) -> None:
    line = json.dumps({"id": "a", "model_response": "x" * 1_000_000}).encode() + b"\n"
    lines = BODY_LIMIT // len(line) + 2
    path = f"{PREFIX}/upload?name=big.jsonl"
    response = desk.client.post(path, content=iter([line] * lines))
    assert response.status_code == 200, response.text
    assert response.json()["bytes"] == len(line) * lines > BODY_LIMIT
    for other in ("upload/", "uploads", "submit", "x/api/sft/upload"):
        headers = {"content-length": str(BODY_LIMIT + 1)}
        refused(desk.client.post(f"{PREFIX}/{other}", content=b"", headers=headers), *TOO_LARGE)


def test_a_file_that_says_it_is_too_large(desk: Desk) -> None:
    length = {"content-length": str(uploads.LIMIT + 1)}
    response = desk.client.post(f"{PREFIX}/upload?name=x", content=b"{}", headers=length)
    assert "2048 MiB" in refused(response, *TOO_LARGE)["detail"]
    length = {"content-length": str(BODY_LIMIT + 1)}
    response = desk.client.put(f"{PREFIX}/upload?name=x", content=b"{}", headers=length)
    assert "32 MiB" in refused(response, *TOO_LARGE)["detail"]


def test_another_site_may_not_bring_a_file(desk: Desk) -> None:
    headers = {"origin": "https://evil.example"}
    response = desk.client.post(f"{PREFIX}/upload?name=x", content=b"{}", headers=headers)
    refused(response, 403, "forbidden_origin")


def test_a_body_as_large_as_allowed_is_read(desk: Desk) -> None:
    desk.fill(record("a"))
    response = desk.client.post(f"{PREFIX}/submit", content=body_of(BODY_LIMIT), headers=JSON)
    problem = refused(response, 422, "invalid_request")  # a note has at most 10,000,000 characters
    assert problem["errors"][0]["field"] == "note"
    assert len(response.content) < 2000
    assert (
        desk.client.post(f"{PREFIX}/submit", content=body_of(9_000_000), headers=JSON).status_code
        == 200
    )
    assert len(desk.history("a")[0]["note"]) > 8_999_000
