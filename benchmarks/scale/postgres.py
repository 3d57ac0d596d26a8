"""A PostgreSQL server to measure on: as it is installed, with fsync, on a socket.

The settings are PostgreSQL's own but for the memory that every guide raises first.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tools.services import POSTGRES

_START_SECONDS = 60
_SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "max_connections=100")


class Server:
    """A running server."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets

    def url(self, database: str) -> str:
        """Where a database of it is."""
        return f"postgresql+psycopg://postgres@/{database}?host={self._sockets}"

    def create(self, database: str) -> None:
        """Make a database."""
        self._execute("CREATE DATABASE {}", database)

    def drop(self, database: str) -> None:
        """Remove one, if it is there."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def version(self) -> str:
        """Such as `15.8`."""
        with self._connect() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else ""

    def _execute(self, statement: LiteralString, database: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(database)))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._sockets), user="postgres", dbname="postgres", autocommit=True
        )


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start the server whose data is in a folder; make it if there is none.

    Raises:
        RuntimeError: PostgreSQL is not installed, or does not start.
    """
    programs = POSTGRES.find()
    if programs is None:
        raise RuntimeError(POSTGRES.advice)
    folder.mkdir(parents=True, exist_ok=True)
    # A socket's path may have 107 bytes.
    sockets = Path(tempfile.mkdtemp(prefix="cg-bench-", dir="/tmp"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for each in (folder, sockets):
            os.chown(each, nobody.pw_uid, nobody.pw_gid)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        options = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        made = [*_as_nobody(), str(programs / "initdb"), "-D", str(data), *options]
        subprocess.run(made, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [
                *_as_nobody(), programs / "postgres", "-D", data, "-k", sockets, "-h", "",
                *(part for setting in _SETTINGS for part in ("-c", setting)),
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )  # fmt: skip
        try:
            _wait(process, sockets, folder / "log")
            yield Server(sockets)
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown
            process.wait(timeout=_START_SECONDS)
            shutil.rmtree(sockets, ignore_errors=True)


def _as_nobody() -> tuple[str, ...]:
    """The words before a command; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


def _wait(process: "subprocess.Popen[bytes]", sockets: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(host=str(sockets), user="postgres", dbname="postgres"),
        ):
            return
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
