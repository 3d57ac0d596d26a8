"""Everything, at length: `make torture`.

    python -m tests.torture --rounds 200 --decisions 3000
    python -m tests.torture --only crashes --only faults

Each run prints one line of figures and keeps it; at the end `docs/reliability.md` has them all.
"""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "reliability.md"


def main() -> int:
    """1 if anything was lost or is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", default="200", help="crashes")
    parser.add_argument("--decisions", default="3000", help="by thirty reviewers, on each database")
    parser.add_argument("--sequences", default="200", help="of steps, on each database")
    parser.add_argument("--examples", default="50", help="of requests to each route, of each kind")
    parser.add_argument("--seconds", default="60", help="for each parser")
    runs = _runs(parser.parse_args([]))
    parser.add_argument("--only", choices=list(runs), action="append", help="default: all")
    args = parser.parse_args()
    runs = _runs(args)
    failed = [name for name in args.only or runs if _run(runs[name])]
    subprocess.run([sys.executable, "-m", "cogapp", "-I", ".", "-r", str(PAGE)], check=True)
    print(f"FAILED: {', '.join(failed)}" if failed else "nothing was lost")
    return 1 if failed else 0


def _runs(args: argparse.Namespace) -> Mapping[str, list[str]]:
    """The modules with their options, the shorter ones first."""
    return {
        "faults": ["tests.torture.faults"],
        "reviewers": ["tests.torture.reviewers", "--decisions", args.decisions],
        "hostile": ["tests.fuzz.hostile", "--texts", "500"],
        "crashes": ["tests.torture.crashes", "--rounds", args.rounds],
        "states": ["tests.torture.states", "--examples", args.sequences],
        "api": ["tests.fuzz.api", "--examples", args.examples],
        "parsers": ["tests.fuzz.parsers", "--seconds", args.seconds],
    }


def _run(words: list[str]) -> int:
    done = subprocess.run([sys.executable, "-m", *words, "--keep"], cwd=ROOT, check=False)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
