r"""Scoring code by its unit tests, which are part of the log.

    {"kind": "other", "name": "unit_tests",
     "params": {"function": "median", "tests": ["assert median([3, 1, 2]) == 2"]}}

Each test is a piece of Python that raises where it fails. What is run of an answer is its last
block of code that defines the function; without a function's name all of its blocks, one after the
other; without blocks the answer itself.

Example:
    >>> of({"kind": "numeric"}) is None
    True
    >>> code_of("Sure:\n\n```python\ndef f(): return 1\n```\nUse it as `f()`.", "f")
    'def f(): return 1\n'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corrigenda.core.scoring import Result, Verdict
from corrigenda.errors import shorten
from corrigenda.workbench.evaluating import sandbox

NAME = "unit_tests"

_BLOCK = re.compile(r"^```[ \t]*(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_PYTHON = ("", "python", "py", "python3")
_MOST = 1000
_LONGEST = 1_000_000
_MODULE = "ModuleNotFoundError"


@dataclass(frozen=True)
class UnitTests:
    """The tests of a log."""

    function: str | None
    tests: tuple[str, ...]

    def judge(self, answer: str) -> Result:
        """Whether the code in an answer passes.

        Raises:
            InvalidInput: There is no sandbox.
        """
        ran = sandbox.run(code_of(answer, self.function), self.tests)
        if ran.ended is not None:
            return Result(Verdict.WRONG, None, f"{NAME}: {ran.ended}.")
        if not ran.failed:
            return Result(Verdict.RIGHT, None, f"{NAME}: {len(self.tests)} of {len(self.tests)}.")
        first = ran.failed[0]
        error = str(first.get("error"))
        if error.startswith(_MODULE):
            said = f"The sandbox has Python's own library alone: {shorten(error)}."
            return Result(Verdict.UNKNOWN, None, said)
        where = "" if first.get("test") is None else f" (`{shorten(str(first['test']), 100)}`)"
        said = f"{NAME}: {ran.passed} of {len(self.tests)} passed; {shorten(error, 200)}{where}."
        return Result(Verdict.WRONG, None, said)


def of(rule: Mapping[str, Any] | None) -> UnitTests | None:
    """The tests that a rule has; `None` where it is another rule, or has none that can be run."""
    if rule is None or (rule.get("kind"), rule.get("name")) != ("other", NAME):
        return None
    params = rule.get("params")
    if not isinstance(params, Mapping):
        return None
    tests, function = params.get("tests"), params.get("function")
    if not isinstance(tests, list) or not 0 < len(tests) <= _MOST:
        return None
    if not all(isinstance(each, str) and each.strip() for each in tests):
        return None
    if sum(map(len, tests)) > _LONGEST:
        return None
    return UnitTests(function if isinstance(function, str) else None, tuple(tests))


def code_of(answer: str, function: str | None) -> str:
    """The code in an answer; see the module."""
    found = _BLOCK.finditer(answer)
    blocks = [str(each[2]) for each in found if each[1].casefold() in _PYTHON]
    if function is not None:
        defined = re.compile(
            rf"^\s*(?:(?:async\s+)?def|class)\s+{re.escape(function)}\b", re.MULTILINE
        )
        if defining := [text for text in blocks if defined.search(text)]:
            return defining[-1]
    return "\n".join(blocks) if blocks else answer
