"""A program that appends all the while, people who decide, and a file that is rewritten."""

import json
import subprocess
import sys
from pathlib import Path

from tests.mirror.files import Files, record

APPENDER = """
import json, sys, time
path, count = sys.argv[1], int(sys.argv[2])
with open(path, "a", encoding="utf-8") as file:   # the same file all the while, as loggers do
    for n in range(count):
        line = json.dumps({"id": f"late-{n}", "model_response": "x" * 300}) + "\\n"
        half = len(line) // 2
        file.write(line[:half]); file.flush()      # half a line is there for a moment
        time.sleep(0.002)
        file.write(line[half:]); file.flush()
"""


def test_no_line_and_no_decision_is_lost(files: Files, tmp_path: Path) -> None:
    first = [record(f"early-{n}") for n in range(60)]
    files.write(*first)
    workspace = files.open()
    script = tmp_path / "appender.py"
    script.write_text(APPENDER, encoding="utf-8")
    appender = subprocess.Popen([sys.executable, str(script), str(files.candidates), "400"])
    try:
        decided: dict[str, str] = {}
        syncs = 0
        while appender.poll() is None:
            for card in workspace.queue(limit=2).items:
                text = f"right {card['id']}"
                workspace.submit(card["id"], "correct", corrected_response=text)
                decided[card["id"]] = text
            syncs += workspace.sync()
    finally:
        appender.terminate()
        appender.wait()
    assert syncs > 3
    workspace.close()
    workspace = files.open()
    found = {r["id"]: r for r in workspace.candidates()}
    assert {f"late-{n}" for n in range(400)} <= set(found)
    assert len(found) == 460
    approved = {line["id"]: line["corrected_response"] for line in files.approved_lines()}
    assert approved == decided
    assert {k: r["corrected_response"] for k, r in found.items() if r["status"] == "approved"} == (
        decided
    )
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()
    workspace.sync(force=True)
    assert {json.loads(line)["id"] for line in files.candidates.read_bytes().splitlines()} == set(
        found
    )
    assert all(finding.ok for finding in workspace.check())
