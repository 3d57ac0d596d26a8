"""What all scenes have: a server, clients that do not give up, and a judgement at the end."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from corrigenda.workbench import Workspace
from tests.fixtures.serving import Served, serving, serving_forked
from tests.torture.client import BROKEN, Answer, Client
from tests.torture.load import World
from tests.torture.truth import wrong_with

_CANDIDATES = 30
_AGAIN_AFTER = 0.05


class Skipped(Exception):
    """This machine cannot play the scene."""


@dataclass
class Scene:
    """One fault: what came of it.

    `told` are the codes of the refusals that clients were given while it lasted.
    """

    name: str
    place: Path
    chance: random.Random
    url: str | None = None
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.world = World(self.place / "workspace", self.chance)

    def fill(self) -> None:
        """Candidates to begin with."""
        self.world.directory.mkdir(parents=True, exist_ok=True)
        self.world.append(_CANDIDATES)

    def expect(self, truth: object, otherwise: str) -> None:
        """Keep what is wrong."""
        if not truth:
            self.wrong.append(otherwise)

    @contextmanager
    def serve(
        self, *, program: Sequence[str | Path] = (), env: dict[str, str] | None = None
    ) -> Iterator[Served]:
        """A server of its own; that it printed a traceback is wrong."""
        log = self.place / "log"
        options = ("--database-url", self.url) if self.url else ()
        with (
            serving(self.world.directory, log, *options, program=program, env=env)
            if program
            else serving_forked(self.world.directory, log, *options)
        ) as served:
            yield served
        text = log.read_text("utf-8", "replace")
        if "Traceback" in text:
            self.wrong.append(f"a traceback in the log: {text[text.index('Traceback') :][-1500:]}")

    def judge(self) -> None:
        """Hold everything that is there against everything that was promised."""
        directory = self.world.directory
        with Workspace.open(directory, database_url=self.url, keep_files=False) as workspace:
            self.wrong += wrong_with(workspace, self.world.ledger, self.world.imported)
        self.numbers["acknowledged"] = len(self.world.ledger.acknowledged)
        left = [asked.id for asked in self.world.ledger.unknown]
        self.expect(not left, f"never answered: {left[:5]}")


class Stubborn:
    """Clients that send a decision again, with the same id, until somebody has an answer."""

    def __init__(self, scene: Scene, *ports: int, clients: int = 4) -> None:
        self._scene = scene
        self._over = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._work, args=(ports[n % len(ports)], scene.chance.random(), f"r{n}")
            )
            for n in range(clients)
        ]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """They work while this is entered, and finish what they have begun."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()

    def _work(self, port: int, seed: float, by: str) -> None:
        chance = random.Random(seed)
        with Client(port) as client:
            while not self._over.is_set():
                self._insist(client, *self._scene.world.decision(chance, by))

    def _insist(self, client: Client, path: str, body: dict[str, object]) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            answer = attempt(lambda: self._scene.world.ledger.send(client, path, body))
            if answer is not None and answer.status < 500:
                return
            self.trouble(answer)
            time.sleep(_AGAIN_AFTER)
        self._scene.wrong.append(f"{body['decision_id']} was refused for a minute")

    def trouble(self, answer: Answer | None) -> None:
        """A refusal must be one of ours, with its code and one sentence."""
        if answer is None:
            self._scene.told["no answer"] += 1
            return
        code = str(answer.body.get("code")) if isinstance(answer.body, dict) else "no problem"
        self._scene.told[f"{answer.status} `{code}`"] += 1
        if answer.status not in (503, 507) or "\n" in str(answer.body["detail"]):
            self._scene.wrong.append(f"answered with {answer}")


def attempt(ask: Callable[[], Answer]) -> Answer | None:
    """The answer, `None` if there was none."""
    try:
        return ask()
    except BROKEN:
        return None
