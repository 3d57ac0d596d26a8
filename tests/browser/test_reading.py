"""Reading a card: what unfolds, which way a text runs, and what may be opened."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates

DIRECTION = "part => getComputedStyle(part).direction"


def test_one_key_unfolds_everything(desk: Desk, page: Page, workspace_dir: Path) -> None:
    messages = [
        {"role": "user" if number % 2 == 0 else "assistant", "content": f"Message {number}."}
        for number in range(19)
    ]
    put_candidates(
        workspace_dir,
        candidate("one", prompt_messages=messages, model_response="A line.\n\n" * 200 + "The end."),
    )
    desk.open("one")
    middle = page.get_by_text("Message 9.", exact=True)
    expect(middle).to_be_hidden()
    expect(page.get_by_text("Message 18.", exact=True)).to_be_visible()
    desk.press("e")
    expect(middle).to_be_visible()
    height = desk.answer.evaluate("part => part.offsetHeight")
    desk.press("e")
    expect(middle).to_be_hidden()
    assert desk.answer.evaluate("part => part.offsetHeight") < height / 2
    page.get_by_role("button", name="11 earlier messages").click()
    expect(middle).to_be_visible()


def test_texts_run_in_their_own_direction(desk: Desk, page: Page, workspace_dir: Path) -> None:
    arabic = "الجواب هو **أربعة**."
    put_candidates(
        workspace_dir,
        candidate("one", model_response=arabic, reference_answer="It is four."),
    )
    desk.open("one")
    paragraph = desk.answer.locator("p", has_text="أربعة")
    assert paragraph.evaluate(DIRECTION) == "rtl"
    expect(paragraph.locator("strong")).to_have_text("أربعة")
    reference = page.get_by_test_id("reference-answer").get_by_text("It is four.")
    assert reference.first.evaluate(DIRECTION) == "ltr"
    desk.press("c")
    expect(desk.editor).to_be_focused()
    assert desk.editor.locator(".cm-line").first.evaluate(DIRECTION) == "rtl"


def test_images_of_the_prompt_are_links(desk: Desk, page: Page, workspace_dir: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/plot.png"}}
    put_candidates(
        workspace_dir,
        candidate("one", prompt_messages=[{"role": "user", "content": [image]}]),
    )
    desk.open("one")
    link = page.get_by_role("link", name="https://example.org/plot.png")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator("article img")).to_have_count(0)
