"""The state machine, at length.

python -m tests.torture.states --examples 200
"""

import argparse
import contextlib
import sys
import traceback
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fixtures.postgres import running_server
from tests.torture.figures import Figures, timed
from tests.torture.machine import Machine
from tools.services import POSTGRES

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """1 if the workspace is ever not what the model says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=100, help="sequences on each database")
    parser.add_argument("--steps", type=int, default=50, help="the longest sequence")
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--first", action="store_true", help="do not look for a shorter sequence")
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    return max(
        run(database, args.examples, args.steps, first=args.first).done(keep=args.keep)
        for database in args.database or DATABASES
    )


def run(database: str, examples: int, steps: int, *, first: bool = False) -> Figures:
    """Try so many sequences of steps."""
    figures = Figures(f"states, {database}", {"sequences": 0, "steps": 0})
    phases = [Phase.generate] if first else [Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    with _machine(database, figures) as machine, timed(figures):
        try:
            run_state_machine_as_test(machine, settings=chosen)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            figures.wrong.append("\n".join([*getattr(error, "__notes__", []), _said(error)]))
    return figures


def _said(error: Exception) -> str:
    return "".join(traceback.format_exception(error, limit=-4))


@contextlib.contextmanager
def _machine(database: str, figures: Figures) -> Iterator[type[Machine]]:
    with contextlib.ExitStack() as stack:
        fields: dict[str, Any] = {"counted": figures.numbers}
        if database == "postgresql":
            bin_dir = POSTGRES.find()
            if bin_dir is None:
                raise SystemExit(POSTGRES.advice)
            server = stack.enter_context(running_server(bin_dir))
            fields["url"] = stack.enter_context(server.fresh_database())
        yield type("Counted", (Machine,), fields)


if __name__ == "__main__":
    sys.exit(main())
