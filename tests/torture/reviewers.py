"""Thirty reviewers on one queue, whose computers crash.

    python -m tests.torture.reviewers --reviewers 30 --decisions 3000

Each claims a few cards, decides them, and now and then vanishes with cards in hand, sends half of
a decision, does not wait for its answer, sends it twice, or falls asleep until its lease is over.
On SQLite there is one server, on PostgreSQL there are two on one database. Afterwards every
candidate must have been decided exactly once, no card been in two hands, and every acknowledged
decision stand there with its text.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corrigenda.workbench import Workspace
from tests.fixtures.postgres import running_server
from tests.fixtures.serving import Served, serving
from tests.torture.client import Client
from tests.torture.figures import Figures, timed
from tests.torture.holds import Holds
from tests.torture.ledger import Ledger
from tests.torture.load import record
from tests.torture.reviewer import Reviewer
from tests.torture.truth import wrong_with
from tools.services import POSTGRES

LEASE_SECONDS = 2.0
DATABASES = ("sqlite", "postgresql")
_ALTERED = (sys.executable, "-m", "tests.torture.altered")


@dataclass(frozen=True)
class Desk:
    """The servers of one workspace, and the tokens of those who may use them."""

    place: Path
    url: str | None
    served: Sequence[Served]
    tokens: Sequence[str]


def main() -> int:
    """1 if anything was lost, decided twice, or in two hands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--reviewers", type=int, default=30)
    parser.add_argument("--decisions", type=int, default=3000)
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    status = 0
    for database in args.database or DATABASES:
        figures = run(database, args.reviewers, args.decisions, args.seed)
        status |= figures.done(keep=args.keep)
    return status


def run(database: str, reviewers: int, decisions: int, seed: int) -> Figures:
    """Let them review until nothing is left."""
    figures = Figures(f"reviewers, {database}")
    with (
        tempfile.TemporaryDirectory(prefix="reviewers-") as temporary,
        _database(database) as url,
        timed(figures),
    ):
        with _desk(Path(temporary), url, reviewers) as desk:
            names = _fill(desk, decisions)
            ledger, holds = Ledger(), Holds(LEASE_SECONDS)
            crew = _review(desk, ledger, holds, seed)
        figures.wrong += [each for one in crew for each in one.wrong]
        figures.wrong += holds.in_two_hands()
        figures.wrong += _decided_once(desk, ledger, names)
    mishaps = sum(one.mishaps.total() for one in crew)
    acknowledged = len(ledger.acknowledged)
    figures.numbers = {
        "reviewers": reviewers,
        "servers": len(desk.served),
        "cards handed out": len(holds.all),
        "decisions": acknowledged,
        "mishaps": mishaps,
        **{name: sum(one.mishaps[name] for one in crew) for name in sorted(crew[0].kinds)},
        "refused, since somebody was first": ledger.statuses[409],
        "seed": seed,
        **figures.numbers,
    }
    return figures


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    """The URL of an empty one, `None` for a workspace's own file."""
    if kind == "sqlite":
        yield None
        return
    bin_dir = POSTGRES.find()
    if bin_dir is None:
        raise SystemExit(POSTGRES.advice)
    with running_server(bin_dir) as server, server.fresh_database() as url:
        yield url


@contextmanager
def _desk(place: Path, url: str | None, reviewers: int) -> Iterator[Desk]:
    with ExitStack() as stack:
        tokens = _invite(place / "workspace", url, reviewers)
        options = ("--database-url", url) if url else ()
        env = {"TORTURE_LEASE_SECONDS": str(LEASE_SECONDS)}
        served = [
            stack.enter_context(
                serving(
                    place / "workspace", place / f"log-{n}", *options, program=_ALTERED, env=env
                )
            )
            for n in range(2 if url else 1)
        ]
        yield Desk(place, url, served, tokens)


def _invite(directory: Path, url: str | None, n: int) -> list[str]:
    """The tokens of a lead, who comes first, and of the reviewers."""
    with Workspace.open(directory, database_url=url) as workspace:
        return [
            workspace.add_reviewer(f"reviewer-{number}", lead=number == 0)[1]
            for number in range(n + 1)
        ]


def _fill(desk: Desk, n: int) -> list[str]:
    path = desk.place / "candidates.jsonl"
    names = [f"card-{number}" for number in range(n)]
    with path.open("w", encoding="ascii") as file:
        for name in names:
            file.write(json.dumps(record(name)) + "\n")
    with Client(desk.served[0].port, desk.tokens[0]) as client:
        answer = client.ask("POST", "candidates", path.read_bytes(), "application/x-ndjson")
        assert answer.ok, answer
    return names


def _review(desk: Desk, ledger: Ledger, holds: Holds, seed: int) -> list[Reviewer]:
    crew = [
        Reviewer(
            f"reviewer-{n}",
            desk.served[n % len(desk.served)].port,
            token,
            ledger,
            holds,
            random.Random(f"{seed} {n}"),
        )
        for n, token in enumerate(desk.tokens)
        if n > 0
    ]
    threads = [threading.Thread(target=one.work) for one in crew]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 3600
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return crew


def _decided_once(desk: Desk, ledger: Ledger, names: Sequence[str]) -> list[str]:
    directory = desk.place / "workspace"
    with Workspace.open(directory, database_url=desk.url, keep_files=False) as workspace:
        wrong = wrong_with(workspace, ledger, names)
        for name in names:
            made = [entry["reviewer"] for entry in workspace.history(name)]
            if len(made) != 1:
                wrong.append(f"`{name}` was decided {len(made)} times, by {made}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
