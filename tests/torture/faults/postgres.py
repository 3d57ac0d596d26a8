"""PostgreSQL that goes away and comes back while everybody is at work."""

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

import psycopg

from tests.fixtures import postgres
from tests.fixtures.processes import ends_with_us, stop
from tests.torture.client import Client
from tests.torture.faults.scene import Scene, Skipped, Stubborn
from tools.services import POSTGRES

_HOW = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "killed": signal.SIGKILL}
_DOWN_SECONDS = 1.0


class Restartable:
    """A PostgreSQL server that keeps its data on disk, as a real one does, and can be ended."""

    def __init__(self, bin_dir: Path, folder: Path) -> None:
        self._bin, self._folder = bin_dir, folder
        self._process: subprocess.Popen[bytes] | None = None
        options = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        self._run("initdb", "-D", folder / "data", *options)

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/torture?host={self._folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *postgres._as_nobody(),
                    *ends_with_us(signal.SIGINT),
                    *(self._bin / "postgres", "-D", self._folder / "data"),
                    *("-k", self._folder, "-h", ""),
                ],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        postgres._wait(self._process, self._folder)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it with a signal, and wait for that."""
        if self._process is not None:
            stop(self._process, number)

    def make_database(self) -> None:
        with psycopg.connect(
            host=str(self._folder), user="postgres", dbname="postgres", autocommit=True
        ) as admin:
            admin.execute("CREATE DATABASE torture")

    def _run(self, program: str, *words: str | Path) -> None:
        command = [*postgres._as_nobody(), self._bin / program, *words]
        subprocess.run(command, check=True, cwd=self._folder, capture_output=True)


@contextlib.contextmanager
def restartable() -> Iterator[Restartable]:
    """One with an empty database, thrown away at the end."""
    bin_dir = POSTGRES.find()
    if bin_dir is None:
        raise Skipped(POSTGRES.advice)
    folder = Path(tempfile.mkdtemp(prefix="cg-", dir="/tmp" if Path("/tmp").is_dir() else None))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        server = Restartable(bin_dir, folder)
        server.start()
        try:
            server.make_database()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restarted(scene: Scene) -> None:
    """Ended in each way in mid-load, and started again a second later."""
    with restartable() as server:
        scene.url = server.url
        _fill(scene)
        with scene.serve() as served, Stubborn(scene, served.port).at_work():
            for number in _HOW.values():
                time.sleep(0.7)
                server.stop(number)
                time.sleep(_DOWN_SECONDS)
                server.start()
                scene.numbers["restarts"] += 1
                _until_served(scene, served.port)
            time.sleep(0.7)
        scene.expect(scene.told, "nobody noticed")
        scene.judge()


def _fill(scene: Scene) -> None:
    with scene.serve() as served, Client(served.port) as client:
        scene.world.push(client, 30)


def _until_served(scene: Scene, port: int) -> None:
    """A new client is served within a few seconds."""
    until = time.monotonic() + 10
    with Client(port) as client:
        while not client.get("queue").ok:
            if time.monotonic() > until:
                scene.wrong.append("no service ten seconds after PostgreSQL was there again")
                return
            time.sleep(0.05)
