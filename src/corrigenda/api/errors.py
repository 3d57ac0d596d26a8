"""Which error is which HTTP status; a test holds the table to the whole tree of errors."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from corrigenda import errors
from corrigenda.api.metrics import route_of
from corrigenda.api.responses import problem
from corrigenda.api.security import SECURITY_HEADERS
from corrigenda.errors import CorrigendaError, shorten
from corrigenda.logs import request_id

_log = logging.getLogger(__name__)

STATUS: dict[type[CorrigendaError], int] = {
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.ConfigError: 422,
    errors.WorkspaceInUse: 503,
    errors.SchemaMismatch: 503,
    errors.StorageFull: 507,
    errors.StorageError: 503,
}
"""The status of an error is that of its nearest class here."""


def status_of(error: CorrigendaError) -> int:
    """The HTTP status of an error."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""
    app.add_exception_handler(CorrigendaError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, CorrigendaError)
    return refused(error)


def refused(error: CorrigendaError) -> Response:
    """The answer that an error becomes."""
    extras = dict(error.details)
    if isinstance(error, errors.MalformedRecord):
        extras["errors"] = [{"field": error.field, "message": error.message}]
    return problem(status_of(error), error.code, error.message, **extras)


def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [_field_error(item) for item in error.errors()]
    said = "; ".join(f"`{item['field']}`: {item['message']}" for item in found[:3])
    return problem(422, "invalid_request", f"The request cannot be used: {said}.", errors=found)


def _field_error(item: dict[str, Any]) -> dict[str, Any]:
    if item["type"] == "json_invalid":
        said = f"not JSON: {item['ctx']['error']} at character {item['loc'][1] + 1}"
        return {"field": "body", "message": said, "value": None}
    place = [str(part) for part in item["loc"] if part not in ("body", "query", "path", "header")]
    shown = shorten(repr(item.get("input")))
    said = item["msg"].removeprefix("Value error, ")
    return {"field": ".".join(place) or "body", "message": said, "value": shown}


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400:  # a body that is no text, or nested too deep
        return problem(422, "invalid_request", f"The request cannot be used: {error.detail}.")
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    code = codes.get(error.status_code, "http_error")
    response = problem(error.status_code, code, f"{error.detail}.")
    response.headers.update(error.headers or {})
    return response


def _gone(request: Request, _error: Exception) -> Response:
    """Nobody is there to read this; it is no mistake of ours, and nothing for the log."""
    _log.info("%s %s was broken off", request.method, route_of(request.scope))
    return problem(422, "invalid_request", "The request was broken off.")


def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, route_of(request.scope), exc_info=error)
    detail = "Something went wrong in the server; its log says what. Nothing was half-written."
    response = problem(500, "internal_error", detail)
    response.headers.update(SECURITY_HEADERS)  # this answer does not pass the middleware
    if (name := request_id.get()) is not None:
        response.headers["X-Request-ID"] = name
    return response
