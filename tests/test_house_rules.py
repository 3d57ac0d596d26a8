"""Rules about the files themselves that no linter knows."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES = 400
SOURCES = sorted(
    path
    for folder in ("src", "app", "tests", "tools", "examples", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
PAGE_SOURCES = sorted(
    path
    for ending in ("ts", "vue", "css")
    for path in (ROOT / "web/src").rglob(f"*.{ending}")
    if path.name != "schema.d.ts"  # generated
)
LOCKS = [path.name for path in sorted(ROOT.glob("requirements*.lock"))]


def test_no_module_is_too_long() -> None:
    lines = {str(path.relative_to(ROOT)): _lines(path) for path in [*SOURCES, *PAGE_SOURCES]}
    assert lines
    assert {name: n for name, n in lines.items() if n > MAX_LINES} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_python_locks_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.parametrize("name", LOCKS)
def test_python_locks_have_a_hash_for_every_version(name: str) -> None:
    blocks = _requirements((ROOT / name).read_text("utf-8"))
    assert [block[0] for block in blocks if not any("--hash=sha256:" in x for x in block)] == []


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    runtime, development = (
        {block[0].split()[0] for block in _requirements((ROOT / name).read_text("utf-8"))}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= development


def test_npm_lock_names_no_address() -> None:
    lock = json.loads((ROOT / "web/package-lock.json").read_text("utf-8"))
    assert list(_values_of("resolved", lock)) == []


def test_the_package_is_not_slow_to_ask_for_help() -> None:
    """What takes long to import is imported only when it is needed."""
    program = """
import sys
from corrigenda.cli import main
sys.argv = ["corrigenda", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
slow = {"alembic", "fastapi", "pydantic", "sqlalchemy", "torch", "trl", "uvicorn"}
print("imported:", sorted(slow & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "imported: []"


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _requirements(text: str) -> list[list[str]]:
    """The lines of each pinned version, the one with its name first."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return blocks


def _values_of(key: str, value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from _values_of(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values_of(key, inner)
