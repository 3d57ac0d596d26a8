"""A crash at any step of the mirror's work is repaired at the next opening."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mirror.files import Files, record

HALF = """
import os, sys
from corrigenda.mirror import approved_lines
from corrigenda.workbench import Workspace

def half(handle, data, offset, pwrite=os.pwrite):
    pwrite(handle, data[: len(data) // 2], offset)
    os._exit(9)

workspace = Workspace.open(sys.argv[1])
os.pwrite = half
workspace.undo("b")
"""
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


def test_a_line_that_is_blanked_in_part_is_blanked(files: Files) -> None:
    """A killed process ends in the middle of a write, between two pages of the file."""
    files.write(*map(record, "abc"))
    workspace = files.open()
    for name in "abc":
        workspace.submit(name, "correct", corrected_response=f"right {name}")
    workspace.close()
    child = [sys.executable, "-c", HALF, str(files.directory)]
    assert subprocess.run(child, check=False).returncode == 9
    half = files.approved.read_bytes().splitlines()[1]
    assert half.startswith(b" ")
    assert half.endswith(b"}")
    again = files.open()
    assert again.get("b")["status"] == "needs_review"
    assert files.approved_ids() == ["a", "c"]
    assert [f.message for f in again.check() if not f.ok] == []
