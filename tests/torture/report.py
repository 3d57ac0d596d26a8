"""The table of `docs/reliability.md`, from the figures that the long runs have left.

python -m tests.torture.report
"""

import json
from typing import Any

from tests.torture.figures import KEPT

_ORDER = ("crashes", "reviewers", "fault", "states", "fuzz")
_APART = ("seed", "seconds", "told", "skipped")
"""What stands in a column of its own, or is of no interest to a reader."""


def table() -> str:
    """One row for each run, as Markdown.

    Example:
        `| crashes | 200 rounds, 9,000 decisions acknowledged, … | 0 | 2026-11-23, 700 s |`
    """
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    lines = ["| run | did | lost or wrong | when, how long |", "|---|---|---:|---|"]
    for name in sorted(kept, key=_rank):
        run = kept[name]
        numbers = run["numbers"]
        done = ", ".join(
            f"{_figure(n)} {what}" for what, n in numbers.items() if what not in _APART
        )
        if "told" in numbers:
            done += f"; clients were told: {numbers['told']}"
        if "skipped" in numbers:
            done = f"skipped: {numbers['skipped']}"
        when = f"{run['measured']}, {_figure(numbers['seconds'])} s"
        lines.append(f"| {name} | {done} | {len(run['wrong'])} | {when} |")
    machines = sorted({run["machine"] for run in kept.values()})
    return "\n".join([*lines, "", f"Measured on {'; '.join(machines)}."] if machines else lines)


def _rank(name: str) -> tuple[int, str]:
    kind = next((n for n, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))
    return kind, name


def _figure(n: object) -> str:
    return f"{n:,}" if isinstance(n, int) else str(n)


if __name__ == "__main__":
    print(table())
