"""Ids and texts that no program expects, sent through the whole review.

    python -m tests.fuzz.hostile --texts 300

Each is a candidate's id, its answer, its correction, a note, a tag, a reviewer and something to
search for. It is refused in one sentence, or it comes back as it was sent, to the last character.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from corrigenda.api import create_app
from corrigenda.api.security import HostPolicy
from corrigenda.workbench import Workspace
from tests.fuzz.api import DATABASES, workspace_on
from tests.torture.client import PREFIX
from tests.torture.figures import Figures, timed
from tests.torture.load import record
from tests.torture.truth import unsound

FIXED = (
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202e\u2028\u2029\x85",
    "\x1b[31m\r\n\t",
    "a\u0301 \u00e1",
    "\U0001f469\u200d\U0001f52c",
    ".",
    "..",
    "../../../etc/passwd",
    "C:\\Windows\\..\\CON",
    "file:///etc/passwd",
    "a/b?c#d%2e%2e&e=f+g",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</textarea><svg/onload=alert(1)>",
    "'; DROP TABLE candidates; --",
    '" OR 1=1 --',
    "%' ESCAPE '\\",
    '" NOT (b* | !c:* NEAR/2',
    "{{7*7}} ${7*7} $(id) `id`",
    "null",
    "0",
    "-0",
    "1e999",
    "__proto__",
    "toString",
    " ",
    "\n",
    "x" * 1_000_000,
    "\u0130" * 100_000,
    "\x00" * 1_000_000,
    "\U0001f989" * 1_000_000,
    "x" * 10_000_000,
)
"""The last two have 12 MB and 10 MB as JSON, twice in one request."""

_BLOCKS = ((0, 0x80), (0x80, 0x250), (0x2000, 0x2070), (0xD800, 0xE000), (0x1F300, 0x1F700))


def main() -> int:
    """1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--texts", type=int, default=100, help="random ones, besides the fixed")
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    return max(
        run(database, args.texts, args.seed).done(keep=args.keep)
        for database in args.database or DATABASES
    )


def run(database: str, texts: int, seed: int, longest: int = 11_000_000) -> Figures:
    """Send the fixed texts (those up to a length) and so many random ones."""
    figures = Figures(f"fuzz, hostile texts, {database}", {"texts": 0, "taken": 0, "refused": 0})
    with workspace_on(database) as workspace, timed(figures):
        app = create_app(lambda: workspace, HostPolicy(frozenset({"testserver"})))
        client = TestClient(app, raise_server_exceptions=False)
        for text in _texts(texts, random.Random(seed), longest):
            figures.numbers["texts"] += 1
            tried = _Try(workspace, client, text)
            figures.numbers["taken" if tried.all() else "refused"] += 1
            figures.wrong += tried.wrong
        figures.wrong += unsound(workspace)
    figures.numbers["seed"] = seed
    return figures


def _texts(n: int, chance: random.Random, longest: int) -> Iterator[str]:
    yield from (text for text in FIXED if len(text) <= longest)
    for _ in range(n):
        low, high = chance.choice(_BLOCKS)
        length = chance.choice((1, 3, 20, 200))
        yield "".join(chr(chance.randrange(low, high)) for _ in range(length))


class _Try:
    """One text, in every place that it can have."""

    def __init__(self, workspace: Workspace, client: TestClient, text: str) -> None:
        self._workspace, self._client, self._text = workspace, client, text
        self.wrong: list[str] = []

    def all(self) -> bool:
        """Whether the candidate was taken in."""
        self._read()
        line = json.dumps(record(self._text, model_response=self._text, task_type=None))
        report = self._send("POST", "candidates", line.encode("ascii"))
        if not report.get("imported"):
            return False
        before = len(self.wrong)
        self._decide()
        self._same("the answer", self._workspace.get(self._text)["model_response"])
        return before == len(self.wrong)

    def _decide(self) -> None:
        """Corrected with itself, and taken back."""
        body: dict[str, Any] = {"id": self._text, "action": "correct"}
        body["corrected_response"] = self._text if self._text.strip() else "4"
        self._send("POST", "preview", body)
        answer = self._send("POST", "submit", body)
        if answer.get("status") != "approved":
            self.wrong.append(f"{self._text!r:.60} was not approved: {answer!r:.200}")
            return
        there = self._workspace.get(self._text)["corrected_response"]
        self._same("the correction", there, body["corrected_response"])
        amended = {**body, "action": "amend", "corrected_response": "4", "note": self._text}
        self._send("POST", "submit", {**amended, "tags": [self._text[:200]]})
        for field in ("failure_category", "reviewer", "decision_id"):
            self._send("POST", "submit", {**amended, field: self._text})
        if "error" in self._send("POST", "undo", {"id": self._text, "note": self._text}):
            self.wrong.append(f"{self._text!r:.60} cannot be undone")

    def _read(self) -> None:
        """In addresses, which are not as long."""
        said = quote(self._text[:5000].encode("utf-8", "surrogatepass"), safe="")
        for path in ("candidate?id=", "queue?q=", "candidates?tag=", "facets?model=", "exports/"):
            self._send("GET", path + said)

    def _send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer, which is never a failure of the server."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode("ascii")
        media = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        headers = {"content-type": media}
        answer = self._client.request(method, f"{PREFIX}/{path}", content=data, headers=headers)
        if answer.status_code >= 500 or "json" not in answer.headers["content-type"]:
            self.wrong.append(f"{self._text!r:.60}: {method} {path:.40} {answer.status_code}")
            return {}
        found: dict[str, Any] = answer.json()
        return found

    def _same(self, what: str, there: str, wanted: str | None = None) -> None:
        if there != (self._text if wanted is None else wanted):
            self.wrong.append(f"{self._text!r:.60}: {what} came back as {there!r:.60}")


if __name__ == "__main__":
    sys.exit(main())
