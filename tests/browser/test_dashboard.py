"""The dashboard: its numbers are the server's, and a bar leads to the candidates behind it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import decide_on_the_demo
from tests.fixtures.serving import Served

pytestmark = pytest.mark.usefixtures("demo")


def _numbers(page: Page, chart: str) -> dict[str, list[str]]:
    """The rows of a chart's table by their first cell."""
    card = page.get_by_test_id(chart)
    card.get_by_test_id("as-table-btn").click()
    rows = card.get_by_test_id("chart-table").locator("tbody tr").all()
    return {
        row.get_by_role("rowheader").inner_text(): row.get_by_role("cell").all_inner_texts()
        for row in rows
    }


def _counts(cells: list[str]) -> list[int]:
    """`4 (40 %)` is 4."""
    return [int(cell.split(" ")[0]) for cell in cells]


def test_nothing_is_drawn_before_the_first_decision(desk: Desk, page: Page) -> None:
    desk.visit("/dashboard")
    expect(page.get_by_test_id("nothing-reviewed")).to_be_visible()
    page.get_by_role("link", name="Review the first answer").click()
    desk.expect_candidate("demo-math-001-qwen")


@pytest.mark.parametrize("chart", ["by_model", "by_task_type", "by_run"])
def test_the_bars_have_the_servers_numbers(
    desk: Desk, page: Page, server: Served, chart: str
) -> None:
    decide_on_the_demo(server)
    counted: dict[str, Any] = server.json("/api/sft/dashboard")
    desk.visit("/dashboard")
    expect(page.get_by_test_id("reviewed-meter")).to_contain_text(
        f"{counted['reviewed']} of {counted['total']}"
    )
    groups = [group for group in counted[chart] if group["reviewed"]]
    words = (
        page.get_by_test_id(chart)
        .locator(".chart-mark")
        .evaluate_all("marks => marks.map((mark) => mark.getAttribute('aria-label'))")
    )
    assert len(words) == sum(len([n for n in group["counts"].values() if n]) for group in groups)
    shown = _numbers(page, chart)
    assert list(shown) == [group["value"] for group in groups]
    for group in groups:
        reviewed, *categories = _counts(shown[group["value"]])
        assert reviewed == group["reviewed"]
        assert sorted(filter(None, categories)) == sorted(group["counts"].values())
        assert any(f"{group['value']}: " in said for said in words)


def test_shares_and_what_is_ready(desk: Desk, page: Page, server: Served) -> None:
    decide_on_the_demo(server)
    counted = server.json("/api/sft/dashboard")
    desk.visit("/dashboard")
    expect(page.get_by_test_id("export-ready")).to_contain_text(str(counted["export_ready"]))
    held_back = page.get_by_test_id("held-back")
    expect(held_back).to_contain_text(f"{counted['held_back']} approved correction")
    flagged = _numbers(page, "flagged_by_model")
    for model in counted["flagged_by_model"]:
        assert str(model["flagged"]) in flagged[model["value"]]
    expect(page.get_by_test_id("basis-note")).to_contain_text("not drawn at random")
    held_back.get_by_role("link").click()
    expect(page.get_by_test_id("browse-total")).to_have_text(f"{counted['held_back']} candidates")


def test_a_bar_leads_to_the_candidates_behind_it(desk: Desk, page: Page, server: Served) -> None:
    decide_on_the_demo(server)
    desk.visit("/dashboard")
    mark = page.get_by_test_id("by_task_type").get_by_role("link", name="math: ").first
    words = mark.get_attribute("aria-label") or ""
    n = int(words.split(", ")[1].split(" of ")[0])
    mark.click()
    expect(page.get_by_role("heading", name="Browse", level=1)).to_be_visible()
    expect(page.get_by_test_id("browse-row")).to_have_count(n)
    expect(page.get_by_test_id("filter-bar")).to_contain_text("math")


def test_a_sample_estimates_the_whole(desk: Desk, page: Page, server: Served) -> None:
    batch = server.json("/api/sft/batches", {"name": "A sample", "size": 10, "seed": 7})
    queue = server.json(f"/api/sft/queue?batch={batch['id']}")["items"]
    for number, item in enumerate(queue[:4]):
        category = "hallucination" if number else "format_error"
        server.json(
            "/api/sft/submit",
            {"id": item["id"], "action": "discard", "failure_category": category},
        )
    sample = server.json(f"/api/sft/dashboard?batch={batch['id']}")["sample"]
    found = [one for one in sample["estimates"] if one["share"] > 0]
    desk.visit(f"/dashboard?batch={batch['id']}")
    estimate = page.get_by_test_id("sample-estimate")
    expect(estimate).to_contain_text("10 of 30, of which 4 are reviewed")
    assert {one["category"] for one in found} == {"hallucination", "format_error"}
    for one in found:
        low, high = round(100 * one["low"]), round(100 * one["high"])
        expect(estimate).to_contain_text(f"({low}\N{EN DASH}{high}\N{NO-BREAK SPACE}%)")
        expect(estimate).to_contain_text(f"≈ {one['expected']}")
    expect(page.get_by_test_id("picked-note")).to_be_hidden()
