"""No page breaks a rule that axe-core knows, in either theme, wide or narrow."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import put_run
from tools.services import IN_CI

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    if not AXE.is_file():
        (pytest.fail if IN_CI else pytest.skip)("axe-core is missing: `make setup` installs it")
    return AXE.read_text("utf-8")


class Checker:
    """Checks what a page shows; says for each violation the rule, the scene and the element."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page = page
        self._axe = axe
        self.found: list[str] = []

    def check(self, scene: str) -> None:
        """Check what is shown now: all rules in the light, and the colours in the dark."""
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(self._axe)
        self.page.emulate_media(color_scheme="light")
        self._run(scene, RULES)
        self.page.emulate_media(color_scheme="dark")
        self._run(f"{scene}, dark", {"type": "rule", "values": ["color-contrast"]})
        if self.page.evaluate(WIDER):
            self.found.append(f"{scene}: it can be scrolled sideways")

    def _run(self, scene: str, rules: object) -> None:
        options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
        violations: list[dict[str, Any]] = self.page.evaluate(
            f"axe.run(document, {options}).then((results) => results.violations)"
        )
        self.found += [
            f"{scene}: {violation['id']}: {node['failureSummary']}\n    {node['html']}"
            for violation in violations
            for node in violation["nodes"]
        ]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("size", SIZES)
def test_no_rule_is_broken(
    desk: Desk, page: Page, console: Console, axe: str, workspace_dir: Path, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    checker = Checker(page, axe)

    desk.open()
    checker.check("reading")
    desk.write("Corrected.")
    desk.press("Control+4")
    checker.check("correcting")
    desk.press("Control+Enter")
    expect(desk.toast).to_be_visible()
    checker.check("undo toast")
    desk.press("d", "2")
    desk.expect_chosen("style_violation")
    checker.check("pending")
    desk.press("Escape", "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    checker.check("key sheet")
    desk.press("Escape")
    page.get_by_test_id("export-menu").click()
    expect(page.get_by_test_id("export-link")).to_be_visible()
    checker.check("export menu")
    desk.press("Escape")

    console.expect("status of 503|net::ERR_FAILED")
    page.route("**/api/sft/submit", lambda route: route.abort(), times=1)
    desk.press("f", "Enter")
    expect(desk.setback).to_be_visible()
    checker.check("setback")

    put_run(workspace_dir / "bench_results", "broken", "{", '{"id": "one"}')
    desk.visit("/runs")
    page.get_by_role("button", name="Import broken").click()
    expect(page.get_by_test_id("import-result")).to_be_visible()
    checker.check("runs")
    assert not checker.found, "\n".join(checker.found)


def test_no_rule_is_broken_when_there_is_nothing(desk: Desk, page: Page, axe: str) -> None:
    checker = Checker(page, axe)
    desk.visit("/")
    expect(page.get_by_test_id("first-run")).to_be_visible()
    checker.check("first run")
    desk.visit("/runs")
    expect(page.get_by_test_id("no-runs")).to_be_visible()
    checker.check("no runs")
    desk.visit("/no/such/page")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    checker.check("no such page")
    assert not checker.found, "\n".join(checker.found)
