"""What others may import is what is there, and nothing else."""

import importlib
import inspect
import subprocess
import sys

import pytest

import corrigenda

PACKAGES = [
    "corrigenda",
    "corrigenda.api",
    "corrigenda.exports",
    "corrigenda.jobs",
    "corrigenda.mirror",
    "corrigenda.sources",
    "corrigenda.store",
    "corrigenda.workbench",
]


def test_the_face_is_small() -> None:
    assert sorted(corrigenda.__all__) == ["CorrigendaError", "Workspace", "__version__", "open"]


@pytest.mark.parametrize("name", PACKAGES)
def test_all_that_is_promised_is_there(name: str) -> None:
    module = importlib.import_module(name)
    assert len(module.__all__) == len(set(module.__all__))
    for exported in module.__all__:
        assert getattr(module, exported) is not None


@pytest.mark.parametrize("name", PACKAGES)
def test_all_that_is_there_is_promised(name: str) -> None:
    module = importlib.import_module(name)
    public = {
        member
        for member, value in vars(module).items()
        if not member.startswith("_")
        and not inspect.ismodule(value)
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__.startswith("corrigenda")
    }
    assert public <= set(module.__all__)


def test_the_workspace_can_be_imported_by_name() -> None:
    from corrigenda import Workspace
    from corrigenda.workbench import Workspace as Same

    assert Workspace is Same


def test_another_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="has no attribute `Workbench`"):
        corrigenda.Workbench  # noqa: B018


@pytest.mark.parametrize("module", ["corrigenda", "corrigenda.core.candidate"])
def test_importing_does_not_wait_for_the_database_or_the_server(module: str) -> None:
    slow = {"sqlalchemy", "fastapi", "alembic"}
    program = f"import sys, {module}; print({slow} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "set()"


def test_the_example_in_the_docstring_is_made_of_real_methods() -> None:
    words = ["import_path", "queue", "submit", "export"]
    assert [word for word in words if f"workspace.{word}(" not in (corrigenda.__doc__ or "")] == []
    assert [word for word in words if not callable(getattr(corrigenda.Workspace, word))] == []
