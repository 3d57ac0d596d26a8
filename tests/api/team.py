"""A team behind one server: clients that sign in, each as a browser of its own."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi import FastAPI
from httpx2 import Response

from corrigenda.api import create_app
from corrigenda.api.identity import SignIn
from corrigenda.api.proxies import networks
from corrigenda.api.security import HostPolicy
from corrigenda.workbench import Workspace
from tests.api.described import DescribedClient
from tests.api.desk import PREFIX

PROXY = "192.0.2.1"
_at_hand: list[Workspace] = []


@cache
def app(*, user_header: str | None = None, required: bool = False) -> FastAPI:
    """An application for all tests that ask for the same, on the workspace at hand."""
    sign_in = SignIn(required, user_header, networks([PROXY]))
    return create_app(lambda: _at_hand[0], HostPolicy(frozenset({"testserver"})), sign_in)


@dataclass(frozen=True)
class Browser:
    """One client, with its cookies."""

    client: DescribedClient

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(f"{PREFIX}/{path}", headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"content-type": "application/json", **headers}
        return self.client.post(f"{PREFIX}/{path}", content=json.dumps(body), headers=sent)

    def delete(self, path: str, **headers: str) -> Response:
        return self.client.delete(f"{PREFIX}/{path}", headers=headers)

    def sign_in(self, token: str, **headers: str) -> Response:
        return self.post("session", {"token": token}, **headers)

    def session(self, **headers: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get("session", **headers).json()
        return found


def browser(
    workspace: Workspace, address: str = "testclient", *, https: bool = False, **options: Any
) -> Browser:
    """A new browser at an address."""
    _at_hand[:] = [workspace]
    base = "https://testserver" if https else "http://testserver"
    return Browser(DescribedClient(app(**options), base_url=base, client=(address, 50_000)))
