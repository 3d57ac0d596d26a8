"""The Training pages: a tiny model is trained, stopped, gone on with, and compared with itself."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from corrigenda.train import orphans
from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.pictures import take_light
from tests.browser.test_accessibility import Checker, axe
from tests.fixtures.serving import CORRIGENDA, Served, serving
from tests.trainers.conftest import train_python

__all__ = ["axe", "train_python"]  # fixtures

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("trainers")]

LOOP = Path(__file__).parents[2] / "examples" / "loop"
MODELS = "sft: {models_dir: ../models}\n"
WIDE = ViewportSize(width=1280, height=900)
PICTURE = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=780)
QUICK = {"learning_rate": 0.001, "epochs": 10, "batch_size": 8, "max_length": 256}
LONG_MS = 300_000
"""A training or an evaluation, on a machine that does much else."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with corrected failures and exports of them, and a model beside it."""
    folder = tmp_path_factory.mktemp("reviewed")
    workspace = folder / "workspace"

    def corrigenda(*words: str | Path) -> None:
        subprocess.run([CORRIGENDA, *words, "-w", workspace], check=True, capture_output=True)

    corrigenda("import", LOOP / "benchmark", "--held-out-share", "0.5")
    subprocess.run([sys.executable, LOOP / "decide.py", workspace], check=True)
    curated = ("export", "--curated", "--exclude-category", "scoring_artifact", "--name")
    corrigenda(*curated, "corrections", "--format", "prompt_completion", "--replay", "0.5")
    corrigenda(*curated, "pairs", "--format", "preference", "--format-pairs")
    shutil.copytree(LOOP / "model", folder / "models" / "tiny")
    (workspace / "label_tool.yaml").write_text(MODELS, "utf-8")
    return folder


@pytest.fixture
def workspace_dir(template: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it; what a test that failed has left behind is ended."""
    shutil.copytree(template, tmp_path / "own")
    workspace = tmp_path / "own" / "workspace"
    yield workspace
    for folder in (workspace / "trainings").glob("*"):
        if (left := orphans.living(folder)) is not None:
            os.killpg(left.pid, signal.SIGKILL)


@pytest.fixture
def server(
    request: pytest.FixtureRequest, workspace_dir: Path, tmp_path: Path, train_python: Path
) -> Iterator[Served]:
    """A server that can train, or with another Python, which cannot."""
    python = getattr(request, "param", train_python)
    env = {"CORRIGENDA_TRAIN_PYTHON": str(python), "OMP_NUM_THREADS": "1"}
    with serving(workspace_dir, tmp_path / "server.log", env=env) as served:
        yield served


@pytest.fixture
def checker(page: Page, axe: str) -> Iterator[Checker]:
    """Says at the end which rules of axe were broken."""
    checker = Checker(page, axe)
    yield checker
    assert not checker.found, "\n".join(checker.found)


def _look(page: Page, checker: Checker, scene: str) -> None:
    """Check what is shown, wide and on a phone."""
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        checker.check(f"{scene}, {size['width']} wide")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def _picture(page: Page, name: str) -> None:
    """For the documentation."""
    page.set_viewport_size(PICTURE)
    take_light(page, name)
    page.set_viewport_size(WIDE)


def _fill(page: Page, options: dict[str, Any]) -> None:
    page.get_by_text("Further options").click()
    for name, value in options.items():
        page.get_by_test_id(f"option-{name}").fill(str(value))


def _start(page: Page, name: str) -> None:
    page.get_by_test_id("training-name").fill(name)
    page.get_by_test_id("start-training-btn").click()


def _expect_state(page: Page, state: str) -> None:
    words = page.get_by_test_id("course").get_by_test_id("training-state")
    expect(words).to_have_attribute("data-state", state, timeout=LONG_MS)


def test_from_the_form_to_what_was_fixed(desk: Desk, page: Page, checker: Checker) -> None:
    page.set_viewport_size(WIDE)
    desk.visit("/training")
    expect(page.get_by_test_id("train-on-corrections")).to_be_checked()
    expect(page.get_by_test_id("unable")).to_be_hidden()
    page.get_by_test_id("method-sft-dpo").check()
    page.get_by_test_id("lora").check()
    _fill(page, {**QUICK, "dpo_learning_rate": 0.0005})
    _look(page, checker, "the form")
    _start(page, "first")
    expect(page).to_have_url(f"{desk.home}/training/first")
    expect(page.get_by_test_id("loss-curve")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_test_id("course-words")).to_contain_text("tokens/s")
    _expect_state(page, "finished")
    with page.expect_download() as coming:
        page.get_by_test_id("card-link").click()
    assert "first" in coming.value.path().read_text("utf-8")

    loss = page.get_by_test_id("loss-curve")
    slider = loss.get_by_role("slider")
    slider.focus()
    desk.press("Home")
    expect(loss).to_contain_text("Step 1 of")
    desk.press("End")
    expect(slider).to_have_attribute("aria-valuenow", slider.get_attribute("aria-valuemax") or "")
    expect(page.get_by_test_id("second-curve")).to_contain_text("Does it prefer the corrections?")
    loss.get_by_test_id("as-table-btn").click()
    expect(loss.get_by_role("row").nth(1)).to_contain_text("by preference")
    loss.get_by_test_id("as-table-btn").click()

    expect(page.get_by_test_id("evaluation-runs")).to_have_value("tiny-benchmark")
    expect(page.get_by_test_id("run-id-base")).to_have_value("first-base")
    page.get_by_text("How they are asked").click()
    _look(page, checker, "the training, and the form of an evaluation")
    page.evaluate("scrollTo(0, 0)")
    _picture(page, "training")
    page.get_by_test_id("evaluate-btn").click()
    expect(page.get_by_test_id("evaluation-first-base")).to_be_visible()
    expect(page.get_by_test_id("evaluation-first-trained")).to_be_visible()
    figures = page.get_by_test_id("before-after")
    expect(figures.get_by_test_id("headline")).to_contain_text("fixed", timeout=LONG_MS)
    for split in ("trained", "replayed", "held_out"):
        expect(figures.get_by_test_id(f"split-{split}")).to_contain_text("%")
    _look(page, checker, "before and after")
    figures.evaluate("panel => panel.scrollIntoView()")
    _picture(page, "before-and-after")
    figures.get_by_test_id("whole-comparison").click()
    expect(page.get_by_test_id("prompt-count")).to_be_visible()

    desk.visit("/training")
    expect(page.get_by_test_id("training-first")).to_contain_text("finished")
    expect(page.get_by_test_id("training-first")).to_contain_text("41 corrections")
    _look(page, checker, "the list")
    page.get_by_role("link", name="Jobs").click()
    rows = page.locator(".job-row")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("the model is there")
    expect(rows.nth(0)).to_contain_text("right")
    rows.nth(0).get_by_role("link", name="first-trained").click()
    expect(page.get_by_role("heading", name="first", level=1)).to_be_visible()


def test_a_training_is_stopped_and_goes_on(desk: Desk, page: Page) -> None:
    desk.visit("/training")
    expect(page.get_by_test_id("train-on-corrections")).to_be_checked()
    _fill(page, {**QUICK, "epochs": 200})
    _start(page, "long")
    expect(page.get_by_test_id("loss-curve")).to_be_visible(timeout=LONG_MS)
    page.get_by_test_id("stop-btn").click()
    _expect_state(page, "stopped")
    page.get_by_test_id("resume-btn").click()
    _expect_state(page, "running")
    expect(page.get_by_test_id("loss-curve").get_by_text("attempt 2")).to_be_visible(
        timeout=LONG_MS
    )
    page.get_by_test_id("stop-btn").click()
    _expect_state(page, "stopped")
    page.get_by_test_id("log-summary").click()
    expect(page.get_by_test_id("log")).not_to_be_empty()


def test_what_is_refused_is_said_and_nothing_typed_is_lost(
    desk: Desk, page: Page, console: Console
) -> None:
    console.expect("status of (404|422)")
    desk.visit("/training")
    expect(page.get_by_test_id("train-on-corrections")).to_be_checked()
    _fill(page, {"batch_size": 0})
    _start(page, "mine")
    expect(page.get_by_test_id("training-error")).to_contain_text("batch_size")
    field = page.get_by_test_id("option-batch_size")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.get_by_role("link", name="Exports").click()
    page.get_by_role("link", name="Training").click()
    expect(field).to_have_value("0")
    expect(page.get_by_test_id("training-name")).to_have_value("mine")
    desk.visit("/training/none")
    expect(page.get_by_test_id("training-load-error")).to_contain_text("There is no training")


@pytest.mark.parametrize("server", [sys.executable], indirect=True)
def test_what_is_missing_is_said(
    desk: Desk, page: Page, workspace_dir: Path, checker: Checker
) -> None:
    (workspace_dir / "label_tool.yaml").unlink()
    desk.visit("/training")
    expect(page.get_by_test_id("missing-packages")).to_contain_text("torch")
    expect(page.get_by_test_id("no-models-dir")).to_contain_text("models_dir")
    expect(page.get_by_test_id("start-training-btn")).to_be_disabled()
    _look(page, checker, "nothing can be trained")
