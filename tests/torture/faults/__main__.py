"""Take away what a server stands on, one thing at a time, and give it back.

    python -m tests.torture.faults
    python -m tests.torture.faults --only locked

Clients go on deciding all the while, and send again what was refused, with the same id. They may
be told of the trouble in one sentence; what they were promised must be there in the end, nothing
twice and nothing in part, and service must come back by itself.
"""

import argparse
import random
import sys

from tests.torture.faults.run import SCENES, run


def main() -> int:
    """1 if anything was lost or is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=SCENES, action="append", help="default: all")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    return max(run(name, args.seed).done(keep=args.keep) for name in args.only or SCENES)


if __name__ == "__main__":
    sys.exit(main())
