"""Reviewers by invitation: signing in, staying who one is, and what each may do."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.browser.test_accessibility import Checker, axe, checker
from tests.fixtures.serving import CORRIGENDA, Served

TEXT = "Written when the invitation ended."
REFUSED = "status of 401"
__all__ = ["axe", "checker"]  # fixtures


@pytest.fixture(autouse=True)
def _candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, *map(candidate, ("one", "two", "three")))


def _invite(server: Served, workspace: Path, name: str, *options: str) -> str:
    """Invites on the command line; returns the link."""
    done = subprocess.run(
        [CORRIGENDA, "reviewer", "add", name, *options, "-w", workspace, "--url", server.url],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"http\S+/join#\S+", done.stdout)
    assert found, done.stdout
    return found[0]


def _reviewers(desk: Desk) -> None:
    desk.visit("/settings")
    expect(desk.page.get_by_test_id("reviewers-settings")).to_be_visible()


def test_an_invitation_signs_a_browser_in(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    link = _invite(server, workspace_dir, "Zoë Ж")
    page.goto(link)
    desk.expect_candidate("one")
    expect(page).to_have_url(f"{server.url}/")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("Zoë Ж")
    page.reload()
    desk.expect_candidate("one")
    desk.press("d", "Enter")
    desk.saved()
    page.get_by_test_id("reviewer-menu").click()
    expect(page.get_by_test_id("signed-in")).to_contain_text("Signed in as Zoë Ж")
    expect(page.get_by_label("Your name")).to_be_hidden()
    page.go_back()
    assert "#" not in page.url


def test_nobody_comes_in_without_one(
    desk: Desk, page: Page, server: Served, workspace_dir: Path, open_tab: Callable[[], Desk]
) -> None:
    link = _invite(server, workspace_dir, "kim")
    desk.visit("/")
    expect(page.get_by_test_id("sign-in-needed")).to_be_visible()
    expect(page.get_by_role("navigation")).to_be_hidden()
    tab = open_tab()
    tab.page.goto(link)
    tab.expect_candidate("one")
    desk.expect_candidate("one")  # it goes on by itself


def test_a_link_that_opens_nothing(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect(REFUSED)
    link = _invite(server, workspace_dir, "kim")
    desk.visit("/join#nothing")
    expect(page.get_by_test_id("join-error")).to_contain_text("opens nothing")
    expect(page).to_have_url(f"{server.url}/join")
    page.get_by_test_id("invitation-link").fill(f" {link} ")
    page.get_by_test_id("sign-in-btn").click()
    desk.expect_candidate("one")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("kim")


def test_a_reviewer_sees_what_reviewers_may_do(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    page.goto(_invite(server, workspace_dir, "kim"))
    desk.expect_candidate("one")
    pages = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(pages).to_have_text(["Review", "Browse", "Dashboard", "Settings"])
    expect(page.get_by_test_id("export-menu")).to_be_hidden()
    for path in ("/runs", "/exports", "/exports/may"):
        desk.visit(path)
        expect(page.get_by_test_id("leads-only")).to_be_visible()
    desk.visit("/settings")
    expect(page.get_by_test_id("leads-settings")).to_be_visible()
    expect(page.get_by_test_id("reviewers-settings")).to_be_hidden()
    for path in ("/browse", "/dashboard"):
        desk.visit(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_first_invitation_is_ones_own(
    desk: Desk, page: Page, open_browser: Callable[[], Desk]
) -> None:
    _reviewers(desk)
    expect(page.get_by_test_id("nobody-invited")).to_be_visible()
    page.get_by_test_id("invite-name").fill("ana")
    page.get_by_test_id("invite-btn").click()
    expect(page.get_by_test_id("signed-in")).to_contain_text("ana, a lead")
    expect(page.get_by_test_id("nobody-invited")).to_be_hidden()
    page.get_by_test_id("invite-name").fill("kim")
    page.get_by_test_id("invite-btn").click()
    expect(page.get_by_test_id("invitation")).to_contain_text("Send this link to kim")
    other = open_browser()
    other.page.goto(page.get_by_test_id("invitation-url").input_value())
    expect(other.page.get_by_test_id("reviewer-menu")).to_have_text("kim")


def test_an_invitation_that_ends_in_mid_sentence_loses_nothing(
    desk: Desk,
    page: Page,
    server: Served,
    console: Console,
    workspace_dir: Path,
    open_browser: Callable[[], Desk],
) -> None:
    console.expect(REFUSED)
    page.goto(_invite(server, workspace_dir, "kim"))
    desk.expect_candidate("one")
    desk.write(TEXT)
    lead = open_browser()
    lead.page.goto(_invite(server, workspace_dir, "ana", "--lead"))
    lead.expect_candidate("three")
    _reviewers(lead)
    row = lead.page.get_by_test_id("reviewer-kim")
    row.get_by_test_id("revoke-btn").click()
    lead.page.get_by_test_id("confirm-revoke-btn").click()
    expect(row).to_contain_text("Revoked")

    desk.press("Control+Enter")
    expect(page.get_by_test_id("sign-in-needed")).to_be_visible()
    expect(page.get_by_test_id("kept-words")).to_be_visible()
    row.get_by_test_id("renew-btn").click()
    lead.page.get_by_test_id("confirm-renew-btn").click()
    link = lead.page.get_by_test_id("invitation-url")
    expect(link).to_be_visible()
    page.get_by_test_id("invitation-link").fill(link.input_value())
    page.get_by_test_id("sign-in-btn").click()
    expect(page.get_by_test_id("sign-in-needed")).to_be_hidden()
    desk.saved()
    desk.page.reload()
    desk.expect_candidate("two")
    lead.visit("/browse?status=approved")
    expect(lead.page.get_by_role("row").filter(has_text="Task of one")).to_be_visible()


def test_decisions_go_out_under_their_writers_name(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect(f"{REFUSED}|net::ERR_")
    kim, ana = (_invite(server, workspace_dir, name) for name in ("kim", "ana"))
    page.goto(kim)
    desk.expect_candidate("one")
    page.route("**/api/sft/submit", lambda route: route.abort())
    desk.press("d", "Enter")
    desk.expect_candidate("two")
    page.get_by_test_id("reviewer-menu").click()
    expect(page.get_by_test_id("unsent-words")).to_contain_text("1 decision is not sent yet")
    page.get_by_test_id("sign-out-btn").click()
    expect(page.get_by_test_id("sign-in-needed")).to_be_visible()
    expect(page.get_by_test_id("kept-words")).to_contain_text("1 decision")
    page.unroute("**/api/sft/submit")

    page.goto(ana)
    expect(page.get_by_test_id("of-others")).to_contain_text("1 decision of kim waits")
    page.goto(kim)
    desk.expect_candidate("two")
    desk.saved()
    expect(page.get_by_test_id("of-others")).to_be_hidden()
    page.get_by_test_id("history-btn").click()
    # The panel begins with one's own decisions.
    expect(page.get_by_test_id("history-panel")).to_contain_text("Task of one")


def test_decisions_go_out_when_nobody_signs_in_any_more(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect(f"{REFUSED}|net::ERR_")
    page.goto(_invite(server, workspace_dir, "kim"))
    desk.expect_candidate("one")
    page.route("**/api/sft/submit", lambda route: route.abort())
    desk.press("d", "Enter")
    desk.expect_candidate("two")
    subprocess.run(
        [CORRIGENDA, "reviewer", "revoke", "kim", "--forget", "-w", workspace_dir],
        check=True,
        capture_output=True,
    )
    page.unroute("**/api/sft/submit")
    desk.visit("/")
    desk.saved()
    [entry] = server.json("/api/sft/candidates/one/history")["decisions"]
    assert (entry["action"], entry["reviewer"]) == ("discard", "kim")


def test_a_lead_invites_another_and_sends_the_link(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect("status of 409")
    page.goto(_invite(server, workspace_dir, "ana", "--lead"))
    desk.expect_candidate("one")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _reviewers(desk)
    page.get_by_test_id("invite-name").fill("kim")
    page.get_by_test_id("invite-lead").check()
    page.get_by_test_id("invite-btn").click()
    expect(page.get_by_test_id("reviewer-kim")).to_contain_text("Lead")
    expect(page.get_by_test_id("invite-lead")).not_to_be_checked()
    page.get_by_test_id("copy-link-btn").click()
    expect(page.get_by_test_id("copy-link-btn")).to_have_text("Copied")
    link = page.get_by_test_id("invitation-url").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.context.clear_permissions()
    page.get_by_test_id("invite-name").fill("kim")
    page.get_by_test_id("invite-btn").click()
    expect(page.get_by_test_id("team-error")).to_contain_text("kim")


def test_a_link_that_is_opened_while_the_server_is_away(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect("net::ERR_")
    link = _invite(server, workspace_dir, "kim")
    page.route("**/api/sft/session", lambda route: route.abort())
    page.goto(link)
    expect(page.get_by_test_id("join-error")).to_contain_text("be reached")
    page.unroute("**/api/sft/session")
    page.get_by_test_id("join-again-btn").click()
    desk.expect_candidate("one")


def test_everybody_can_sign_in_and_invite(
    desk: Desk,
    page: Page,
    console: Console,
    workspace_dir: Path,
    server: Served,
    checker: Checker,
) -> None:
    console.expect(REFUSED)
    link = _invite(server, workspace_dir, "ana", "--lead")
    desk.visit("/join#nothing")
    expect(page.get_by_test_id("join-error")).to_be_visible()
    checker.check("a link that opens nothing")
    page.goto(link)
    desk.expect_candidate("one")
    _reviewers(desk)
    checker.check("the reviewers")
    page.get_by_test_id("invite-name").fill("kim")
    page.get_by_test_id("invite-btn").click()
    expect(page.get_by_test_id("invitation-url")).to_be_visible()
    checker.check("an invitation")
    page.get_by_test_id("reviewer-kim").get_by_test_id("revoke-btn").click()
    checker.check("before it is taken back")
    page.get_by_test_id("confirm-revoke-btn").click()
    expect(page.get_by_test_id("reviewer-kim")).to_contain_text("Revoked")
    page.get_by_role("region", name="You").get_by_test_id("sign-out-btn").click()
    expect(page.get_by_test_id("sign-in-needed")).to_be_visible()
    checker.check("signed out")
    assert not checker.found, "\n".join(checker.found)
