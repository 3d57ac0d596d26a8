"""A model that is fetched from a Hub, which here is a server on this machine."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from corrigenda.train import launching
from tests.trainers import tiny

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {path.name: path.read_bytes() for path in tiny.MODEL.iterdir() if path.is_file()}
FILES |= {"README.md": b"# A model", "onnx/config.json": b"{}", "pytorch_model.bin": b"pickle"}


class Hub(BaseHTTPRequestHandler):
    """The part of the Hub's interface by which a repository is listed and downloaded."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0]
        data, status = b"{}", 200
        name = path.removeprefix(f"/org/tiny/resolve/{COMMIT}/")
        name = name.removeprefix("/org/tiny/resolve/main/")
        if path.startswith("/api/models/org/tiny/tree/"):
            data = json.dumps([
                {"type": "file", "path": each, "size": len(content), "oid": _etag(content)}
                for each, content in FILES.items()
            ]).encode()  # fmt: skip
        elif path.startswith("/api/models/org/tiny"):
            said: dict[str, Any] = {"id": "org/tiny", "sha": COMMIT}
            data = json.dumps(said | {"siblings": [{"rfilename": each} for each in FILES]}).encode()
        elif name in FILES:
            data = FILES[name]
        else:
            status = 404
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{_etag(data)}"')
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def _etag(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.fixture
def hub() -> Iterator[str]:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_whole_model_is_fetched_and_then_there(
    train_python: Path, hub: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path / "hf")}.items():
        monkeypatch.setenv(name, value)
    rows = {"corrections": tiny.corrections()[:6], "replay": tiny.replay()}
    folder = tiny.plan(tmp_path / "run", "sft", rows, model=Path("org/tiny"))

    def findings(*, fetch: bool) -> list[str]:
        code, said, complaints = launching.answer(train_python, "check", folder, fetch=fetch)
        found = json.loads(said or "{}").get("findings")
        assert found is not None, complaints
        assert code == bool(found), complaints
        return [each["message"] for each in found]

    (missing,) = findings(fetch=False)
    assert missing.startswith("There is no model `org/tiny`")
    assert findings(fetch=True) == []
    assert findings(fetch=False) == []
    (snapshot,) = (tmp_path / "hf/hub/models--org--tiny/snapshots").iterdir()
    there = {str(path.relative_to(snapshot)) for path in snapshot.rglob("*") if path.is_file()}
    assert there == FILES.keys() - {"README.md", "onnx/config.json", "pytorch_model.bin"}
