"""Texts of models as the page renders them: what they may not do, and what must stay readable."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates

TEXTS = {
    "script": "**x** <script>window.hacked = 1</script>",
    "event handler": '**x** <img src=x onerror="window.hacked = 1">',
    "javascript link": "[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1)",
    "javascript link in disguise": "[a](java&#115;cript:window.hacked=1) <javascript:alert(1)>",
    "data link": "[a](data:text/html,<script>window.hacked=1</script>)",
    "link into the page": "[a](/api/sft/undo) [b](#app) [c](?id=x)",
    "image from elsewhere": "![a](https://example.org/track.png)",
    "image as data": "![a](data:image/svg+xml,<svg onload=window.hacked=1>)",
    "styles": "**x** <style>body { display: none }</style><p style='position:fixed'>y</p>",
    "drawing": "**x** <svg onload=window.hacked=1><script>window.hacked=1</script></svg>",
    "form": "**x** <form id=app action=https://example.org><input name=body></form>",
    "ids that clobber": "**x** <a id=app name=cookie>y</a><img name=getElementById>",
    "frame": "**x** <iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "link in a formula": r"$\href{javascript:window.hacked=1}{x}$ $\url{https://example.org}$",
    "style in a formula": r"$\htmlStyle{position:fixed}{x}$ $\htmlId{app}{x}$ $\class{button}{x}$",
    "image in a formula": r"$\includegraphics{https://example.org/x.png}$",
    "markup in a formula": r"$\text{<img src=x onerror=window.hacked=1>}$",
    "markup for MathML": "**x** <math><annotation-xml encoding='text/html'><style><img src=x "
    "onerror=window.hacked=1></style></annotation-xml></math>",
    "fence that ends early": '```"><img src=x onerror=window.hacked=1>\n</code><b>x</b>\n```',
    "table": "|a|b|\n|:-|-:|\n|<img src=x onerror=window.hacked=1>|2|",
    "markup in a link": '[<img src=x onerror=window.hacked=1>](https://example.org "\\" onx=1")',
}
ALLOWED_TAG = re.compile(
    "P|BR|HR|H[3-6]|BLOCKQUOTE|UL|OL|LI|PRE|CODE|EM|STRONG|S|A|TABLE|THEAD|TBODY|TR|TH|TD|SPAN|"
    "math|semantics|mrow|mi|mo|mn|mtext|mstyle|mspace"
)
NODES = """(host) => [...host.querySelectorAll('*')].map((node) => ({
  tag: node.tagName,
  attributes: Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value])),
}))"""

# The content security policy forbids what `wait_for_function` does.
SCROLLED = """new Promise((resolve, reject) => {
  const found = () => [...(CSS.highlights.get('found-here') ?? [])][0]?.toString()
  const there = () => scrollY > 5000 && found() === 'needle'
  const timer = setInterval(() => there() && resolve(clearInterval(timer)), 50)
  setTimeout(() => reject(new Error(`found ${found()} at ${scrollY}`)), 20000)
})"""


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_can_do_nothing(desk: Desk, page: Page, workspace_dir: Path, text: str) -> None:
    put_candidates(workspace_dir, candidate("one", model_response=f"**Rendered.**\n\n{text}"))
    desk.open("one")
    host = desk.answer.locator(".prose--rich")
    expect(host).to_contain_text("Rendered.")
    for node in host.evaluate(NODES):
        attributes = node["attributes"]
        assert ALLOWED_TAG.fullmatch(node["tag"]), node
        assert not {"id", "name", "style", "src", "srcset"} & set(attributes), node
        assert not [name for name in attributes if name.startswith(("on", "data-", "xlink"))], node
        if node["tag"] == "A":
            assert attributes["href"].startswith("https://example.org"), node
            assert attributes["target"] == "_blank"
            assert attributes["rel"] == "noopener noreferrer"
        for name in attributes.get("class", "").split():
            assert name.startswith(("hljs", "md-")), node
    page.wait_for_timeout(50)
    assert page.evaluate("window.hacked") is None
    expect(desk.reading).to_be_visible()


def test_mathematics_code_and_prices(desk: Desk, page: Page, workspace_dir: Path) -> None:
    text = (
        "It costs $5 and $6, so $5 + 6 = 11$.\n\n$$\n\\frac{1}{2}\n$$\n\n"
        "```python\ndef f(x):\n    return x\n```\n\n3*4*5 = 60\n\n#### 60"
    )
    put_candidates(workspace_dir, candidate("one", model_response=text))
    desk.open("one")
    host = desk.answer.locator(".prose--rich")
    expect(host.locator("math")).to_have_count(2)
    expect(host.locator("math[display=block] mfrac")).to_have_count(1)
    expect(host.locator(".hljs-keyword")).to_have_text(["def", "return"])
    expect(host).to_contain_text("It costs $5 and $6")
    expect(host).to_contain_text("3*4*5 = 60")
    expect(host).to_contain_text("#### 60")
    desk.press("r")
    expect(host).to_have_count(0)
    assert desk.answer.locator(".prose").text_content() == text
    desk.press("r")
    expect(host).to_be_visible()


def test_a_long_answer_is_searched(desk: Desk, page: Page, workspace_dir: Path) -> None:
    text = "The quick **fox** jumps over `it`.\n\n" * 2500 + "A needle at the end."
    put_candidates(workspace_dir, candidate("one", model_response=text))
    desk.open("one")
    desk.press("/")
    field = page.get_by_label("Find in this card")
    expect(field).to_be_focused()
    field.fill("NEEDLE")
    bar = page.get_by_test_id("find-bar")
    expect(bar).to_contain_text("1 of 1")
    page.evaluate(SCROLLED)
    field.fill("fox")
    expect(bar).to_contain_text("1 of 2,500")
    field.press("Shift+Enter")
    expect(bar).to_contain_text("2,500 of 2,500")
    field.press("Escape")
    expect(bar).to_have_count(0)
    assert page.evaluate("CSS.highlights.size") == 0


def test_a_turn_is_marked(desk: Desk, page: Page, workspace_dir: Path) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    messages = [
        {"role": "user", "content": "Add."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"sum": 2})},
        {"role": "assistant", "content": "It is three."},
        {"role": "user", "content": "Sure?"},
    ]
    put_candidates(workspace_dir, candidate("one", prompt_messages=messages))
    desk.open("one")
    exchange = page.locator(".tool-call")
    expect(exchange).to_contain_text("calls add")
    expect(exchange).to_contain_text('"sum": 2')
    desk.press("m", "m")
    expect(page.locator(".wrong")).to_contain_text("It is three.")
    expect(page.get_by_test_id("context-only")).to_be_visible()
    desk.press("m")
    expect(page.locator(".wrong")).to_have_count(0)
