"""The workspaces to measure on: one for each size and database, made once and kept.

FOLDER/corpus-1000000.jsonl
FOLDER/sqlite-1000000/corrigenda.db
FOLDER/postgres/                          a server's data; on a socket, with fsync

A workspace that is whole has a file `filled` in its folder.
"""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.corpus import Corpus, write_corpus
from benchmarks.filled import fill, read_corpus
from benchmarks.scale.postgres import Server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Place:
    """A workspace with so many candidates, on one of the databases."""

    folder: Path
    database: str
    size: int
    server: Server | None = None

    @property
    def name(self) -> str:
        """That of its folder and of its database on a server."""
        return f"{self.database}-{self.size}"

    @property
    def workspace(self) -> Path:
        """Its folder."""
        return self.folder / self.name

    @property
    def url(self) -> str:
        """That of its database."""
        if self.server is not None:
            return self.server.url(self.name)
        return f"sqlite:///{self.workspace / 'corrigenda.db'}"

    @property
    def corpus(self) -> Path:
        """The file of its candidates, written if it is not there."""
        path = self.folder / f"corpus-{self.size}.jsonl"
        if not path.exists():
            say(f"writing {path} …")
            write_corpus(path.with_suffix(".part"), self.size)
            path.with_suffix(".part").replace(path)
        return path

    def settings(self) -> dict[str, str]:
        """The environment of a server on it; on SQLite it keeps the JSONL files, too."""
        found = {"CORRIGENDA_WORKSPACE": str(self.workspace)}
        if self.server is not None:
            found["CORRIGENDA_DATABASE_URL"] = self.url
        return found

    def make(self) -> None:
        """Fill it, if it is not there whole."""
        done = self.workspace / "filled"
        if done.exists():
            return
        say(f"filling {self.name} …")
        self.begin()
        target = self.url if self.server is not None else self.workspace / "corrigenda.db"
        fill(target, Corpus(self.size), read_corpus(self.corpus))
        if self.server is not None:
            with self.connected() as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        done.touch()

    def begin(self) -> None:
        """Make it empty."""
        self.remove()
        self.workspace.mkdir(parents=True)
        if self.server is not None:
            self.server.create(self.name)

    def remove(self) -> None:
        """Throw it away."""
        import shutil

        shutil.rmtree(self.workspace, ignore_errors=True)
        if self.server is not None:
            self.server.drop(self.name)

    @contextlib.contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """A connection to its database, in autocommit mode."""
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def say(text: str) -> None:
    """Tell whoever waits."""
    print(text, file=sys.stderr, flush=True)
