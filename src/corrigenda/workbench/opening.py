"""Looking before opening: is there a workspace at all?"""

from pathlib import Path

from corrigenda import settings
from corrigenda.errors import NotFound
from corrigenda.mirror.approved_file import NAME as APPROVED
from corrigenda.mirror.candidates_file import NAME as CANDIDATES
from corrigenda.store.engine import parse_url

DATABASE_NAME = "corrigenda.db"
_ANY_OF = (DATABASE_NAME, CANDIDATES, APPROVED, settings.CONFIG_NAME)


def must_be_there(place: Path, database_url: str | None) -> None:
    """Refuse where opening would find nothing: to look at a mistyped name makes nothing."""
    if database_url is None:
        if not any((place / name).exists() for name in _ANY_OF):
            raise NotFound(
                f"There is no workspace in `{place}`; import a run to make one, "
                "or name another directory."
            )
        return
    url = parse_url(database_url)
    file = url.database if url.get_backend_name() == "sqlite" else None
    if file not in (None, "", ":memory:") and not Path(file).exists():
        raise NotFound(f"There is no database `{file}`; import a run to make it.")
