"""Where the figures go: between two marks of a page, or to the terminal."""

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

DEFAULT_OUTPUT = Path(__file__).parent.parent / "docs" / "performance.md"


def machine() -> str:
    """When and on what something was measured."""
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores "
        f"({platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def peak_megabytes() -> float:
    """The most memory that this process has had (Linux alone tells it)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    (line,) = (each for each in status.read_text("utf-8").splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1_000_000


def publish(table: str, name: str, output: str) -> None:
    """Put a table between the marks of the benchmark `name` in a page, or print it for `-`."""
    if output == "-":
        print(table)
        return
    page = Path(output)
    begin, end = f"<!-- benchmarks.{name}: begin -->", f"<!-- benchmarks.{name}: end -->"
    before, rest = page.read_text("utf-8").split(begin)
    _, after = rest.split(end)
    page.write_text(f"{before}{begin}\n{table}{end}{after}", "utf-8")
    print(f"wrote {page}", file=sys.stderr)
