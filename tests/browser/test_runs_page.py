"""The Runs page: finding runs, importing them, and saying what is wrong with them."""

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_run
from tests.fixtures.serving import Served

CONFIG = "label_tool.yaml"
JOB = "**/api/sft/jobs/*"
OURS = "# ours\nother:\n  keep: me  # and why\n"


def test_a_run_is_imported(desk: Desk, page: Page, server: Served, workspace_dir: Path) -> None:
    for number, size in ((1, 2), (2, 3), (3, 1234)):
        ids = (f"c{number}-{index}" for index in range(size))
        put_run(workspace_dir / "bench", f"2026-11-0{number}-120000", *map(candidate, ids))
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    server.json("/api/sft/import", {"run_id": "2026-11-01-120000"})
    desk.visit("/runs")
    expect(page.get_by_test_id("run-count")).to_have_text("3 runs found")
    rows = page.locator(".run-row")
    newest, oldest = rows.nth(0), rows.nth(2)
    expect(newest).to_contain_text("2026-11-03-120000")
    expect(newest).to_contain_text("1,234 candidates")
    expect(oldest).to_contain_text("2026-11-01-120000")
    expect(oldest).to_contain_text("Imported")

    shown: list[bool] = []

    def look_meanwhile(route: Route) -> None:
        shown.append(newest.get_by_role("progressbar").is_visible())
        route.continue_()

    page.route(JOB, look_meanwhile, times=1)
    newest.get_by_role("button", name="Import 2026-11-03-120000").click()
    result = newest.get_by_test_id("import-result")
    expect(result).to_contain_text("1,234 candidates imported")
    assert shown == [True]
    expect(newest.get_by_role("progressbar")).to_be_hidden()
    expect(newest.get_by_role("button", name="Import again")).to_be_visible()

    result.get_by_role("link", name="Review these").click()
    desk.expect_counts("1,234", 0)  # of this run
    page.get_by_test_id("clear-filter").click()
    desk.expect_counts("1,236", 0)
    page.get_by_role("link", name="Runs").click()
    expect(result).to_be_visible()  # it is still there to be read
    oldest.get_by_role("button", name="Import again").click()
    expect(oldest.get_by_test_id("import-result")).to_contain_text(
        "0 candidates imported · 2 skipped, already here"
    )


def test_lines_that_cannot_be_read_are_named(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    put_run(
        workspace_dir / "bench",
        "run-1",
        candidate("one"),
        '{"id": "broken", ',
        candidate("two"),
        '{"task_name": "without an id"}',
    )
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    desk.visit("/runs")
    page.get_by_role("button", name="Import run-1").click()
    result = page.get_by_test_id("import-result")
    expect(result).to_contain_text("2 candidates imported · 2 lines could not be read")
    problems = result.get_by_role("row")
    expect(problems).to_have_count(3)
    expect(problems.nth(1).get_by_role("cell").nth(0)).to_contain_text("run-1/sft_candidates.jsonl")
    expect(problems.nth(1).get_by_role("cell").nth(1)).to_have_text("2")
    expect(problems.nth(2).get_by_role("cell").nth(1)).to_have_text("4")
    expect(problems.nth(2)).to_contain_text("id")
    assert server.json("/api/sft/stats")["total"] == 2


def test_all_runs_at_once(desk: Desk, page: Page, server: Served, workspace_dir: Path) -> None:
    for number in (1, 2, 3):
        put_run(workspace_dir / "bench", f"run-{number}", candidate(f"c{number}"))
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    desk.visit("/runs")
    page.get_by_role("button", name="Import all 3").click()
    expect(page.get_by_test_id("import-result")).to_have_count(3)
    assert server.json("/api/sft/stats")["total"] == 3


def test_a_broken_configuration_is_one_clear_error(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect("status of 422")
    put_run(workspace_dir / "bench", "run-1", candidate("one"))
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: [bench\n", "utf-8")
    desk.visit("/runs")
    expect(page.get_by_test_id("runs-error")).to_contain_text("The runs could not be listed.")
    expect(page.get_by_test_id("runs-error")).to_contain_text(CONFIG)
    expect(page.get_by_role("alert")).to_have_count(1)
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Import run-1")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_test_id("bench-folder")).to_have_value(re.compile("bench$"))


def test_the_benchmark_folder_is_chosen(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path, tmp_path: Path
) -> None:
    console.expect("status of 422")
    put_run(workspace_dir / "bench", "run-1", candidate("one"))
    config = workspace_dir / CONFIG
    config.write_text(OURS, "utf-8")
    desk.visit("/runs")
    expect(page.get_by_test_id("no-runs")).to_be_visible()
    field = page.get_by_label("Benchmark folder, on the server")
    expect(page.get_by_test_id("save-folder-btn")).to_be_disabled()

    outside = str(tmp_path)
    field.fill(outside)
    field.press("Enter")
    expect(page.get_by_test_id("folder-error")).to_contain_text(outside)
    expect(field).to_have_value(outside)
    assert config.read_text("utf-8") == OURS

    field.fill(str(workspace_dir / "bench"))
    page.get_by_test_id("save-folder-btn").click()
    expect(page.get_by_role("button", name="Import run-1")).to_be_visible()
    expect(page.get_by_test_id("folder-error")).to_be_hidden()
    written = config.read_text("utf-8")
    assert written.startswith(OURS)
    assert server.json("/api/sft/config")["bench_results_dir"] == str(workspace_dir / "bench")
