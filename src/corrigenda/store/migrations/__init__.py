"""The schema's history, one line of Alembic revisions."""

from pathlib import Path

from sqlalchemy.engine import Engine

HEAD = "0008"
"""The revision that this program works with; a test holds it to the newest file."""

_UPGRADE_LOCK = 0x436F7273


def upgrade(engine: Engine) -> None:
    """Bring a database to `HEAD`, in one transaction.

    SQLite checks no foreign keys meanwhile: a table that is rewritten is dropped for a moment.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import text

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A pragma does nothing inside a transaction, and SQLAlchemy opens one at once.
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
                config.attributes["connection"] = connection
                command.upgrade(config, HEAD)
        finally:
            if connection.dialect.name == "sqlite":
                raw = connection.connection.dbapi_connection
                assert raw is not None
                raw.cursor().execute("PRAGMA foreign_keys=ON")
