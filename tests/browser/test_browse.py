"""The Browse page on ten thousand candidates: paging, choosing, and bulk actions."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.corpus import write_corpus
from tests.browser.desk import Desk
from tests.browser.material import decisions_of
from tests.fixtures.serving import CORRIGENDA, Served

COUNT = 10_000


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of ten thousand candidates, to be copied."""
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder / "run" / "sft_candidates.jsonl", COUNT)
    subprocess.run(
        [CORRIGENDA, "import", folder / "run" / "sft_candidates.jsonl", "-w", folder / "workspace"],
        check=True,
    )
    return folder / "workspace"


@pytest.fixture(autouse=True)
def _many(corpus: Path, workspace_dir: Path) -> None:
    shutil.copytree(corpus, workspace_dir, dirs_exist_ok=True)


def _ids(page: Page) -> list[str]:
    ids: list[str] = page.get_by_test_id("browse-row").evaluate_all(
        "rows => rows.map((row) => row.dataset.id)"
    )
    return ids


def test_pages_follow_each_other_without_gaps(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/browse")
    expect(page.get_by_test_id("browse-total")).to_have_text("10,000 candidates")
    shown = page.get_by_test_id("range")
    expect(shown).to_contain_text("1 to 50 of")
    pages = [_ids(page)]
    for first in (51, 101, 151):
        page.get_by_test_id("next-page").click()
        expect(shown).to_contain_text(f"{first} to {first + 49} of")
        pages.append(_ids(page))
    everything = [name for ids in pages for name in ids]
    wanted = server.json("/api/sft/candidates?per_page=200")["items"]
    assert everything == [row["id"] for row in wanted]
    assert max(Counter(everything).values()) == 1

    page.get_by_test_id("previous-page").click()
    expect(shown).to_contain_text("101 to 150 of")
    assert _ids(page) == pages[2]
    page.get_by_test_id("browse-row").first.get_by_role("link").click()
    desk.expect_candidate(pages[2][0])
    page.go_back()
    expect(shown).to_contain_text("101 to 150 of")  # as it was left
    page.get_by_test_id("page-size").select_option("200")
    expect(shown).to_contain_text("1 to 200 of")
    expect(page.get_by_test_id("browse-row")).to_have_count(200)


def test_columns_and_order(desk: Desk, page: Page) -> None:
    desk.visit("/browse?order=lowest_score&model=chat-7b")
    rows = page.get_by_test_id("browse-row")
    expect(rows).to_have_count(50)
    head = page.get_by_test_id("browse-table").locator("thead")
    page.get_by_test_id("columns-btn").click()
    for name, label in (("reason", "Reason"), ("score", "Score")):
        box = page.get_by_test_id(f"column-{name}")
        box.check()
        expect(head).to_contain_text(label)
    page.get_by_test_id("column-reason").uncheck()
    expect(head).not_to_contain_text("Reason")
    page.reload()
    expect(rows).to_have_count(50)
    expect(head).to_contain_text("Score")  # what was chosen is kept
    expect(head).not_to_contain_text("Reason")
    expect(page.get_by_role("columnheader", name="Score")).to_have_attribute(
        "aria-sort", "ascending"
    )
    scores = [float(text) for text in rows.locator("td.number").all_text_contents()]
    assert scores == sorted(scores)


def test_a_range_is_discarded_and_undone_as_one(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/browse?status=needs_review")
    rows = page.get_by_test_id("browse-row")
    expect(rows).to_have_count(50)
    ids = _ids(page)
    rows.nth(2).get_by_role("checkbox").click()
    rows.nth(9).get_by_role("checkbox").click(modifiers=["Shift"])
    bar = page.get_by_test_id("selection-bar")
    expect(bar).to_contain_text("8 chosen")
    page.get_by_test_id("bulk-discard").click()
    sheet = page.get_by_test_id("lot-dialog")
    expect(sheet.get_by_test_id("lot-numbers")).to_contain_text("8 will be discarded")
    sheet.get_by_test_id("lot-category").select_option("style_violation")
    assert server.json("/api/sft/stats")["by_status"]["discarded"] == 0  # only looked at so far
    sheet.get_by_test_id("lot-run").click()
    strip = page.get_by_test_id("lot-strip")
    expect(strip).to_contain_text("8 discarded.")
    expect(page.get_by_test_id("browse-total")).to_have_text("9,992 candidates")
    assert not set(ids[2:10]) & set(_ids(page))
    listed = server.json("/api/sft/candidates?status=discarded&category=style_violation")
    assert {row["id"] for row in listed["items"]} == set(ids[2:10])

    strip.get_by_test_id("lot-undo").click()
    expect(strip).to_contain_text("Undone: 8 are as before.")
    expect(page.get_by_test_id("browse-total")).to_have_text("10,000 candidates")
    assert [action for action, _ in decisions_of(server, ids[2])] == ["discard", "undo"]
    assert server.json("/api/sft/stats")["by_status"]["discarded"] == 0


def test_all_that_match_are_flagged_and_reopened(desk: Desk, page: Page, server: Served) -> None:
    matching = server.json("/api/sft/candidates?run_id=run-07")["total"]
    desk.visit("/browse?run_id=run-07")
    page.get_by_test_id("choose-page").click()
    page.get_by_test_id("choose-all").click()
    expect(page.get_by_test_id("selection-bar")).to_contain_text(f"All {matching} that match")
    page.get_by_test_id("bulk-flag").click()
    expect(page.get_by_test_id("lot-numbers")).to_contain_text(f"{matching} will be flagged")
    page.get_by_test_id("lot-run").click()
    expect(page.get_by_test_id("lot-strip")).to_contain_text(f"{matching} flagged.")
    assert server.json("/api/sft/stats")["by_status"]["model_rejected"] == matching

    page.reload()  # the undo is there later, too
    page.get_by_test_id("lots-btn").click()
    page.get_by_role("button", name=f"Undo: {matching} flagged").click()
    expect(page.get_by_text("undone", exact=True)).to_be_visible()
    assert server.json("/api/sft/stats")["by_status"]["model_rejected"] == 0
