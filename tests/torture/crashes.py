"""Kill a real server in the middle of everything, and look at what is left.

    python -m tests.torture.crashes --rounds 200

In each round clients submit, amend, undo, push, import and append to the file, all at once, until
the server gets SIGKILL at a random moment: in the midst of that, while it is shutting down and
rewriting its files, or in the next start while it repairs what the crash before has left. Then
it is started again, requests without an answer are sent again, it is ended well, and everything
that it keeps is held against everything that it had promised.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from corrigenda.workbench import Workspace
from tests.fixtures.forking import forked
from tests.fixtures.processes import stop
from tests.fixtures.serving import Served, serving_forked
from tests.torture.client import BROKEN, Client
from tests.torture.figures import Figures, timed
from tests.torture.load import Load, World
from tests.torture.truth import wrong_with

_AT_FIRST = 40
_ROUNDS_EACH = 8
"""Rounds on one workspace, which grows with every import; then a new one is made."""

_MOST_DECISIONS = 120
_MOST_SECONDS = 10.0
"""How far a round goes before the server is killed."""

KILLED = ("under load", "under load", "under load", "while stopping", "while starting")


def main() -> int:
    """1 if anything was lost or is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: another one each time")
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    return run(args.rounds, args.seed).done(keep=args.keep)


def run(rounds: int, seed: int | None = None) -> Figures:
    """Crash that often; the workspace of a round that went wrong is left where it is."""
    seed = random.randrange(2**32) if seed is None else seed
    figures = Figures("crashes", {"rounds": 0})
    with timed(figures):
        for n in range(0, rounds, _ROUNDS_EACH):
            if figures.wrong:
                break
            chance = random.Random(f"{seed} {n}")
            _series(min(_ROUNDS_EACH, rounds - n), chance, figures)
    figures.numbers["seed"] = seed
    return figures


def _series(rounds: int, chance: random.Random, figures: Figures) -> None:
    base = Path(tempfile.mkdtemp(prefix="crashes-"))
    world = World(base / "workspace", chance)
    world.directory.mkdir()
    world.runs.mkdir()
    settings = f"sft:\n  bench_results_dir: {world.runs}\n"
    (world.directory / "label_tool.yaml").write_text(settings, "utf-8")
    world.append(_AT_FIRST)
    for n in range(rounds):
        how = chance.choice(KILLED)
        wrong = _round(world, base, how)
        figures.numbers["rounds"] += 1
        figures.numbers[f"killed {how}"] = figures.numbers.get(f"killed {how}", 0) + 1
        if wrong:
            figures.wrong += [f"{base}, round {n}, killed {how}: {each}" for each in wrong]
            break
    _count(world, figures)
    if not figures.wrong:
        shutil.rmtree(base)


def _round(world: World, base: Path, how: str) -> list[str]:
    log = base / "log"
    try:
        _crash(world, log, how)
        if how == "while starting":
            _crash_starting(world, log, world.chance.uniform(0.01, 0.6))
        with serving_forked(world.directory, log) as served:
            unanswered = _send_again(world, served)
        if said := log.read_text("utf-8", "replace").partition("Traceback")[1]:
            unanswered.append(f"a {said} in the log")
    except RuntimeError as error:  # it did not start or end
        return [str(error)]
    with Workspace.open(world.directory, keep_files=False) as workspace:
        return unanswered + wrong_with(workspace, world.ledger, world.imported)


def _crash(world: World, log: Path, how: str) -> None:
    with serving_forked(world.directory, log) as served:
        load = Load(world, served)
        load.start()
        _let_work(world)
        if how == "while stopping":
            stop(served.process, seconds=world.chance.uniform(0.001, 0.2))
        served.process.kill()
        load.join()


def _let_work(world: World) -> None:
    """Until some decisions more were acknowledged, and a moment longer."""
    wanted = world.ledger.statuses[200] + world.chance.randrange(_MOST_DECISIONS)
    until = time.monotonic() + _MOST_SECONDS
    while world.ledger.statuses[200] < wanted and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(world.chance.uniform(0, 0.03))


def _crash_starting(world: World, log: Path, seconds: float) -> None:
    """Its repairs are cut off, too."""
    process = forked(["serve", str(world.directory), "--port", "0", "--no-browser"], log)
    time.sleep(seconds)
    process.kill()
    process.wait()


def _send_again(world: World, served: Served) -> list[str]:
    """What a client does that never got its answer: the same decision once more."""
    wrong = []
    with Client(served.port) as client:
        for asked in world.ledger.unknown:
            try:
                answer = world.ledger.send(client, asked.path, asked.body)
            except BROKEN as error:
                wrong.append(f"no answer after the restart: {error!r}")
                continue
            if answer.status not in (200, 404, 409, 422):
                wrong.append(f"{asked.action} sent again was answered with {answer.status}")
            world.counted["sent again"] += 1
    return wrong


def _count(world: World, figures: Figures) -> None:
    figures.numbers["decisions acknowledged"] = figures.numbers.get(
        "decisions acknowledged", 0
    ) + len(world.ledger.acknowledged)
    for what, n in world.counted.items():
        figures.numbers[what] = figures.numbers.get(what, 0) + n


if __name__ == "__main__":
    sys.exit(main())
