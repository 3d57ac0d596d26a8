"""A disk that is full, a directory that cannot be written, a database that somebody has locked."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.fixtures.serving import CORRIGENDA, serving
from tests.torture.client import Client
from tests.torture.faults.scene import Scene, Skipped, Stubborn

_LOCKED_SECONDS = 12
"""Longer than a writer waits for its turn."""

_LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


def full_disk(scene: Scene) -> None:
    """No space is left, then there is again; then the server ends on a full disk."""
    with _small_disk(scene) as disk:
        scene.world.directory = disk / "workspace"
        scene.fill()
        with scene.serve() as served, Stubborn(scene, served.port).at_work():
            time.sleep(0.5)
            with _filled(disk):
                _until_told(scene, "507 `storage_full`")
                with Client(served.port) as client:
                    scene.expect(client.get("queue").ok, "the queue cannot be read")
            time.sleep(1)
        scene.judge()
        with scene.serve() as served:
            with Stubborn(scene, served.port).at_work():
                time.sleep(0.5)
            with _filled(disk):
                served.process.send_signal(15)
                served.process.wait(30)
        log = (scene.place / "log").read_text("utf-8")
        scene.expect("space" in log, f"it ended on a full disk and said only: {log}")
        with scene.serve():
            pass
        scene.judge()


def read_only(scene: Scene) -> None:
    """A file system that is read-only from the start: a plain refusal, and nothing is changed."""
    with _small_disk(scene) as disk:
        scene.world.directory = disk / "workspace"
        scene.fill()
        with scene.serve() as served, Stubborn(scene, served.port).at_work():
            time.sleep(0.5)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        try:
            _refuses_to_start(scene)
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        with scene.serve() as served, Stubborn(scene, served.port).at_work():
            time.sleep(0.3)
        scene.judge()


def unwritable_directory(scene: Scene) -> None:
    """Nobody may make a file in the directory any more, while a server is at work in it."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        raise Skipped("`setpriv` is needed to run a server without root's rights")
    powers = "-dac_override,-dac_read_search,-fowner"
    plain = [setpriv, f"--inh-caps={powers}", f"--bounding-set={powers}"] if setpriv else []
    program: list[str | Path] = [*map(str, plain), CORRIGENDA]
    scene.fill()
    directory = scene.world.directory
    with scene.serve(program=program) as served:
        with Stubborn(scene, served.port).at_work():
            time.sleep(0.3)
            directory.chmod(0o555)
            time.sleep(1)
        with Client(served.port) as client:
            scene.expect(client.get("queue").ok, "the queue cannot be read")
        served.process.send_signal(15)
        served.process.wait(30)
        directory.chmod(0o755)
    log = (scene.place / "log").read_text("utf-8")
    scene.expect("ermission" in log, f"it could not write out, and said only: {log}")
    with scene.serve():
        pass
    scene.judge()


def locked(scene: Scene) -> None:
    """Another program holds SQLite's write lock for longer than a writer waits."""
    scene.fill()
    with scene.serve() as served, Stubborn(scene, served.port).at_work():
        time.sleep(0.5)
        database = scene.world.directory / "corrigenda.db"
        with subprocess.Popen(
            [sys.executable, "-c", _LOCK, str(database), str(_LOCKED_SECONDS)],
            stdout=subprocess.PIPE,
        ) as locker:
            assert locker.stdout is not None
            locker.stdout.readline()
            with Client(served.port) as client:
                scene.expect(client.get("queue").ok, "the queue cannot be read meanwhile")
            _until_told(scene, "503 `storage_unavailable`")
        time.sleep(1)
    scene.judge()


def _refuses_to_start(scene: Scene) -> None:
    log = scene.place / "refused"
    try:
        with serving(scene.world.directory, log):
            scene.wrong.append("it started on a read-only file system")
    except RuntimeError:
        pass
    said = log.read_text("utf-8").strip()
    scene.expect(said.startswith("Error") and "\n" not in said, f"it said: {said}")
    scene.told["that it cannot start"] += 1


def _until_told(scene: Scene, what: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not scene.told[what] and time.monotonic() < until:
        time.sleep(0.05)
    scene.expect(scene.told[what], f"nobody was told {what}, but {dict(scene.told)}")


@contextlib.contextmanager
def _small_disk(scene: Scene) -> Iterator[Path]:
    """A file system of a few MB; mounting it takes root."""
    place = scene.place / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        raise Skipped("a small file system cannot be mounted here: it takes root")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Somebody else's file takes all the space that there is, and takes what becomes free."""
    ballast = disk / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"x" * 4096)
    os.close(handle)
    try:
        yield
    finally:
        ballast.unlink()
