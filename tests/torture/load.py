"""Clients that decide, undo and bring candidates all at once, until the server is gone."""

import json
import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fixtures.serving import Served
from tests.torture.client import BROKEN, Client
from tests.torture.ledger import Ledger
from tests.torture.truth import CANDIDATES

CLIENTS = 6
_ACTIONS = ("correct",) * 8 + ("undo",) * 5 + ("discard", "flag", "amend", "amend", "categorise")
_ODD = "é \u2028 \x00 \ud800 \U0001f989 </script> '; --\r\n"
_CATEGORIES = (None, "wrong_answer", "format_error")


def record(candidate_id: str, **fields: Any) -> dict[str, Any]:
    """A candidate with an answer of about a kilobyte."""
    return {
        "id": candidate_id,
        "benchmark_run_id": "run-1",
        "prompt_messages": [{"role": "user", "content": f"Question {candidate_id}?"}],
        "model_response": f"wrong {candidate_id} " + "lorem " * 150,
        "model_name": "small",
        "task_type": "math",
        **fields,
    }


@dataclass
class World:
    """One workspace's directory, and everything that was asked of its servers.

    `imported` are the candidates whose import was acknowledged, or whose line stands in the file.
    """

    directory: Path
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    imported: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    _names: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def runs(self) -> Path:
        return self.directory / "runs"

    def new_name(self, kind: str) -> str:
        """A name that nothing has had; the parts before the number tell where it comes from."""
        with self._lock:
            self._names += 1
            return f"{kind}-{self._names}"

    def has(self, *names: str, by: str) -> None:
        """Keep that these candidates must be there from now on."""
        with self._lock:
            self.imported += names
            self.counted[by] += len(names)

    def append(self, n: int) -> None:
        """Add lines to the candidates' file, as a person's script does: no lock, one write."""
        names = [self.new_name("file") for _ in range(n)]
        lines = b"".join(json.dumps(record(name)).encode("ascii") + b"\n" for name in names)
        handle = os.open(self.directory / CANDIDATES, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.write(handle, lines)
        finally:
            os.close(handle)
        self.has(*names, by="lines appended")

    def push(self, client: Client, n: int) -> None:
        """Send candidates over HTTP."""
        names = [self.new_name("push") for _ in range(n)]
        lines = b"".join(json.dumps(record(name)).encode("ascii") + b"\n" for name in names)
        if client.ask("POST", "candidates", lines, "application/x-ndjson").ok:
            self.has(*names, by="pushed")

    def import_run(self, client: Client, n: int) -> None:
        """Let the server import a run from the benchmark folder."""
        run = self.new_name("run")
        names = [self.new_name(run) for _ in range(n)]
        (self.runs / run).mkdir(parents=True)
        lines = (json.dumps(record(name, benchmark_run_id=run)) + "\n" for name in names)
        (self.runs / run / CANDIDATES).write_text("".join(lines), encoding="ascii")
        if client.post("import", {"run_id": run}).ok:
            self.has(*names, by="imported from runs")

    def decision(self, chance: random.Random, by: str) -> tuple[str, dict[str, Any]]:
        """Any decision on any candidate: (the route, its body)."""
        action = chance.choice(_ACTIONS)
        name = self.new_name("d")
        body: dict[str, Any] = {"id": chance.choice(self.imported), "decision_id": name}
        body |= {"reviewer": by, "failure_category": chance.choice(_CATEGORIES)}
        if action == "undo":
            return "undo", body
        body["action"] = action
        if action in ("correct", "amend"):
            body["corrected_response"] = name + _ODD + "x" * chance.choice((0, 10, 1000, 20_000))
        return "submit", body


class Load:
    """The clients at work; each ends at its first trouble, or when it is told to."""

    def __init__(self, world: World, served: Served) -> None:
        self._world = world
        self._served = served
        self._over = threading.Event()
        works = [self._decide] * CLIENTS + [self._push, self._import, self._append]
        seeds = [world.chance.random() for _ in works]
        self._threads = [
            threading.Thread(target=self._until_over, args=(work, random.Random(seed), n))
            for n, (work, seed) in enumerate(zip(works, seeds, strict=True))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Tell them to end, and wait until they have."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _until_over(
        self, work: Callable[[Client, random.Random, str], None], chance: random.Random, n: int
    ) -> None:
        with Client(self._served.port) as client:
            while not self._over.is_set():
                try:
                    work(client, chance, f"r{n}")
                except BROKEN:
                    return

    def _decide(self, client: Client, chance: random.Random, by: str) -> None:
        self._world.ledger.send(client, *self._world.decision(chance, by))

    def _push(self, client: Client, chance: random.Random, _by: str) -> None:
        self._world.push(client, chance.randrange(1, 15))
        self._over.wait(chance.random() / 4)

    def _import(self, client: Client, chance: random.Random, _by: str) -> None:
        self._world.import_run(client, chance.randrange(1, 25))
        self._over.wait(chance.random() / 2)

    def _append(self, _client: Client, chance: random.Random, _by: str) -> None:
        if self._served.process.poll() is not None:
            return
        self._world.append(chance.randrange(1, 4))
        self._over.wait(chance.random() / 4)
