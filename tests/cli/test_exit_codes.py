import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from corrigenda import errors
from corrigenda.cli.errors import EXIT, MEANING, Commands, exit_code
from corrigenda.errors import CorrigendaError
from tests.cli.conftest import Corrigenda, approved, write_run
from tests.fixtures.processes import stop
from tests.fixtures.serving import CORRIGENDA


def tree(root: type[CorrigendaError] = CorrigendaError) -> Iterator[type[CorrigendaError]]:
    yield root
    for kind in root.__subclasses__():
        yield from tree(kind)


# Spelled out once more, so that a change of the table is a choice.
CODES = {
    "CorrigendaError": 1,
    "InvalidInput": 1,
    "BlankCorrection": 1,
    "UnknownCategory": 1,
    "UnknownFormat": 1,
    "MalformedRecord": 1,
    "NotFound": 4,
    "UnknownCandidate": 4,
    "UnknownRun": 4,
    "UnknownJob": 4,
    "UnknownLot": 4,
    "UnknownUpload": 4,
    "UnknownExport": 4,
    "UnknownReviewer": 4,
    "Conflict": 5,
    "AlreadyDecided": 5,
    "ClaimTakenOver": 5,
    "NothingToUndo": 5,
    "NothingToAmend": 5,
    "DecisionIdReused": 5,
    "LotChanged": 5,
    "LotIdReused": 5,
    "GuidelinesChanged": 5,
    "CategoryInUse": 5,
    "ReviewerExists": 5,
    "ExportExists": 5,
    "ExportChanged": 5,
    "ConfigError": 1,
    "WorkspaceInUse": 5,
    "SchemaMismatch": 6,
    "StorageError": 6,
    "StorageFull": 6,
}


def command_raising(error: BaseException) -> Result:
    app = typer.Typer(cls=Commands, rich_markup_mode=None)

    @app.callback()
    def root() -> None: ...

    @app.command()
    def fail() -> None:
        raise error

    return CliRunner().invoke(app, ["fail"])


@pytest.mark.parametrize("kind", [*tree()], ids=lambda kind: kind.__name__)
def test_every_error_is_one_line_and_its_code(kind: type[CorrigendaError]) -> None:
    error = kind.__new__(kind)
    CorrigendaError.__init__(error, "What happened\nand \x1b[31mwhere.")
    result = command_raising(error)
    assert result.stderr == "Error: What happened\\nand \\x1b[31mwhere.\n"
    assert result.stdout == ""
    assert result.exit_code == exit_code(error) == CODES[kind.__name__]


def test_the_table_knows_the_whole_tree() -> None:
    assert set(CODES) == {kind.__name__ for kind in tree() if kind.__module__ == errors.__name__}
    assert set(EXIT.values()) <= set(MEANING)


def test_the_system_s_refusals_are_one_line() -> None:
    result = command_raising(PermissionError(13, "Permission denied", "/secret"))
    assert result.stderr == "Error: `/secret`: Permission denied.\n"
    assert result.exit_code == 6


def test_an_interruption_is_one_line() -> None:
    result = command_raising(KeyboardInterrupt())
    assert (result.stderr.count("\n"), result.exit_code) == (1, 130)


def test_a_mistake_of_ours_is_not_hidden() -> None:
    assert isinstance(command_raising(ZeroDivisionError()).exception, ZeroDivisionError)


def test_a_database_of_a_newer_version(here: Path, corrigenda: Corrigenda) -> None:
    import sqlite3

    corrigenda("import", write_run(here / "r", approved("a")))
    database = sqlite3.connect(here / "data/corrigenda.db")
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = corrigenda("stats", code=6)
    assert "upgrade the program" in said.stderr


@pytest.fixture
def exporting(here: Path, corrigenda: Corrigenda) -> Iterator[subprocess.Popen[bytes]]:
    """An export that has more to say than a pipe holds."""
    corrigenda("import", write_run(here / "r", *(approved(f"{n}", "x" * 5000) for n in range(200))))
    process = subprocess.Popen(
        [CORRIGENDA, "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b'{"messages"')
    yield process
    stop(process)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def test_a_reader_that_has_seen_enough(exporting: subprocess.Popen[bytes]) -> None:
    assert exporting.stdout is not None
    assert exporting.stderr is not None
    exporting.stdout.close()
    assert exporting.stderr.read() == b""
    assert exporting.wait(30) == 141


def test_ctrl_c(exporting: subprocess.Popen[bytes]) -> None:
    import signal

    exporting.send_signal(signal.SIGINT)
    _, said = exporting.communicate(timeout=30)
    assert said == b"Interrupted; nothing is half-written.\n"
    assert exporting.returncode == 130


def test_a_broken_plug_in_is_one_line(here: Path) -> None:
    info = here / "plugins/broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[corrigenda.sources]\nbroken = no_such_module:Source\n", "utf-8"
    )
    run = write_run(here / "r", approved("a"))
    done = subprocess.run(
        [sys.executable, "-c", "from corrigenda.cli import main; main()", "import", run],
        env={"PYTHONPATH": str(here / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "Imported 1 candidate.\n"
    assert re.fullmatch(r"Warning: The plug-in `broken` .* cannot be loaded: .*\n", done.stderr)
