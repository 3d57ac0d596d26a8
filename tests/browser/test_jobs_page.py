"""The Jobs page: long work as it goes on, and how it ends."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_run
from tests.browser.test_accessibility import SIZES, Checker, axe
from tests.fixtures.serving import Served

__all__ = ["axe"]  # a fixture

CONFIG = "label_tool.yaml"
PHONE = ViewportSize(width=360, height=780)
MANY = 30_000
"""So many that an import can be looked at, and stopped, while it goes on."""


@pytest.fixture
def bench(workspace_dir: Path) -> Path:
    """A benchmark folder with a large run and two small ones."""
    bench = workspace_dir / "bench"
    put_run(bench, "big", *(candidate(f"b{n}") for n in range(MANY)))
    put_run(bench, "small", candidate("s1"), candidate("s2"))
    put_run(bench, "gone", candidate("g1"))
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    return bench


def _start(server: Served, run_id: str) -> str:
    job = server.json("/api/sft/jobs", {"kind": "import", "run_id": run_id})
    return f"job-{job['id']}"


def test_jobs_are_followed_to_their_end(
    desk: Desk, page: Page, bench: Path, server: Served
) -> None:
    desk.visit("/jobs")
    expect(page.get_by_test_id("no-jobs")).to_be_visible()
    big, small, gone = (
        page.get_by_test_id(_start(server, name)) for name in ("big", "small", "gone")
    )
    shutil.rmtree(bench / "gone")
    expect(big).to_contain_text("running")
    expect(big.get_by_role("progressbar", name="Import of big")).to_be_visible()
    expect(small).to_contain_text("waiting")
    expect(small).to_contain_text("Waiting to start …")

    big.get_by_test_id("cancel-job-btn").click()
    expect(big).to_contain_text("cancelled")
    expect(big.get_by_test_id("job-result")).to_contain_text("stopped before the end")
    expect(small.get_by_test_id("job-result")).to_have_text("2 candidates imported.")
    expect(small).to_contain_text("took ")
    expect(gone).to_contain_text("failed")
    expect(gone.get_by_test_id("job-error")).to_contain_text("gone")

    small.get_by_role("link", name="small").click()
    expect(page.get_by_test_id("browse-total")).to_have_text("2 candidates")


def test_a_running_job_leads_to_all_of_them(
    desk: Desk, page: Page, bench: Path, server: Served
) -> None:
    desk.visit("/runs")
    page.get_by_role("button", name="Import big").click()
    page.get_by_role("link", name="All jobs").click()
    row = page.locator(".job-row")
    expect(row).to_contain_text("Import of big")
    # How fast it goes is known after some seconds.
    expect(row).to_contain_text("B/s")
    row.get_by_test_id("cancel-job-btn").click()
    expect(row).to_contain_text("cancelled")


@pytest.mark.usefixtures("demo")
def test_exports_and_bulk_decisions(desk: Desk, page: Page, server: Served) -> None:
    ids = [item["id"] for item in server.json("/api/sft/queue?per_page=5")["items"]]
    for one in ids[:2]:
        body = {"id": one, "action": "correct", "corrected_response": "Right.", "reviewer": "ana"}
        server.json("/api/sft/submit", body)
    lot = {"action": "flag", "ids": ids, "reviewer": "ana"}
    server.json("/api/sft/lots", {**lot, "lot_id": "l1"})
    server.json("/api/sft/lots/l1/undo", {})
    recipe = {"format": "prompt_completion"}
    server.json("/api/sft/exports", {"name": "mine", "recipe": recipe})
    desk.visit("/jobs")
    export, undo, flag = (page.locator(".job-row").nth(n) for n in range(3))
    expect(export).to_contain_text("Export mine", timeout=90_000)
    expect(export.get_by_test_id("job-result")).to_contain_text("2 rows in", timeout=90_000)
    expect(flag).to_contain_text("Flag ")
    expect(flag.get_by_test_id("job-result")).to_contain_text("flagged")
    expect(undo).to_contain_text("Undo of a bulk decision")
    export.get_by_role("link", name="mine").click()
    expect(page.get_by_role("heading", name="mine", level=1)).to_be_visible()


def test_the_pages_on_a_phone(desk: Desk, page: Page) -> None:
    page.set_viewport_size(PHONE)
    desk.visit("/browse")
    page.get_by_test_id("more-pages").click()
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_test_id("no-jobs")).to_be_visible()
    expect(page.get_by_test_id("more-pages")).to_have_text("Jobs, more pages")
    desk.press("Shift+Tab", "Enter")
    expect(page.get_by_role("link", name="Runs")).to_be_focused()
    desk.press("Escape")
    expect(page.get_by_test_id("more-pages")).to_be_focused()


@pytest.mark.parametrize("size", SIZES)
def test_it_breaks_no_rule_of_axe(
    desk: Desk, page: Page, axe: str, bench: Path, server: Served, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    checker = Checker(page, axe)
    desk.visit("/jobs")
    expect(page.get_by_test_id("no-jobs")).to_be_visible()
    checker.check("no jobs")
    big, small, gone = (_start(server, name) for name in ("big", "small", "gone"))
    shutil.rmtree(bench / "gone")
    expect(page.get_by_test_id(big).get_by_role("progressbar")).to_be_visible()
    checker.check("jobs under way")
    page.get_by_test_id(big).get_by_test_id("cancel-job-btn").click()
    expect(page.get_by_test_id(small)).to_contain_text("done")
    expect(page.get_by_test_id(gone)).to_contain_text("failed")
    checker.check("jobs")
    page.set_viewport_size(PHONE)
    checker.check("jobs on a small phone")
    page.get_by_test_id("more-pages").click()
    checker.check("the menu of pages")
    assert not checker.found, "\n".join(checker.found)
