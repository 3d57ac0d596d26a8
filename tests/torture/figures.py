"""What the long runs found, kept beside them, so that the documentation can show it.

python -m tests.torture.report
"""

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("figures.json")


@dataclass
class Figures:
    """The figures of one run; `wrong` is empty when nothing was lost or broken.

    Example:
        >>> Figures("crashes", {"rounds": 200}).line
        'crashes: rounds 200, wrong 0'
    """

    name: str
    numbers: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """For people, on one line."""
        numbers = {**self.numbers, "wrong": len(self.wrong)}
        return f"{self.name}: " + ", ".join(f"{key} {value}" for key, value in numbers.items())

    def keep(self) -> None:
        """Put the figures in the place of those of the last such run."""
        kept = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
        kept[self.name] = {
            "measured": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "numbers": self.numbers,
            "wrong": self.wrong,
        }
        # The figures of a run stay in the order in which it tells them.
        ordered = {name: kept[name] for name in sorted(kept)}
        text = json.dumps(ordered, indent=1, ensure_ascii=True)
        KEPT.write_text(text + "\n", encoding="utf-8")

    def done(self, *, keep: bool) -> int:
        """Print what was found, keep it if asked for; the exit status."""
        for each in self.wrong[:20]:
            print(f"WRONG {each}")
        print(self.line, flush=True)
        if keep:
            self.keep()
        return 1 if self.wrong else 0


@contextmanager
def timed(figures: Figures) -> Iterator[None]:
    """Adds how long it took, in seconds."""
    began = time.monotonic()
    yield
    figures.numbers["seconds"] = round(time.monotonic() - began)


def machine() -> str:
    """On what something was measured."""
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} cores ({platform.machine()}), {system}"
