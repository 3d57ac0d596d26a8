"""The wheel: complete without Node, and it serves the page where nothing else is installed."""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.fixtures.serving import serving

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
# A folder of programs without Node: an installation must not need it.
NO_NODE = str(Path(sys.executable).parent)

pytestmark = [
    pytest.mark.timeout(300),
    # All on one worker, so that each thing is built once.
    pytest.mark.xdist_group("packaging"),
]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive of this checkout."""
    assert (ROOT / "src/corrigenda/static/index.html").exists(), "first build the page: `make page`"
    return _build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """The wheel, made of the source archive alone."""
    with tarfile.open(sdist) as archive:
        # The first releases of Python 3.11 have no filters yet.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
        archive.extractall(sdist.parent)
    unpacked = sdist.parent / sdist.name.removesuffix(".tar.gz")
    return _build("wheel", unpacked, sdist.parent)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment with the locked packages and the wheel."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    _run([UV, "venv", "--quiet", "--python", sys.executable, venv])
    env = {"VIRTUAL_ENV": str(venv)}
    _run([UV, "pip", "sync", "--quiet", ROOT / "requirements.lock"], env)
    _run([UV, "pip", "install", "--quiet", "--no-deps", "--offline", wheel], env)
    return venv / "bin"


def test_the_wheel_has_the_page_and_not_the_old_face(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"corrigenda", f"corrigenda-{version('corrigenda')}.dist-info"}
    assert "corrigenda/static/index.html" in names
    assert any(name.startswith("corrigenda/static/assets/") for name in names)
    assert "corrigenda/py.typed" in names
    assert "corrigenda/workbench/guidelines.md" in names
    assert "corrigenda/store/migrations/env.py" in names
    assert any(name.startswith("corrigenda/demo/runs/") for name in names)
    assert f"corrigenda-{version('corrigenda')}.dist-info/licenses/LICENSE" in names


def test_a_wheel_of_the_checkout_is_the_same(wheel: Path, tmp_path: Path) -> None:
    direct = _build("wheel", ROOT, tmp_path)
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(direct) as other:
        assert one.namelist() == other.namelist()


def test_the_source_archive_has_no_strays(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        paths = [Path(*Path(name).parts[1:]) for name in archive.getnames()]
    tops = {path.parts[0] for path in paths if path.parts}
    assert tops <= {
        *("src", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"),
        *("PKG-INFO", ".gitignore"),
    }
    assert not any("__pycache__" in path.parts for path in paths)


def test_the_installed_command_knows_its_version(installed: Path) -> None:
    said = _run([installed / "corrigenda", "--version"])
    assert version("corrigenda") in said


def test_the_installed_package_serves_the_page(installed: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    log = tmp_path / "server.log"
    program = [installed / "corrigenda"]
    with serving(workspace, log, program=program, env={"PATH": NO_NODE}) as served:
        status, page = served.get("/")
        assert (status, served.get("/healthz")[0]) == (200, 200)
        assert "<div id=" in page
        script = page.split('type="module"')[1].split('src="')[1].split('"')[0]
        assert served.get(script)[0] == 200


def _build(kind: str, source: Path, output: Path) -> Path:
    """Build with the locked tools, without Node and without asking a registry."""
    build = (sys.executable, "-m", "build", "--no-isolation")
    _run([*build, f"--{kind}", "--outdir", output, source], {"PATH": NO_NODE})
    (built,) = output.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def _run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    assert done.returncode == 0, f"{[str(word) for word in command]}:\n{done.stdout}"
    return done.stdout
