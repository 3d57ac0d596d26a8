"""The whole loop, by the script that the documentation shows."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.serving import CORRIGENDA

SCRIPT = Path(__file__).parents[2] / "examples" / "loop" / "loop.sh"


@pytest.fixture(scope="module")
def done(train_python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the script, and what it said."""
    folder = tmp_path_factory.mktemp("loop") / "out"
    path = f"{Path(CORRIGENDA).parent}{os.pathsep}{os.environ['PATH']}"
    given = {"PATH": path, "CORRIGENDA_TRAIN_PYTHON": str(train_python)}
    ran = subprocess.run(
        [SCRIPT, folder],
        env=os.environ | given,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    return folder, ran.stdout


def compared(folder: Path) -> dict[str, Any]:
    words = ["compare", "before", "after", "--trained", "corrections-1", "--format", "json"]
    said = subprocess.run(
        [CORRIGENDA, *words, "-w", folder / "workspace"], capture_output=True, check=True
    )
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def test_what_was_corrected_is_fixed_and_nothing_got_worse(done: tuple[Path, str]) -> None:
    found = compared(done[0])["raw"]
    split = {each["name"]: each for each in found["by_split"]}
    trained, replayed, held_out = (split[name] for name in ("trained", "replayed", "held_out"))
    assert trained["fixed"] >= 0.95 * trained["n"] >= 0.95 * 40
    assert replayed["kept"] == replayed["n"] >= 16
    assert held_out["fixed"] >= 30  # the base has none of them
    assert found["total"]["regressed"] == 0


def test_what_was_left_out_is_no_row(done: tuple[Path, str]) -> None:
    folder = done[0]
    rows = (folder / "training" / "data" / "corrections.jsonl").read_text("utf-8").splitlines()
    said = {each["id"]: each for each in exported(folder)}
    artifact = [one for one in said.values() if one["failure_category"] == "scoring_artifact"]
    assert [one["status"] for one in artifact if one.get("source") != "evaluate"] == ["discarded"]
    prompts = {json.dumps(json.loads(row)["prompt"]) for row in rows}
    assert len(prompts) == len(rows) == 41
    assert not prompts & {json.dumps(one["prompt_messages"]) for one in artifact}


def exported(folder: Path) -> list[dict[str, Any]]:
    words = ["export", "--format", "candidates", "-w", str(folder / "workspace")]
    words += [f"--status={status}" for status in ("approved", "discarded", "needs_review")]
    said = subprocess.run([CORRIGENDA, *words], capture_output=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_the_report_is_written(done: tuple[Path, str]) -> None:
    report = (done[0] / "report.md").read_text("utf-8")
    assert "# Comparison of two runs" in report
    for card in ("README.md", "model/README.md"):
        text = (done[0] / "training" / card).read_text("utf-8")
        assert "\n### Comparison of two runs\n\n" in text
        assert "None yet." not in text
