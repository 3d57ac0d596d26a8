"""The scenes by their names."""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.torture.faults import backup, clock, disk, postgres, wire
from tests.torture.faults.scene import Scene, Skipped
from tests.torture.figures import Figures, timed

SCENES: dict[str, Callable[[Scene], None]] = {
    "full-disk": disk.full_disk,
    "read-only": disk.read_only,
    "unwritable-directory": disk.unwritable_directory,
    "locked": disk.locked,
    "postgresql-restarted": postgres.restarted,
    "jumping-clock": clock.jumping_clock,
    "sent-twice": wire.sent_twice,
    "half-sent": wire.half_sent,
    "backup-under-load": backup.taken_under_load,
}


def run(name: str, seed: int) -> Figures:
    """Play one scene."""
    figures = Figures(f"fault, {name}")
    with tempfile.TemporaryDirectory(prefix="fault-") as temporary, timed(figures):
        scene = Scene(name, Path(temporary), random.Random(f"{seed} {name}"))
        try:
            SCENES[name](scene)
        except Skipped as reason:
            figures.numbers["skipped"] = str(reason)
    told = ", ".join(f"{what} ({n})" for what, n in sorted(scene.told.items()))
    figures.wrong = scene.wrong
    figures.numbers |= {**scene.numbers, "told": told or "nothing", "seed": seed}
    return figures
