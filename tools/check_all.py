"""Run `make` targets and name at the end the ones that failed.

    python -m tools.check_all --jobs 2 ruff types web-lint -- unit browser

Those before `--` run side by side and each prints its output when it is done; those after it
run one by one, with their output as it comes. A failure stops nothing else.
"""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """How one target went."""

    target: str
    code: int
    seconds: float
    output: str = ""

    @property
    def line(self) -> str:
        """For people, as `ok     ruff         0.4 s`."""
        return f"{'FAILED' if self.code else 'ok':6} {self.target:12} {self.seconds:6.1f} s"


def run(target: str, *, capture: bool) -> Result:
    """Run one target to its end."""
    # The outer make's flags (its job server above all) are not meant for these.
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    if capture:
        env["NO_COLOR"] = "1"
    began = time.monotonic()
    done = subprocess.run(
        ["make", "--no-print-directory", target],
        env=env,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        encoding="utf-8",
        errors="replace",
    )
    return Result(target, done.returncode, time.monotonic() - began, done.stdout or "")


def run_all(together: Sequence[str], in_turn: Sequence[str], jobs: int) -> list[Result]:
    """Run everything; the results come in the order of their ends."""
    results = []
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for future in as_completed([pool.submit(run, name, capture=True) for name in together]):
            result = future.result()
            print(f"== {result.line}", flush=True)
            if result.output.strip():
                print(result.output.rstrip(), flush=True)
            results.append(result)
    for name in in_turn:
        print(f"== {name}", flush=True)
        results.append(run(name, capture=False))
    return results


def main(arguments: Sequence[str]) -> int:
    """Return 1 if anything failed."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = ArgumentParser(prog="tools.check_all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("together", nargs="*")
    options = parser.parse_args(arguments[:cut])
    results = run_all(options.together, arguments[cut + 1 :], options.jobs)
    print("\n" + "\n".join(result.line for result in results))
    failed = [result.target for result in results if result.code]
    if failed:
        print(f"failed: {', '.join(failed)} (run one again with `make {failed[0]}`)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
