import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from corrigenda.cli.app import app
from corrigenda.cli.text import plain
from tests.cli.conftest import Corrigenda

DOCUMENT = Path(__file__).parents[2] / "docs/cli.md"
COMMANDS = list(getattr(get_command(app), "commands", {}))
GROUPS = {"reviewer": ["add", "list", "revoke", "renew"]}
"""Commands that have commands of their own, whose options those have."""

HEAVY = [
    *("alembic", "datasketch", "fastapi", "fsspec", "numpy", "orjson", "pyarrow", "pydantic"),
    *("prometheus_client", "rich", "ruamel", "sqlalchemy", "structlog", "transformers", "uvicorn"),
]


def test_all_commands_are_there() -> None:
    assert (
        " ".join(COMMANDS)
        == "demo serve worker import sources runs stats export exports diff train evaluate "
        "compare protect report sync history doctor backup restore purge reviewer"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_and_is_documented(
    corrigenda: Corrigenda, command: str
) -> None:
    said = corrigenda(command, "--help").stdout
    assert said == corrigenda(command, "-h").stdout
    assert f"\n## {command}\n" in DOCUMENT.read_text("utf-8")
    for option in ("--workspace", "--database-url") if command != "sources" else ("--json",):
        assert option in said or command in GROUPS
    undescribed = re.findall(r"^  (?:-\w, )?--[\w-]+(?: [A-Z]+)?$(?!\n {10})", said, re.MULTILINE)
    assert not undescribed


SUBCOMMANDS = [[group, command] for group, commands in GROUPS.items() for command in commands]


@pytest.mark.parametrize("words", SUBCOMMANDS, ids=" ".join)
def test_every_command_of_a_group_says_what_it_does(
    corrigenda: Corrigenda, words: list[str]
) -> None:
    said = corrigenda(*words, "--help").stdout
    assert "--workspace" in said
    assert "--database-url" in said
    assert words[1] in corrigenda(words[0], "--help").stdout


@pytest.mark.parametrize(
    "words", [[], *([command] for command in COMMANDS), *SUBCOMMANDS], ids=" ".join
)
def test_the_help_is_the_same_everywhere(corrigenda: Corrigenda, words: list[str]) -> None:
    plainly = corrigenda(*words, "--help").stdout
    assert max(map(len, plainly.splitlines())) <= 88
    env = {
        "COLUMNS": "40",
        "FORCE_COLOR": "1",
        "CORRIGENDA_WORKSPACE": "/elsewhere",
        "CORRIGENDA_DATABASE_URL": "sqlite://",
        "TERM": "dumb",
    }
    assert corrigenda(*words, "--help", env=env).stdout == plainly


def test_no_word_is_a_call_for_help(corrigenda: Corrigenda) -> None:
    assert "Commands:" in corrigenda(code=2).output


def test_the_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from corrigenda.cli import main\n"
        "try:\n    main(['--help'])\n"
        f"finally:\n    print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("naïve 数学", "naïve 数学"),
        ("a\nb\x1b[2J\x7f", r"a\nb\x1b[2J\x7f"),
        ("\ud800\u202e", r"\ud800\u202e"),
    ],
)
def test_text_of_strangers_cannot_steer_the_terminal(text: str, expected: str) -> None:
    assert plain(text) == expected
