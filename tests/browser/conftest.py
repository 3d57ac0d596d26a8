"""The page in a real Chromium, against a real server.

A test asks for `desk`, which knows the page and its address, and puts files into `workspace_dir`
before it opens it, or says `usefixtures("demo")`. It fails when
the page writes an error to the console, unless it said so before: `console.expect("409")`; and
when the page asks any other server for anything. When it fails, its report names a screenshot and
a trace.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.browser.desk import Desk
from tests.fixtures.serving import CORRIGENDA, Served, serving_forked
from tools.services import CHROMIUM, IN_CI

_WAIT_MS = 20_000  # for a machine that does much else
# Besides what Playwright sets: no graphics card, no attempts to reach the network.
_FLAGS = ("--disable-gpu", "--disable-quic")


@dataclass
class Console:
    """The errors of a page: what it wrote to the console, what it threw, whom else it asked."""

    errors: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Errors that match a regular expression belong to the test."""
        self._expected.append(re.compile(pattern))

    @property
    def unexpected(self) -> list[str]:
        """The errors that no one has expected."""
        return [e for e in self.errors if not any(p.search(e) for p in self._expected)]

    def listen(self, page: Page, home: str) -> None:
        """Collect what a page has to say, and its requests to another server than `home`."""

        def on_message(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(f"{message.text} ({message.location.get('url', '')})")

        def on_error(error: Error) -> None:
            self.errors.append(error.stack or error.message)

        def on_request(request: Request) -> None:
            if not request.url.startswith((f"{home}/", "data:", "blob:")):
                self.errors.append(f"a request to another server: {request.url}")

        page.on("request", on_request)
        page.on("console", on_message)
        page.on("pageerror", on_error)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The session's Chromium; skips (in CI: fails) where there is none."""
    program = CHROMIUM.find()
    if program is None:
        (pytest.fail if IN_CI else pytest.skip)(CHROMIUM.advice)
    expect.set_options(timeout=_WAIT_MS)
    with sync_playwright() as playwright:
        # Playwright leaves Chromium's sandbox out; it would refuse to run as root.
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def workspace_dir(tmp_path: Path) -> Path:
    """The directory of the workspace that `server` serves, empty at first."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's workspace, to be copied."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    subprocess.run([CORRIGENDA, "demo", "--no-serve", "-w", folder], check=True)
    return folder


@pytest.fixture
def demo(demo_template: Path, workspace_dir: Path) -> Path:
    """`workspace_dir`, with the demonstration in it; `usefixtures("demo")` is before `server`."""
    shutil.copytree(demo_template, workspace_dir, dirs_exist_ok=True)
    return workspace_dir


@pytest.fixture
def server(workspace_dir: Path, tmp_path: Path) -> Iterator[Served]:
    """`corrigenda serve` on `workspace_dir`."""
    with serving_forked(workspace_dir, tmp_path / "server.log") as served:
        yield served


@pytest.fixture
def console() -> Console:
    """The errors of `page`."""
    return Console()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One profile for all tests, which halves their time: its storage is apart for each server."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_WAIT_MS)
    context.tracing.start(snapshots=True)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Served, console: Console) -> Iterator[Page]:
    """A new page, on no address yet."""
    context.tracing.start_chunk()
    page = context.new_page()
    console.listen(page, server.url)
    yield page
    page.close()
    context.tracing.stop_chunk()
    assert not console.unexpected, "the page reported errors:\n" + "\n".join(console.unexpected)


@pytest.fixture
def desk(page: Page, server: Served) -> Desk:
    """Our page, not opened yet."""
    return Desk(page, server.url)


@pytest.fixture
def open_tab(
    context: BrowserContext, page: Page, server: Served, console: Console
) -> Iterator[Callable[[], Desk]]:
    """Opens one more tab of the same browser, on no address yet."""
    tabs: list[Page] = []

    def another() -> Desk:
        tab = context.new_page()
        tabs.append(tab)
        console.listen(tab, server.url)
        return Desk(tab, server.url)

    yield another
    for tab in tabs:
        tab.close()


@pytest.fixture
def open_browser(
    browser: Browser, server: Served, console: Console
) -> Iterator[Callable[[], Desk]]:
    """Opens a browser of somebody else, which shares nothing with the others."""
    contexts: list[BrowserContext] = []

    def another() -> Desk:
        context = browser.new_context(
            viewport={"width": 1280, "height": 800},
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        context.set_default_timeout(_WAIT_MS)
        contexts.append(context)
        page = context.new_page()
        console.listen(page, server.url)
        return Desk(page, server.url)

    yield another
    for context in contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what a failed test's page looked like, while the page is still there."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and isinstance(page, Page):
        report.sections.append(("browser", _evidence(item, page)))
    return report


def _evidence(item: pytest.Item, page: Page) -> str:
    funcargs: dict[str, object] = getattr(item, "funcargs", {})
    server = funcargs.get("server")
    assert isinstance(server, Served)
    folder = server.log.parent
    screenshot, trace = folder / "screenshot.png", folder / "trace.zip"
    lines = []
    try:
        page.screenshot(path=screenshot)
        page.context.tracing.stop_chunk(path=trace)
        page.context.tracing.start_chunk()
    except Error as error:
        lines.append(f"no picture: {error.message}")
    console = funcargs.get("console")
    if isinstance(console, Console):
        lines += console.errors
    return "\n".join(
        [
            f"address     {page.url}",
            f"screenshot  {screenshot}",
            f"trace       {trace} (`playwright show-trace` opens it)",
            f"server      {server.log}",
            *lines,
        ]
    )
