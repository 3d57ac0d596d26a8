"""The review page by the names of its parts, as a test works with it."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Locator, Page, Request, expect

CATEGORIES = (
    "scoring_artifact",
    "style_violation",
    "partial_answer",
    "wrong_answer",
    "format_error",
    "hallucination",
)

# Resolves when the server has acknowledged all that the page has to send.
_SAVED = """new Promise((resolve, reject) => {
  const end = Date.now() + 40000
  const look = () => {
    const waiting = Object.keys(localStorage).filter((key) => key.includes('.outbox.'))
    if (waiting.length === 0) resolve()
    else if (Date.now() > end) reject(new Error(`still to be sent: ${waiting}`))
    else setTimeout(look, 20)
  }
  look()
})"""


class Desk:
    """The page of the server at `home`, in a browser.

    `sent` are the bodies of the decisions that the page has sent, also of those that failed.
    """

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.home = home
        self.sent: list[dict[str, Any]] = []
        # Not the text area that stands in for it until its code has come.
        self.editor = page.locator("[contenteditable][data-testid=correction-text]")
        self.pending = page.get_by_test_id("pending-action-row")
        self.reading = page.get_by_test_id("decision-buttons")
        self.chips = page.locator(".category-chip")
        self.active_chips = page.locator(".category-chip--active")
        self.setback = page.get_by_test_id("setback")
        self.offline = page.get_by_test_id("offline-strip")
        self.send_now = page.get_by_test_id("send-now-btn")
        self.toast = page.get_by_test_id("undo-toast")
        self.answer = page.get_by_test_id("model-response")
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith(("/submit", "/undo")):
            self.sent.append(json.loads(request.post_data or "{}"))

    def visit(self, path: str) -> None:
        """Go to a page of ours by its path."""
        self.page.goto(f"{self.home}{path}")

    def open(self, candidate_id: str | None = None) -> None:
        """Go to the review page, and wait for its first candidate."""
        self.visit("/")
        if candidate_id is None:
            expect(self.reading).to_be_visible()
        else:
            self.expect_candidate(candidate_id)

    def expect_candidate(self, candidate_id: str) -> None:
        """This candidate lies on the desk, and nothing has been begun on it."""
        facts = self.page.get_by_role("complementary", name="About this candidate")
        expect(facts.get_by_text(candidate_id, exact=True)).to_be_visible()
        expect(self.reading).to_be_visible()

    def expect_counts(self, remaining: int | str, done: int) -> None:
        """What the strip above the card counts."""
        expect(self.page.get_by_test_id("remaining")).to_have_text(f"{remaining} to review")
        expect(self.page.get_by_test_id("done")).to_contain_text(f"{done} done")

    def chip(self, category: str) -> Locator:
        """The chip of a failure category."""
        return self.page.get_by_test_id(f"category-chip-{category}")

    def expect_chosen(self, category: str | None) -> None:
        """Just this category is active, for the eye and for a screen reader."""
        if category is None:
            expect(self.active_chips).to_have_count(0)
            return
        expect(self.active_chips).to_have_count(1)
        expect(self.chip(category)).to_have_class("category-chip category-chip--active")
        expect(self.chip(category)).to_have_attribute("aria-pressed", "true")

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Begin a correction, and put this text in the place of the answer."""
        self.press("c")
        expect(self.editor).to_be_focused()
        self.replace_text(text)

    def replace_text(self, text: str) -> None:
        """Put this text in the place of all that is in the editor."""
        self.editor.press("Control+a")
        if text:
            self.page.keyboard.insert_text(text)
        else:
            self.press("Delete")
        self.expect_text(text)

    def expect_text(self, text: str) -> None:
        """The editor holds this text, which is short enough to be drawn as a whole."""
        if text == "":
            expect(self.editor.locator(".cm-placeholder")).to_be_visible()
            return
        lines = [re.compile(f"^{re.escape(line)}$") for line in text.split("\n")]
        expect(self.editor.locator(".cm-line")).to_have_text(lines)

    def saved(self) -> None:
        """Wait until the server has every decision: the page goes on without waiting for it."""
        self.page.evaluate(_SAVED)

    def send_waiting(self) -> None:
        """The network is said to be back, so that no test waits for the page's next try."""
        self.page.evaluate("dispatchEvent(new Event('online'))")
        self.saved()

    def tab_to(self, test_id: str) -> None:
        """Press Tab until this part has the focus."""
        target = self.page.get_by_test_id(test_id)
        for _ in range(40):
            self.press("Tab")
            if target.evaluate("part => part === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to `{test_id}`")

    def downloading(self, test_id: str, *, with_key: str | None = None) -> list[Any]:
        """Use a link to a file, by mouse or by a key, and read the lines that come."""
        with self.page.expect_download() as coming:
            if with_key:
                self.press(with_key)
            else:
                self.page.get_by_test_id(test_id).click()
        return lines_of(coming.value)


def lines_of(download: Download) -> list[Any]:
    """The JSON lines of a downloaded file."""
    return read_lines(Path(download.path()))


def read_lines(path: Path) -> list[Any]:
    """The JSON lines of a file; a line of spaces is none."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
