"""What the page shows when there is little, nothing, or something odd to show."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served

HOSTILE = (
    "<script>window.injected = 1</script><img id='injected' src=x onerror='alert(1)'>"
    "<h1 id='injected'>Not a heading</h1>{{ 7 * 7 }} &lt;b&gt; **bold** javascript:alert(1)"
)
SIZES = [(390, 844), (1280, 800)]


def _expect_to_fit(page: Page) -> None:
    """What is shown is not wider than the window, on a desk and on a telephone."""
    root = "document.documentElement"
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert not page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"), width


def test_a_first_run_leads_to_an_import(desk: Desk, page: Page) -> None:
    desk.visit("/")
    expect(page.get_by_test_id("first-run")).to_contain_text("Nothing to correct yet")
    desk.press("c", "d", "u")
    page.get_by_test_id("first-run").get_by_role("link", name="Import a run").click()
    expect(page.get_by_test_id("no-runs")).to_be_visible()


def test_all_caught_up(desk: Desk, page: Page, workspace_dir: Path) -> None:
    put_candidates(workspace_dir, *map(candidate, ("one", "two", "three")))
    desk.open("one")
    desk.write("Better.")
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    desk.press("d", "Enter")
    desk.expect_candidate("three")
    desk.press("f", "Enter")
    done = page.get_by_test_id("all-caught-up")
    expect(done).to_contain_text("Every candidate has a decision")
    for count in ("corrected", "discarded", "flagged"):
        # The term stands before its number in the document, and after it on the screen.
        expect(done.locator("dl > div").filter(has_text=count)).to_contain_text("1")
    with page.expect_download() as coming:
        done.get_by_role("link", name="Download 1 correction").click()
    assert "Better." in Path(coming.value.path()).read_text("utf-8")

    put_candidates(workspace_dir, candidate("four"))
    page.get_by_role("button", name="Look for new ones").click()
    desk.expect_candidate("four")


def test_a_slow_queue_shows_the_shape_of_a_card(
    desk: Desk, page: Page, workspace_dir: Path
) -> None:
    put_candidates(workspace_dir, candidate("one"))
    shown: list[bool] = []

    def answer_when_it_is_shown(route: Route) -> None:
        page.locator(".skeleton").wait_for()
        shown.append(True)
        route.continue_()

    page.route("**/api/sft/queue/claim*", answer_when_it_is_shown, times=1)
    desk.open("one")
    assert shown == [True]
    expect(page.locator(".skeleton")).to_be_hidden()


def test_markup_is_shown_as_text(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    fields: dict[str, Any] = dict.fromkeys(
        [
            "task_name",
            "task_id",
            "task_type",
            "model_response",
            "failure_reason",
            "reference_answer",
            "model_name",
            "node_id",
            "reasoning",
            "benchmark_run_id",
            "unknown_field",
        ],
        HOSTILE,
    )
    image = {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}}
    prompt = [
        {"role": "system", "content": HOSTILE},
        {"role": "user", "content": [{"type": "text", "text": HOSTILE}, image]},
        {"role": HOSTILE, "content": [{"not": ["a", "text"]}]},
    ]
    put_candidates(workspace_dir, candidate("one", **fields, prompt_messages=prompt))
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    desk.open("one")
    expect(desk.answer).to_have_text(HOSTILE)
    expect(page.get_by_role("heading", level=2)).to_have_text(HOSTILE)
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    expect(page.locator("article").get_by_text(HOSTILE).first).to_be_visible()
    desk.press("c")
    desk.expect_text(HOSTILE)
    desk.press("Control+Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    desk.saved()
    expect(desk.toast).to_contain_text("Not a heading")
    expect(page.locator("#injected, a[href^='javascript']")).to_have_count(0)
    assert page.evaluate("window.injected") is None
    assert alerts == []
    assert server.json("/api/sft/candidates/one")["corrected_response"] == HOSTILE


def test_long_and_foreign_texts_stay_on_the_sheet(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    arabic = "عاصمة فرنسا هي باريس، وعدد سكانها نحو مليونين."
    long = "word " * 60_000
    put_candidates(
        workspace_dir,
        candidate("arabic", task_name=arabic, model_response=arabic, failure_reason=arabic),
        candidate("chinese", model_response="山高月小水落石出" * 50, model_name="模" * 80),
        candidate("unbroken", model_response="x" * 3_000, task_name="y" * 300, task_id="z" * 300),
        candidate("long", model_response=long, prompt_messages=[{"role": "user", "content": long}]),
    )
    desk.open("arabic")
    direction = "part => getComputedStyle(part).direction"
    assert desk.answer.locator(".prose").evaluate(direction) == "rtl"
    desk.press("c")
    expect(desk.editor).to_be_focused()
    assert desk.editor.locator(".cm-line").evaluate(direction) == "rtl"
    desk.press("Escape")
    for following in ("chinese", "unbroken", "long"):
        _expect_to_fit(page)
        desk.press("d", "Enter")
        desk.expect_candidate(following)
    _expect_to_fit(page)

    height = "part => part.offsetHeight"
    folded = desk.answer.evaluate(height)
    expect(page.get_by_test_id("discard-btn")).to_be_in_viewport()  # the bar stays in reach
    page.get_by_role("button", name="Show all of the answer (300,000 characters)").click()
    assert desk.answer.evaluate(height) > 10 * folded
    expect(page.get_by_test_id("discard-btn")).to_be_in_viewport()
    desk.press("c")
    expect(desk.editor).to_be_focused()
    expect(desk.editor).to_contain_text("word word")
    desk.press("Control+Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    desk.saved()
    assert server.json("/api/sft/candidates/long")["corrected_response"] == long


def test_a_candidate_with_only_an_id(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    odd = "a/b ?c=1&d#e%20f \"'<é>"
    put_candidates(workspace_dir, {"id": "bare"}, {"id": odd, "model_response": None})
    desk.open("bare")
    expect(page.get_by_role("heading", level=2)).to_have_text("bare")
    for words in ("The prompt was not recorded.", "The model answered nothing."):
        expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_test_id("quality-chip")).to_be_hidden()
    expect(page.locator(".failure-reason")).to_be_hidden()
    expect(page.locator("article").get_by_text("null")).to_have_count(0)
    expect(page.locator("article").get_by_text("undefined")).to_have_count(0)
    desk.press("c")
    desk.expect_text("")
    page.keyboard.type("All of it.")
    desk.press("Control+Enter")
    desk.expect_candidate(odd)
    desk.write("This too.")
    desk.press("Control+Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    desk.saved()
    assert server.json("/api/sft/stats")["by_status"]["approved"] == 2
