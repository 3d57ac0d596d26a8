"""Kill a workspace at one line of its code after the other, and look at what is left.

Run as `python crash_at_every_step.py DIRECTORY STRIDE OFFSET`. A child process does a day's
work on a workspace and is ended (`os._exit`, nothing is flushed or closed) when the mirror or
the writer is about to execute its n-th line; another child opens what is left and checks it.
This is done for n = OFFSET, OFFSET + STRIDE, … until the work comes to its end. Prints one JSON
object with the number of crashes and what was found wrong.
"""

import json
import os
import shutil
import sys
import threading
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from corrigenda.mirror import approved_file, candidates_file, mirror
from corrigenda.store import writer
from corrigenda.workbench import Workspace

WATCHED = {
    str(Path(module.__file__ or "").parent / name)
    for module in (mirror,)
    for name in ("approved_file.py", "approved_lines.py", "candidates_file.py", "mirror.py")
} | {str(writer.__file__)}
mirror._TICK_SECONDS = 3600.0  # the ticker would make the lines countless
State = list[Any]
REVIEW = ("corrected_response", "failure_category", "corrected_parts")
NAMES = (candidates_file.NAME, approved_file.NAME)
_finished = False


def record(candidate_id: str) -> dict[str, Any]:
    messages = [{"role": "user", "content": candidate_id}]
    return {"id": candidate_id, "prompt_messages": messages, "model_response": "wrong"}


def append(directory: Path, *names: str) -> None:
    with (directory / NAMES[0]).open("ab") as file:
        file.write(b"".join(json.dumps(record(name)).encode() + b"\n" for name in names))


def work(directory: Path) -> None:
    """What the child does; each acknowledged step is noted in a file of its own."""
    noted = os.open(directory.parent / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def acknowledge(
        name: str,
        status: str,
        text: str | None = None,
        category: str | None = None,
        parts: dict[str, Any] | None = None,
    ) -> None:
        os.write(noted, json.dumps([name, [status, text, category, parts]]).encode() + b"\n")

    workspace = Workspace.open(directory)
    workspace.submit("a", "correct", corrected_response="right a")
    acknowledge("a", "approved", "right a")
    workspace.submit("b", "correct", corrected_response="right b")
    acknowledge("b", "approved", "right b")
    os.write(noted, b'["a", "?"]\n')
    workspace.undo("a")
    acknowledge("a", "needs_review")
    append(directory, "e")
    workspace.submit("c", "discard")
    acknowledge("c", "discarded")
    workspace.sync()
    os.write(noted, b'["a", "?"]\n')
    workspace.submit("a", "correct", corrected_response="better a")
    acknowledge("a", "approved", "better a")
    append(directory, "f")
    os.write(noted, b'["a", "?"]\n')
    parts = {"reasoning": "drop"}
    workspace.submit("a", "amend", corrected_response="best a", corrected_parts=parts)
    acknowledge("a", "approved", "best a", parts=parts)
    os.write(noted, b'["a", "?"]\n')
    workspace.submit("a", "categorise", failure_category="format_error")
    acknowledge("a", "approved", "best a", "format_error", parts)
    workspace.submit("d", "categorise", failure_category="wrong_answer")
    acknowledge("d", "needs_review", None, "wrong_answer")
    os.write(noted, b'["b", "?"]\n')
    workspace.undo("b")
    acknowledge("b", "needs_review")
    workspace.close()


def crash_at(n: int, directory: Path) -> None:
    """In the child: count the lines of the watched modules, and end at the n-th."""
    left = n

    def on_line(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal left
        if event == "line":
            left -= 1
            if left <= 0:
                os._exit(9)
        return on_line

    def on_call(frame: FrameType, _event: str, _arg: object) -> Any:
        return on_line if frame.f_code.co_filename in WATCHED else None

    threading.settrace(on_call)
    sys.settrace(on_call)
    work(directory)


def check(directory: Path) -> list[str]:
    """In another child: open what is left; returns what is wrong."""
    wrong: list[str] = []
    workspace = Workspace.open(directory)
    expected: dict[str, Any] = {}
    for line in (directory.parent / "acknowledged").read_text().splitlines():
        name, state = json.loads(line)
        expected[name] = state
    found = {r["id"]: review(r) for r in workspace.candidates()}
    wrong += [
        f"`{name}` was acknowledged as {state}, is {found.get(name)}"
        for name, state in expected.items()
        if state != "?" and found.get(name) != state and not _went_on(workspace, name, state)
    ]
    in_file = {json.loads(line)["id"] for line in (directory / NAMES[0]).read_bytes().splitlines()}
    wrong += [f"`{name}` is only in the file" for name in in_file - set(found)]
    wrong += [f"doctor: {f.check}: {f.message}" for f in workspace.check() if not f.ok]
    by_file = [name for name in found for d in workspace.history(name) if d["reviewer"] == "file"]
    wrong += [f"`{name}` looks edited by somebody" for name in by_file]
    workspace.close()
    lines = [json.loads(line) for line in (directory / NAMES[0]).read_bytes().splitlines()]
    if {r["id"]: review(r) for r in lines} != found:
        wrong.append("the candidates' file differs from the database")
    path = directory / NAMES[1]
    data = path.read_bytes() if path.exists() else b""
    approved = [json.loads(line) for line in data.splitlines() if line.strip()]
    if sorted((r["id"], review(r)) for r in approved) != sorted(
        (name, state) for name, state in found.items() if state[0] == "approved"
    ):
        wrong.append("the approved file differs from the database")
    return wrong


def review(line: dict[str, Any]) -> State:
    """What a record's line says of its review."""
    status = line.get("status", "needs_review")
    return [status, *(line.get(name) for name in REVIEW)]


def _went_on(workspace: Workspace, name: str, state: State) -> bool:
    """Whether the decision after the acknowledged one was made, too, but not acknowledged."""
    past = [d["to_status"] for d in workspace.history(name)]
    return len(past) > 1 and past[-2] == state[0]


def forked(function: Any, *arguments: Any) -> tuple[int, list[str]]:
    """Run in a child; returns its exit status and what it found wrong."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            wrong = function(*arguments) or []
            os.write(writing, json.dumps(wrong).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - told to the parent
            os.write(writing, json.dumps([traceback.format_exc()]).encode())
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), json.loads(data or b"[]")


def prepare(template: Path) -> None:
    template.mkdir(parents=True)
    append(template, "a", "b", "c", "d")
    Workspace.open(template).close()


def main() -> None:
    base, stride, offset = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    template = base / "template"
    forked(prepare, template)
    crashes, wrong, n = 0, [], offset
    while True:
        directory = base / "ws"
        shutil.copytree(template, directory)
        (base / "acknowledged").write_bytes(b"")
        status, said = forked(crash_at, n, directory)
        if status == 1:
            wrong.append({"line": n, "wrong": said})
        _, found = forked(check, directory)
        if found:
            wrong.append({"line": n, "wrong": found})
        shutil.rmtree(directory)
        if status != 9:
            break
        crashes += 1
        n += stride
    print(json.dumps({"crashes": crashes, "wrong": wrong}))


if __name__ == "__main__":
    main()
