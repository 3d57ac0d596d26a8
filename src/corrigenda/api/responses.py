"""The one shape of answers and errors.

Answers are ASCII JSON, so that every text that a record can hold survives. Errors are problem
documents, https://www.rfc-editor.org/rfc/rfc9457:

    {"type": "about:blank", "title": "Already decided", "status": 409,
     "detail": "`a1` is already approved by `kim` at …; undo that first.",
     "code": "already_decided", "decided_by": "kim"}
"""

from typing import Any

from starlette.responses import Response

from corrigenda.jsonl import dumps

PROBLEM_TYPE = "application/problem+json"


class JsonResponse(Response):
    """Any JSON value, as ASCII."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode."""
        return dumps(content).encode("ascii")


def problem(status: int, code: str, detail: str, **extras: Any) -> JsonResponse:
    """A problem document."""
    body = {
        "type": "about:blank",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        **extras,
    }
    return JsonResponse(body, status_code=status, media_type=PROBLEM_TYPE)
