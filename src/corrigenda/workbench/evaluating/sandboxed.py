"""Runs a program and its tests; the file that `sandbox` starts inside a sandbox.

It reads one JSON object, {"code", "tests", "seconds", "bytes", "token"}, and writes

    TOKEN begun
    TOKEN {"passed": 2, "failed": [{"test": "assert f(1) == 2", "error": "AssertionError"}]}

The code runs in this very process, so that the second line is missing when it ends that; what it
prints goes nowhere. Only the standard library is used, for there is nothing else in a sandbox.
"""

import json
import os
import resource
import sys
from typing import Any

_SHOWN = 5
_LONGEST = 300


def main() -> None:
    """Do what standard input asks for."""
    asked = json.loads(sys.stdin.buffer.read())
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    _limit(asked)
    _say(out, asked["token"], "begun")
    _say(out, asked["token"], json.dumps(_run(asked["code"], asked["tests"])))


def _limit(asked: dict[str, Any]) -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, int(asked["seconds"]) + 1),
        (resource.RLIMIT_AS, asked["bytes"]),
        (resource.RLIMIT_FSIZE, 1 << 24),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _run(code: str, tests: list[str]) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "answer"}
    error = _error(code, names)
    if error is not None:
        return {"passed": 0, "failed": [{"test": None, "error": error}]}
    failed = []
    for test in tests:
        error = _error(test, dict(names))
        if error is not None:
            failed.append({"test": test[:_LONGEST], "error": error})
    return {"passed": len(tests) - len(failed), "failed": failed[:_SHOWN]}


def _error(code: str, names: dict[str, Any]) -> str | None:
    """What was raised, as a sentence's end; what ends a process by an exception as well."""
    try:
        exec(compile(code, "answer", "exec"), names)  # what this file is for
    except BaseException as raised:  # noqa: BLE001
        said = type(raised).__name__
        try:
            said += f": {raised}" if str(raised) else ""
        except BaseException:  # noqa: BLE001  # its own words may fail, too
            said += ""
        return said[:_LONGEST]
    return None


def _say(out: int, token: str, text: str) -> None:
    os.write(out, f"{token} {text}\n".encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
