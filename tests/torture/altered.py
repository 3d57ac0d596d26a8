"""`corrigenda` with leases that are over soon, or with a clock that a test can move.

    TORTURE_LEASE_SECONDS=2 TORTURE_CLOCK=offset.txt python -m tests.torture.altered serve data

The file `offset.txt` holds by how many seconds the wall clock is wrong; it is read at each look
at the clock. The steady clock goes on as it is, as a machine's does when its time is set.
"""

import datetime as real
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path


def main() -> None:
    """Alter, then be `corrigenda`."""
    if lease := os.environ.get("TORTURE_LEASE_SECONDS"):
        _shorten_leases(float(lease))
    if clock := os.environ.get("TORTURE_CLOCK"):
        _move_clock(Path(clock))
    from corrigenda.cli import main as corrigenda

    corrigenda(sys.argv[1:])


def _shorten_leases(seconds: float) -> None:
    from corrigenda.workbench import Workspace

    Workspace.lease_seconds = seconds


def _move_clock(offset_file: Path) -> None:
    """Everything that asks Python for the wall clock is told another time."""

    def offset() -> float:
        return float(offset_file.read_text("ascii"))

    class Moved(real.datetime):
        @classmethod
        def now(cls, tz: real.tzinfo | None = None) -> "Moved":
            now = real.datetime.now(tz) + real.timedelta(seconds=offset())
            return cls.combine(now.date(), now.time(), now.tzinfo)

    honest: Callable[[], float] = time.time
    honest_ns: Callable[[], int] = time.time_ns
    time.time = lambda: honest() + offset()
    time.time_ns = lambda: honest_ns() + int(offset() * 1e9)
    from corrigenda import clock

    clock.datetime = Moved  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
