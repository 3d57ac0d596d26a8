"""A client that checks each answer against the OpenAPI document of its application.

Knows those words of JSON Schema that the document uses, and fails on any other.
"""

import json
import re
from typing import Any

from fastapi import FastAPI
from httpx2 import Request, Response
from starlette.testclient import TestClient

from corrigenda.api.responses import PROBLEM_TYPE
from corrigenda.api.security import SECURITY_HEADERS

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
ANNOTATIONS = {"title", "description", "default", "examples", "$defs"}
JSON = ("application/json", PROBLEM_TYPE)
PROBLEM_KEYS = {"type", "title", "status", "detail", "code"}


class DescribedClient(TestClient):
    """`TestClient`, with every answer checked as it comes."""

    def send(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send, and check."""
        response = super().send(request, *args, **kwargs)
        assert isinstance(self.app, FastAPI)
        check(self.app.openapi(), request, response)
        return response


def check(document: dict[str, Any], request: Request, response: Response) -> None:
    """Fail unless the document tells of this answer."""
    for header in SECURITY_HEADERS:
        assert header in response.headers
    path = request.url.raw_path.decode("ascii").split("?")[0]
    media = response.headers["content-type"].split(";")[0]
    if response.status_code >= 400:
        check_problem(response)
    operation = find(document, request.method, path)
    if operation is None:
        ours = path.startswith("/api") and path != "/api/openapi.json"
        assert response.status_code in (401, 403, 404, 405, 413) or not ours
        return
    described = operation["responses"].get(str(response.status_code))
    assert described, f"{request.method} {path}: {response.status_code} is not described"
    assert media in described["content"], f"{path}: {media} is not described"
    schema = described["content"][media]["schema"]
    value = json.loads(response.content) if media in JSON else response.text
    found = list(violations(document, schema, value, ""))
    assert found == [], f"{request.method} {path}: {found}"


def check_problem(response: Response) -> None:
    """Every error has the one shape."""
    assert response.headers["content-type"] == PROBLEM_TYPE
    body = response.json()
    assert body.keys() >= PROBLEM_KEYS
    assert body["status"] == response.status_code
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", body["code"])
    assert body["title"] == body["code"].replace("_", " ").capitalize()
    assert "\n" not in body["detail"]
    assert body["detail"].endswith(".")
    assert response.content.isascii()


def find(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """The operation that the document has for a request."""
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def violations(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str) -> list[str]:
    """Where a value breaks a schema; a key that an object's schema doesn't name breaks it."""
    if "$ref" in schema:
        assert set(schema) <= {"$ref", *ANNOTATIONS}, schema
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return violations(document, target, value, at)
    found: list[str] = []
    for word, wanted in schema.items():
        if word not in ANNOTATIONS:
            found += _WORDS[word](document, schema, wanted, value, at)
    return found


def _any_of(document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    tried = [violations(document, option, value, at) for option in wanted]
    return [] if [] in tried else [f"{at}: {value!r} is none of {wanted}"]


def _type(_document: Any, _schema: Any, wanted: str, value: Any, at: str) -> list[str]:
    fits = isinstance(value, TYPES[wanted]) and (wanted == "boolean" or not isinstance(value, bool))
    return [] if fits else [f"{at}: {value!r:.80} is no {wanted}"]


def _properties(document: Any, schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    found = []
    for key, part in value.items():
        if key in wanted:
            found += violations(document, wanted[key], part, f"{at}.{key}")
        elif not schema.get("additionalProperties"):
            found.append(f"{at}: `{key}` is not described")
    return found


def _additional(document: Any, schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    if not isinstance(wanted, dict) or not isinstance(value, dict):
        return []
    rest = value.keys() - schema.get("properties", {}).keys()
    return [text for k in rest for text in violations(document, wanted, value[k], f"{at}.{k}")]


def _required(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    there = value if isinstance(value, dict) else {}
    return [f"{at}: `{key}` is missing" for key in wanted if key not in there]


def _items(document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    parts = enumerate(value) if isinstance(value, list) else ()
    return [text for n, part in parts for text in violations(document, wanted, part, f"{at}[{n}]")]


def _enum(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    return [] if value in wanted else [f"{at}: {value!r} is none of {wanted}"]


def _bound(_document: Any, schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    """`minimum` and `maxLength`, each of its own kind of value."""
    if isinstance(value, str) and wanted == schema.get("maxLength"):
        return [] if len(value) <= wanted else [f"{at}: {len(value)} characters"]
    if isinstance(value, int | float) and wanted == schema.get("minimum"):
        return [] if value >= wanted else [f"{at}: {value!r} is below {wanted}"]
    return []


def _most(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    fits = not isinstance(value, int | float) or value <= wanted
    return [] if fits else [f"{at}: {value!r} is above {wanted}"]


def _fewest_items(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    fits = not isinstance(value, list) or len(value) >= wanted
    return [] if fits else [f"{at}: {len(value)} items"]


def _most_items(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    fits = not isinstance(value, list) or len(value) <= wanted
    return [] if fits else [f"{at}: {len(value)} items"]


def _const(_document: Any, _schema: Any, wanted: Any, value: Any, at: str) -> list[str]:
    return [] if value == wanted else [f"{at}: {value!r} is not {wanted!r}"]


_WORDS = {
    "anyOf": _any_of,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "enum": _enum,
    "const": _const,
    "minimum": _bound,
    "maximum": _most,
    "minItems": _fewest_items,
    "maxItems": _most_items,
    "maxLength": _bound,
}
