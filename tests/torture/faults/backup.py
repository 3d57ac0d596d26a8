"""Backups that are taken while everybody is at work."""

import subprocess
import time
from pathlib import Path

from corrigenda.workbench import Workspace
from tests.fixtures.serving import CORRIGENDA
from tests.torture.faults.scene import Scene, Stubborn
from tests.torture.truth import unsound

_BACKUPS = 3


def taken_under_load(scene: Scene) -> None:
    """Each holds all that was acknowledged before it began, and is sound when it is restored."""
    scene.fill()
    promised: list[tuple[Path, set[str]]] = []
    with scene.serve() as served, Stubborn(scene, served.port).at_work():
        for n in range(_BACKUPS):
            time.sleep(0.3)
            file = scene.place / f"backup-{n}"
            before = {asked.id for asked in scene.world.ledger.acknowledged}
            if _corrigenda(scene, "backup", "-w", scene.world.directory, "-o", file):
                promised.append((file, before))
    scene.judge()
    for file, before in promised:
        directory = scene.place / f"restored-{file.name}"
        if _corrigenda(scene, "restore", file, directory):
            _compare(scene, directory, before)
            scene.numbers["restored"] += 1


def _corrigenda(scene: Scene, *words: str | Path) -> bool:
    done = subprocess.run(
        [CORRIGENDA, *words], capture_output=True, check=False, encoding="utf-8", timeout=120
    )
    scene.expect(done.returncode == 0, f"{words[0]} said: {done.stderr}")
    return done.returncode == 0


def _compare(scene: Scene, directory: Path, promised: set[str]) -> None:
    with Workspace.open(directory) as workspace:
        names = [record["id"] for record in workspace.candidates()]
        there = {e["decision_id"] for name in names for e in workspace.history(name)}
        scene.wrong += unsound(workspace)
    lost = promised - there
    scene.expect(not lost, f"LOST: {directory.name} lacks {sorted(lost)[:5]}")
    invented = there - scene.world.ledger.asked.keys()
    scene.expect(not invented, f"{directory.name} has {sorted(invented)[:5]}, which nobody sent")
