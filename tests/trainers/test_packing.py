"""What is expected of packing is what TRL does."""

import json
import random
import subprocess
from pathlib import Path

from corrigenda.train.packing import packed
from tests.trainers import tiny


def test_as_trl_packs(train_python: Path) -> None:
    chance = random.Random(3)
    asked = [
        ([chance.randint(1, longest) for _ in range(n)], limit)
        for n, longest, limit in [(1, 9, 16), (40, 16, 16), (700, 300, 512), (2300, 90, 128)]
    ]
    done = subprocess.run(
        [train_python, Path(__file__).with_name("packed.py"), json.dumps(asked)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=tiny.environment(),
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = [packed(lengths, limit) for lengths, limit in asked]
    assert [[each.sequences, each.longest] for each in found] == json.loads(done.stdout)
