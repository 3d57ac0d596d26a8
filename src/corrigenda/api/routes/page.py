"""The built web page: files under `/assets`, and `index.html` for every other address."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import compile_path

router = APIRouter(include_in_schema=False)
STATIC = Path(str(files("corrigenda"))) / "static"
_NOTHING = "There is nothing at this address"
_NOT_BUILT = (
    "The web page is not built. In a source checkout run `make setup`; "
    "the API answers at /api/sft/.\n"
)


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@router.api_route("/api", methods=_METHODS)
@router.api_route("/api/{path:path}", methods=_METHODS)
def no_such_api(request: Request) -> Response:
    """An address of the API that no route took: it is unknown, or the method is."""
    _refuse_other_methods(request)
    raise HTTPException(404, _NOTHING)


@router.get("/{path:path}")
@router.head("/{path:path}")
def page(path: str, request: Request) -> Response:
    """A file of the page, or its entry: the page finds its own way from the address."""
    if request.method == "HEAD":
        _refuse_other_methods(request)
    if path.lstrip("/").split("/")[0] == "api":  # such as `//api/sft/queue`
        raise HTTPException(404, _NOTHING)
    if (found := _file(path)) is not None:
        forever = path.startswith("assets/")  # their names carry a hash of their content
        cache = "public, max-age=31536000, immutable" if forever else "no-cache"
        return FileResponse(found, headers={"Cache-Control": cache})
    if path.startswith("assets/"):
        raise HTTPException(404, "There is no such file")
    index = STATIC / "index.html"
    if not index.is_file():
        return PlainTextResponse(_NOT_BUILT)
    return FileResponse(index, headers={"Cache-Control": "no-cache"})


def _refuse_other_methods(request: Request) -> None:
    """Refuse if there is a route at this address, only not with this method (such as HEAD)."""
    allowed = {
        method.upper()
        for template, operations in request.app.openapi()["paths"].items()
        if compile_path(template)[0].match(request.url.path)
        for method in operations
    }
    if allowed:
        names = ", ".join(sorted(allowed))
        raise HTTPException(405, "Method Not Allowed", headers={"Allow": names})


def _file(path: str) -> Path | None:
    try:
        found = (STATIC / path).resolve()
        if found.is_relative_to(STATIC.resolve()) and found.is_file():
            return found
    except (OSError, ValueError):  # such as a name that is too long, or has U+0000
        pass
    return None
