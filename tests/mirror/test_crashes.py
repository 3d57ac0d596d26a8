"""A crash at any step of the mirror's work is repaired at the next opening."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("crash_at_every_step.py")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("offset", [1, 20, 40])
def test_a_crash_at_any_step_loses_nothing(tmp_path: Path, offset: int) -> None:
    # Some 2,000 lines are executed; every 61st from three beginnings. Stride 1 tries them all.
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "base"), "61", str(offset)],
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    report = json.loads(done.stdout)
    assert report["wrong"] == []
    assert report["crashes"] > 20
