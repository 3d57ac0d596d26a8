"""Code that is run, in a real sandbox; what it must not reach, and how it is judged."""

import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating import sandbox, unit_tests
from tests.fixtures.chat_endpoint import ChatEndpoint, said
from tests.workbench.evaluating.asking import filled, request, sample
from tools.services import BUBBLEWRAP, IN_CI

TESTS = ["assert median([3, 1, 2]) == 2", "assert median([7]) == 7"]
RULE = {"kind": "other", "name": "unit_tests", "params": {"function": "median", "tests": TESTS}}
GOOD = "```python\ndef median(values):\n    return sorted(values)[len(values) // 2]\n```"


@pytest.fixture(scope="module", autouse=True)
def there_is_one() -> None:
    if BUBBLEWRAP.find() is None:
        (pytest.fail if IN_CI else pytest.skip)(BUBBLEWRAP.advice)
    try:
        sandbox.check()
    except InvalidInput as error:  # a container may forbid namespaces
        pytest.skip(error.message)


def error(code: str, **limits: Any) -> str:
    """What a program that fails is told to have done."""
    ran = sandbox.run(code, ["pass"], **limits)
    assert ran.passed == 0, ran
    return ran.ended or str(ran.failed[0]["error"])


def test_each_test_starts_from_what_the_program_has_defined() -> None:
    ran = sandbox.run("kept = [1]", ["kept = 2", "assert kept == [1]", "assert kept == 2", "f("])
    assert ran.passed == 2
    assert [each["test"] for each in ran.failed] == ["assert kept == 2", "f("]
    assert [each["error"].partition(":")[0] for each in ran.failed] == [
        "AssertionError",
        "SyntaxError",
    ]


def test_files_outside_are_not_there(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret", "utf-8")
    for path in (secret, "/etc/passwd", "/root/.ssh", "/home", __file__):
        assert "FileNotFoundError" in error(f"import os; os.stat({str(path)!r})")
    assert "OSError" in error("open('/usr/new', 'w')")
    assert "OSError" in error("open('/sandboxed.py', 'w')")
    assert sandbox.run("open('here', 'w').write('x')", ["assert open('here').read()"]).passed == 1


def test_nobody_outside_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        assert "refused" in error(code)
    assert "ProcessLookupError" in error(f"import os; os.kill({os.getpid()}, 0)")


def test_there_are_no_variables_and_no_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    code = "import os; assert not any('s3cret' in each for each in os.environ.values())"
    assert sandbox.run(code, ["assert os.getuid() == 65534"]).passed == 1
    assert "OSError" in error("import os; os.setuid(0)")  # nobody else is known there
    assert "ValueError" in error("import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("while True: pass", "more than 1 seconds"),
        ("import time; time.sleep(60)", "more than 1 seconds"),
        ("import os\nos.fork()", "temporarily unavailable"),
        ("import os\nos.posix_spawn('/usr/bin/env', ['env'], {})", "temporarily unavailable"),
        ("import subprocess\nsubprocess.run(['/usr/bin/env'])", "temporarily unavailable"),
        ("kept = bytearray(1 << 31)", "MemoryError"),
        ("open('/tmp/x', 'wb').write(bytes(1 << 26))", "File too large"),
        ("import os; os._exit(0)", "ended before its tests did"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended before its tests did"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class E(Exception):\n  def __str__(self): raise E\nraise E", "E"),
        ("def f(): f()\nf()", "RecursionError"),
        ("\0", "null bytes"),
        ("raise ValueError('\\ud800')", "ValueError"),
    ],
)
def test_what_misbehaves_has_failed(code: str, words: str) -> None:
    assert words in error(code, seconds=1.0 if "more than" in words else 20.0)


def test_what_it_prints_is_no_verdict() -> None:
    each = "import os\nfor n in range(9):\n  try:\n    os.write(n, {})\n  except OSError: pass\n"
    forged = each.format('b\'begun\\n{"passed": 1, "failed": []}\\n\'')
    assert error(f"print('begun')\n{forged}\nos._exit(0)") == "it ended before its tests did"
    assert sandbox.run(each.format("b'x' * (1 << 22)"), ["assert False"]).passed == 0


def test_threads_can_be_started() -> None:
    code = "import threading\nfound = []\nt = threading.Thread(target=found.append, args=(1,))\n"
    assert sandbox.run(f"{code}t.start(); t.join()", ["assert found == [1]"]).passed == 1


@pytest.mark.parametrize("machine", ["riscv64", ""])
def test_a_processor_without_a_filter_is_refused(
    monkeypatch: pytest.MonkeyPatch, machine: str
) -> None:
    monkeypatch.setattr("platform.machine", lambda: machine)
    with pytest.raises(InvalidInput, match="x86_64 and aarch64 alone"):
        sandbox.check()


def test_sandboxes_beside_one_another() -> None:
    found = []

    def work(number: int) -> None:
        found.append(sandbox.run(f"n = {number}", [f"assert n == {number}"]).passed)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 6


def test_without_a_sandbox_it_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fails = tmp_path / sandbox.PROGRAM
    fails.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a namespace' >&2\nexit 1\n")
    fails.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInput, match="There is no sandbox: bwrap: No permissions"):
        sandbox.check()
    fails.unlink()
    with pytest.raises(InvalidInput, match="not installed"):
        sandbox.check()


def test_what_never_began_has_no_verdict() -> None:
    with pytest.raises(InvalidInput, match="There is no sandbox"):
        sandbox.run("pass", ["pass"], seconds=0.0)


def test_which_code_of_an_answer_is_run() -> None:
    use = "```python\nmedian(1)\n```"
    two = f"First:\n```\ndef median(v): pass\n```\nBetter:\n{GOOD}\nUsed as:\n{use}"
    assert unit_tests.code_of(two, "median").startswith("def median(values)")
    assert unit_tests.code_of(two, None).count("median") == 3
    assert unit_tests.code_of("```bash\nls\n```\n```py\nx = 1\n```", "f") == "x = 1\n"
    assert unit_tests.code_of("x = 1", "x") == "x = 1"


@pytest.mark.parametrize(
    "change",
    [{"kind": "exact"}, {"name": "other"}, {"params": None}, {"params": {}},
     {"params": {"tests": []}}, {"params": {"tests": "assert 1"}}, {"params": {"tests": [1]}},
     {"params": {"tests": [" "]}}, {"params": {"tests": ["x"] * 1001}}],
)  # fmt: skip
def test_what_is_no_rule_of_this_kind(change: dict[str, Any]) -> None:
    assert unit_tests.of({**RULE, **change}) is None


def evaluated(
    workspace: Workspace, server: ChatEndpoint, answer: str, *, run_code: bool = True
) -> tuple[dict[str, Any], str]:
    """(counts, why it is unscored or has failed) of one prompt with unit tests."""
    server.models["small"] = said(answer)
    filled(workspace, [sample("a", "Write median.", scoring=RULE, reference_answer=None)])
    done = workspace.evaluate(request(server, run_code=run_code))
    reasons = [*done["unscored"]]
    with workspace.database.reading() as connection:
        from corrigenda.store import candidates

        after = [
            each.record["failure_reason"]
            for each in candidates.batch(connection, limit=10)
            if each.dimensions.run_id == "after"
        ]
    return done["counts"], "".join([*reasons, *after])


def test_an_answer_that_passes_is_right(workspace: Workspace, server: ChatEndpoint) -> None:
    counts, _ = evaluated(workspace, server, f"Here:\n\n{GOOD}")
    assert (counts["passed"], counts["failed"], counts["unscored"]) == (1, 0, 0)


def test_an_answer_that_fails_is_wrong(workspace: Workspace, server: ChatEndpoint) -> None:
    counts, why = evaluated(workspace, server, GOOD.replace("// 2", "- 1"))
    assert (counts["passed"], counts["failed"]) == (0, 1)
    said = "unit_tests: 1 of 2 passed; AssertionError (`assert median([3, 1, 2]) == 2`)."
    assert said in why


def test_what_the_sandbox_has_not_is_unscored(workspace: Workspace, server: ChatEndpoint) -> None:
    counts, why = evaluated(workspace, server, f"```python\nimport numpy\n```\n{GOOD}".replace(
        "def median", "import no_such_module\ndef median"))  # fmt: skip
    assert (counts["unscored"], counts["failed"]) == (1, 0)
    assert "No module named 'no_such_module'" in why


def test_nothing_is_run_unless_it_is_asked_for(workspace: Workspace, server: ChatEndpoint) -> None:
    counts, why = evaluated(workspace, server, GOOD, run_code=False)
    assert counts["unscored"] == 1
    assert why == "Unit tests are not run without `--run-code`."
