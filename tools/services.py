"""Find what the tests need beside the locked packages: PostgreSQL, a Chromium, bubblewrap.

    python -m tools.services

installs a missing one from Debian's packages where it may (as root, with `apt-get`), and
otherwise says in one line what to install. That is an error with `CI` set; without it the
tests in question are skipped, with the same line as the reason.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_CHROMIUM_MAC = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find_postgres() -> Path | None:
    """The folder of `initdb` and `postgres`: `$PG_BIN`, else the newest that is installed."""
    if chosen := os.environ.get("PG_BIN"):
        return _with_initdb(Path(chosen))
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(installed, key=lambda path: path.parent.name.zfill(4), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]
    return next(filter(None, map(_with_initdb, candidates)), None)


def find_chromium() -> Path | None:
    """The program of a Chromium or Chrome: `$CHROMIUM`, else one that is installed."""
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen) if os.access(chosen, os.X_OK) else None
    on_path = next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    if on_path:
        return Path(on_path)
    return next(filter(Path.is_file, _CHROMIUM_MAC), None)


def find_bubblewrap() -> Path | None:
    """The program that makes sandboxes."""
    found = shutil.which("bwrap")
    return Path(found) if found else None


def _with_initdb(folder: Path) -> Path | None:
    complete = all((folder / name).exists() for name in ("initdb", "postgres"))
    return folder if complete else None


@dataclass(frozen=True)
class Service:
    """One thing to have, and where it comes from."""

    name: str
    find: Callable[[], Path | None]
    packages: tuple[str, ...]
    variable: str

    @property
    def advice(self) -> str:
        """What to do when it is missing."""
        return (
            f"{self.name} is missing: install it (on Debian `apt-get install "
            f"{' '.join(self.packages)}`) or set {self.variable}"
        )


POSTGRES = Service(
    "PostgreSQL", find_postgres, ("postgresql",), "PG_BIN to the folder of its `initdb`"
)
CHROMIUM = Service(
    "Chromium", find_chromium, ("chromium", "fonts-dejavu-core"), "CHROMIUM to its program"
)


BUBBLEWRAP = Service("bubblewrap", find_bubblewrap, ("bubblewrap",), "PATH to its folder")


def install(services: list[Service]) -> None:
    """Install from Debian's packages, if this machine and user can; failing is not an error here.

    What `apt-get` says is shown only if it fails.
    """
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return
    packages = [package for service in services for package in service.packages]
    print(f"== installing {' '.join(packages)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ("-o", "DPkg::Lock::Timeout=120")
    for command in (
        [apt, *wait, "update"],
        [apt, *wait, "install", "--yes", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command,
            env=env,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode:
            # An update that failed in part may be enough for the installation.
            print(f"`{' '.join(command)}` failed:\n{done.stdout[-2000:]}", flush=True)


def main() -> int:
    """Return 1 if something is missing that may not be."""
    services = [POSTGRES, CHROMIUM, BUBBLEWRAP]
    if absent := [service for service in services if service.find() is None]:
        install(absent)
    absent = [service for service in absent if service.find() is None]
    for service in absent:
        print(f"{service.advice}{'' if IN_CI else '; its tests will be skipped'}", flush=True)
    return 1 if absent and IN_CI else 0


if __name__ == "__main__":
    sys.exit(main())
