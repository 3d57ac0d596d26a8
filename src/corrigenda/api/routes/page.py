"""The built web page: files under `/assets`, and `index.html` for every other address."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response

router = APIRouter(include_in_schema=False)
STATIC = Path(str(files("corrigenda"))) / "static"
_NOT_BUILT = (
    "The web page is not built. In a source checkout run `make setup`; "
    "the API answers at /api/sft/.\n"
)


@router.get("/{path:path}")
@router.head("/{path:path}")
def page(path: str) -> Response:
    """A file of the page, or its entry: the page finds its own way from the address."""
    if path == "api" or path.startswith("api/"):
        raise HTTPException(404, "There is nothing at this address")
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


def _file(path: str) -> Path | None:
    try:
        found = (STATIC / path).resolve()
        if found.is_relative_to(STATIC.resolve()) and found.is_file():
            return found
    except (OSError, ValueError):  # such as a name that is too long, or has U+0000
        pass
    return None
