"""Measure the page: from a key press to the next card's paint, and what it weighs.

    python -m benchmarks.page                      rewrites the table
    python -m benchmarks.page --output -           to the terminal

A real Chromium reviews against a real server with durable writes. The time runs from the key
press that decides until the browser has painted the next card (the second animation frame after
the card's title has changed). Beside it stands how long the server took to answer the decision,
in the same run: the page does not wait for it.
"""

import argparse
import gzip
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, Request, sync_playwright

import corrigenda
from benchmarks.corpus import write_corpus
from benchmarks.report import DEFAULT_OUTPUT, machine, publish
from benchmarks.serving import server
from tools.services import CHROMIUM

_DECISIONS = 200
_WARM_UP = 10
_CANDIDATES = 1_000
_STATIC = Path(__file__).parent.parent / "src" / "corrigenda" / "static"

# The clock starts with the event's own time stamp, which is when the key went down.
_WATCH = """() => {
  window.paints = [];
  let pressed = null;
  addEventListener('keydown', (event) => { if (event.key === 'Enter') pressed = event.timeStamp; },
                   {capture: true});
  const title = () => document.querySelector('.sft-card .title')?.textContent ?? '';
  let shown = title();
  new MutationObserver(() => {
    if (pressed === null || title() === shown) return;
    shown = title();
    const from = pressed;
    pressed = null;
    requestAnimationFrame(() => requestAnimationFrame((now) => window.paints.push(now - from)));
  }).observe(document.querySelector('main'), {subtree: true, childList: true, characterData: true});
}"""
# The page's content security policy forbids what Playwright's own waiting does.
_WAIT = """(count) => new Promise((resolve, reject) => {
  const until = performance.now() + 30_000;
  const look = () => {
    if (window.paints.length >= count) resolve();
    else if (performance.now() > until) reject(new Error('the next card was not painted'));
    else setTimeout(look, 5);
  };
  look();
})"""


def paint_times(directory: Path) -> tuple[list[float], list[float]]:
    """Decide by keys; returns (key press to paint, server's answers), in milliseconds."""
    source = directory / "run" / "sft_candidates.jsonl"
    write_corpus(source, _CANDIDATES)
    with corrigenda.open(directory / "workspace") as workspace:
        workspace.import_path(source)
    with server(directory / "workspace") as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM.find())
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        answers: list[float] = []

        def note(request: Request) -> None:
            if request.url.endswith("/submit"):
                answers.append(request.timing["responseEnd"])

        page.on("requestfinished", note)
        page.goto(address)
        page.wait_for_selector(".sft-card .title")
        page.evaluate(_WATCH)
        for number in range(_WARM_UP + _DECISIONS):
            _decide(page, number)
        times: list[float] = page.evaluate("window.paints")
        chromium.close()
    return times[_WARM_UP:], answers[_WARM_UP:]


def _decide(page: Page, number: int) -> None:
    page.keyboard.press("d")
    page.wait_for_selector("[data-testid=pending-action-row]")
    page.keyboard.press("Enter")
    page.evaluate(_WAIT, number + 1)


def first_load() -> dict[str, int]:
    """What a visitor's first page fetches: bytes of JavaScript and CSS, gzip level 9."""
    index = (_STATIC / "index.html").read_text("utf-8")
    found = {"js": 0, "css": 0}
    for name in set(re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', index)):
        found[name.rsplit(".", 1)[1]] += _gzipped(_STATIC / name)
    return found


def later_chunks(least: int = 5_000) -> list[tuple[str, int]]:
    """The larger chunks that come when they are first needed, by size: (name, gzip bytes)."""
    index = (_STATIC / "index.html").read_text("utf-8")
    chunks = [
        (re.sub(r"-[\w-]{8}\.js$", "", path.name), _gzipped(path))
        for path in _STATIC.glob("assets/*.js")
        if path.name not in index
    ]
    return sorted((chunk for chunk in chunks if chunk[1] >= least), key=lambda chunk: -chunk[1])


def _gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def report(paints: list[float], answers: list[float]) -> str:
    """The figures as Markdown."""
    load = first_load()
    kilobyte = 1024
    lines = [
        f"{machine()}, Chromium.",
        "",
        f"| {_DECISIONS} decisions by keys | median | 95th percentile | slowest |",
        "|---|---:|---:|---:|",
        _timing("key press → next card painted, ms", paints),
        _timing("the server's answer meanwhile, ms", answers),
        "",
        "| what is fetched | gzip, KB |",
        "|---|---:|",
        f"| first load, JavaScript | {load['js'] / kilobyte:.0f} |",
        f"| first load, CSS | {load['css'] / kilobyte:.0f} |",
    ]
    lines += [
        f"| when first needed: `{name}` | {size / kilobyte:.0f} |" for name, size in later_chunks()
    ]
    return "\n".join(lines) + "\n"


def _timing(name: str, times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    return f"| {name} | {statistics.median(ordered):.0f} | {p95:.0f} | {ordered[-1]:.0f} |"


def run(output: str) -> None:
    """Measure, and write the table to a page, or for `-` to the terminal."""
    directory = Path(tempfile.mkdtemp(prefix="corrigenda-bench-"))
    try:
        print(f"{_DECISIONS} decisions in Chromium …", file=sys.stderr)
        paints, answers = paint_times(directory)
    finally:
        shutil.rmtree(directory)
    publish(report(paints, answers), "page", output)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure the page.")
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    run(parser.parse_args().output)
