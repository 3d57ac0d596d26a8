"""The rows of a training as files: each once, and on the disk before the plan that names them."""

import os
from pathlib import Path

import pytest

from corrigenda.workbench import Workspace
from tests.workbench.desk import fill, record
from tests.workbench.exports import recipe
from tests.workbench.test_training import model, workspace

__all__ = ["model", "workspace"]  # fixtures


def test_rows_that_an_export_has_several_times_are_trained_on_once(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    fill(
        workspace,
        *(record(f"same-{n}", status="approved", corrected_response="4") for n in range(3)),
    )
    workspace.make_export(recipe(), name="v1")
    prepared = workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=["v1"])
    assert prepared.plan.data.corrections is not None
    assert prepared.plan.data.corrections.rows == 41
    said = "2 rows of `v1` are there more than once, and trained on once."
    assert said in prepared.remarks


def test_the_rows_are_on_the_disk_before_the_plan_that_names_them(
    workspace: Workspace, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.make_export(recipe(), name="v1")
    kept: list[str] = []
    fsync = os.fsync

    def noting(handle: int) -> None:
        fsync(handle)
        place = Path(f"/proc/self/fd/{handle}").readlink()
        kept.append(f"{place.name}:{place.stat().st_size > 0}")

    monkeypatch.setattr(os, "fsync", noting)
    workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=["v1"])
    plan = next(n for n, name in enumerate(kept) if "run.json" in name)
    assert kept.index("corrections.jsonl:True") < kept.index("data:True") < plan
