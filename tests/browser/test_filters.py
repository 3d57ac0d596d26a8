"""Filters, order and batches: they live in the address, and count before they are chosen."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served

MODELS = ("small-1b", "base-3b")
COUNT = 12


@pytest.fixture(autouse=True)
def _candidates(workspace_dir: Path) -> None:
    """`c00` … `c11`: models take turns, scores fall, and each third is code."""
    put_candidates(
        workspace_dir,
        *(
            candidate(
                f"c{number:02}",
                model_name=MODELS[number % 2],
                task_type="math" if number % 3 else "code",
                quality_score=(COUNT - number) / 20,
                benchmark_run_id=f"run-{number // 6}",
            )
            for number in range(COUNT)
        ),
    )


def _query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def _choose(page: Page, dimension: str, words: str) -> None:
    page.get_by_test_id("filter-btn").click()
    page.get_by_test_id(f"dimension-{dimension}").click()
    page.get_by_role("option", name=words).click()


def test_an_address_opens_the_same_queue(desk: Desk, page: Page) -> None:
    desk.visit("/?model=base-3b&task_type=code&order=lowest_score")
    desk.expect_candidate("c09")
    desk.expect_counts(remaining=2, done=0)
    bar = page.get_by_test_id("filter-bar")
    expect(bar).to_contain_text("base-3b")
    expect(bar).to_contain_text("code")
    expect(page.get_by_test_id("order-menu")).to_have_value("lowest_score")
    desk.press("d", "Enter")
    desk.expect_candidate("c03")
    desk.press("d", "Enter")
    caught_up = page.get_by_test_id("all-caught-up")
    expect(caught_up).to_contain_text("Nothing left under this filter")
    expect(caught_up).to_contain_text("10 candidates elsewhere")
    page.get_by_test_id("clear-filter-btn").click()
    desk.expect_candidate("c11")
    assert _query(page) == {"order": ["lowest_score"]}


def test_the_menu_writes_the_address_and_counts(desk: Desk, page: Page, server: Served) -> None:
    counted = server.json("/api/sft/facets?status=needs_review&model=base-3b")["facets"]
    numbers = {choice["value"]: choice["n"] for choice in counted["task_type"]}
    desk.open("c00")
    desk.press(".")
    page.get_by_test_id("dimension-model").click()
    expect(page.get_by_role("option", name="small-1b 6")).to_be_visible()
    page.get_by_role("option", name="base-3b 6").click()
    expect(page).to_have_url(re.compile(r"[?&]model=base-3b"))
    desk.press("Escape")
    desk.expect_candidate("c01")

    _choose(page, "task_type", f"math {numbers['math']}")
    desk.expect_counts(remaining=numbers["math"], done=0)
    assert _query(page) == {"model": ["base-3b"], "task_type": ["math"]}

    page.keyboard.press("Escape")
    page.go_back()
    desk.expect_counts(remaining=6, done=0)
    page.go_back()
    desk.expect_counts(remaining=COUNT, done=0)
    desk.expect_candidate("c00")
    page.go_forward()
    desk.expect_candidate("c01")
    page.get_by_role("button", name="Remove model base-3b").click()
    desk.expect_counts(remaining=COUNT, done=0)


def test_order_score_and_search(desk: Desk, page: Page) -> None:
    desk.open("c00")
    page.get_by_test_id("order-menu").select_option("lowest_score")
    desk.expect_candidate("c11")
    assert _query(page) == {"order": ["lowest_score"]}
    desk.visit("/?score_min=0.2&score_max=0.3&order=lowest_score")
    desk.expect_candidate("c08")
    desk.expect_counts(remaining=3, done=0)
    desk.visit("/")
    page.get_by_test_id("search-field").fill("question c07")
    desk.expect_candidate("c07")
    desk.expect_counts(remaining=1, done=0)
    assert _query(page) == {"q": ["question c07"]}


def test_an_address_with_something_unknown_says_so(desk: Desk, page: Page) -> None:
    desk.visit("/?score_min=lots&order=sideways")
    desk.expect_candidate("c00")
    expect(page.get_by_test_id("dropped")).to_contain_text("score_min")


def test_a_card_put_off_comes_last(desk: Desk, page: Page) -> None:
    desk.visit("/?task_type=code")
    desk.expect_candidate("c00")
    desk.press("s")
    desk.expect_candidate("c03")
    desk.saved()
    page.reload()
    for name in ("c03", "c06", "c09"):
        desk.expect_candidate(name)
        desk.press("d", "Enter")
    desk.expect_candidate("c00")


def test_a_batch_is_drawn_and_reviewed(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/?task_type=math")
    desk.expect_counts(remaining=8, done=0)
    page.get_by_test_id("batch-btn").click()
    page.get_by_test_id("draw-batch-btn").click()
    expect(page.get_by_test_id("batch-from")).to_contain_text("8")
    page.get_by_test_id("batch-size").fill("3")
    page.get_by_test_id("batch-seed").fill("7")
    page.get_by_test_id("batch-name").fill("Some of mathematics")
    page.get_by_test_id("draw-btn").click()
    desk.expect_counts(remaining=3, done=0)
    [batch] = server.json("/api/sft/batches")["items"]
    assert (batch["name"], batch["size"], batch["seed"]) == ("Some of mathematics", 3, 7)
    assert _query(page) == {"batch": [str(batch["id"])]}
    drawn = {
        row["id"]
        for row in server.json(f"/api/sft/candidates?batch={batch['id']}")["items"]
        if row["task_type"] == "math"
    }
    assert len(drawn) == 3
    for remaining in (2, 1):
        desk.press("d", "2", "Enter")
        desk.expect_counts(remaining=remaining, done=3 - remaining)
    desk.press("d", "2", "Enter")
    caught_up = page.get_by_test_id("all-caught-up")
    expect(caught_up).to_contain_text("“Some of mathematics” is reviewed")
    expect(caught_up).to_contain_text("9 candidates elsewhere")
    desk.saved()
    assert {sent["id"] for sent in desk.sent} == drawn
    [batch] = server.json("/api/sft/batches")["items"]
    assert (batch["reviewed"], batch["remaining"]) == (3, 0)
