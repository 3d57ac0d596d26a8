"""The same work in Label Studio and here, measured by the same code.

    python -m benchmarks.label_studio --folder /var/tmp/label-studio
    python -m benchmarks.label_studio --folder /var/tmp/label-studio --records 1000 --output -

Label Studio is installed from PyPI into an environment of its own in the folder (about 1 GB), and
runs as `label-studio start` does by itself: on SQLite. Both get the same records, then one
reviewer asks for the next one and corrects it, many times, and everything is exported.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx2

import corrigenda
from benchmarks.corpus import write_corpus
from benchmarks.report import DEFAULT_OUTPUT, machine, publish
from benchmarks.scale.clients import percentiles
from benchmarks.scale.places import say
from benchmarks.serving import free_port, server, wait_until_ready

_USER, _PASSWORD, _TOKEN = "bench@example.org", "a long enough one", "0123456789abcdef" * 2
_AT_ONCE = 1_000
_START_SECONDS = 900  # it makes its database first
_ROUNDS = 100
_LABELS = """<View>
  <Text name="prompt" value="$prompt"/>
  <TextArea name="corrected" toName="prompt" value="$response" editable="true"/>
</View>"""


class Tool(Protocol):
    """What is compared, with a reviewer's steps."""

    name: str

    def load(self, corpus: Path) -> None:
        """Take all records in."""

    def next(self) -> Any:
        """The next one to review."""

    def submit(self, item: Any, text: str) -> None:
        """Correct it."""

    def export(self) -> int:
        """Everything corrected, as the tool exports it; returns the size in bytes."""


class LabelStudio:
    """By its API, as its page uses it."""

    def __init__(self, client: httpx2.Client, version: str) -> None:
        self.name = f"Label Studio {version}"
        self._client = client
        made = _good(
            client.post("/api/projects", json={"title": "benchmark", "label_config": _LABELS})
        )
        self._project = f"/api/projects/{made.json()['id']}"

    def load(self, corpus: Path) -> None:
        """See `Tool`."""
        with corpus.open("rb") as lines:
            tasks = [_task(json.loads(line)) for line in lines]
        for start in range(0, len(tasks), _AT_ONCE):
            part = tasks[start : start + _AT_ONCE]
            _good(self._client.post(f"{self._project}/import", json=part))

    def next(self) -> Any:
        """See `Tool`."""
        return _good(self._client.get(f"{self._project}/next")).json()

    def submit(self, item: Any, text: str) -> None:
        """See `Tool`."""
        said = {"text": [text]}
        result = [
            {"from_name": "corrected", "to_name": "prompt", "type": "textarea", "value": said}
        ]
        body = {"result": result, "lead_time": 10}
        _good(self._client.post(f"/api/tasks/{item['id']}/annotations/", json=body))

    def export(self) -> int:
        """See `Tool`."""
        return len(_good(self._client.get(f"{self._project}/export?exportType=JSON")).content)


class Corrigenda:
    """The same by ours."""

    name = f"Corrigenda {corrigenda.__version__}"

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def load(self, corpus: Path) -> None:
        """See `Tool`."""
        with corpus.open("rb") as file:
            answer = self._client.post(
                "/api/sft/candidates",
                content=file.read(),
                headers={"Content-Type": "application/x-ndjson"},
            )
        _good(answer)

    def next(self) -> Any:
        """See `Tool`."""
        return _good(self._client.get("/api/sft/queue?per_page=1")).json()["items"][0]

    def submit(self, item: Any, text: str) -> None:
        """See `Tool`."""
        body = {"id": item["id"], "action": "correct", "corrected_response": text}
        _good(self._client.post("/api/sft/submit", json=body))

    def export(self) -> int:
        """See `Tool`."""
        return len(_good(self._client.get("/api/sft/export")).content)


def measure(tool: Tool, corpus: Path, records: int) -> dict[str, str]:
    """A column of the table."""
    say(f"measuring {tool.name} …")
    found = {f"import {records:,} records, s": _seconds(lambda: tool.load(corpus))}
    waits, submits = [], []
    for number in range(_ROUNDS):
        begin = time.perf_counter()
        item = tool.next()
        middle = time.perf_counter()
        tool.submit(item, f"A better answer, number {number}.")
        waits.append((middle - begin) * 1000)
        submits.append((time.perf_counter() - middle) * 1000)
    found["the next item, ms: p50 / p99"] = _times(waits)
    found["submit, ms: p50 / p99"] = _times(submits)
    found[f"export of {_ROUNDS} corrections, s"] = _seconds(tool.export)
    return found


def report(found: dict[str, dict[str, str]]) -> str:
    """The figures as Markdown; in brackets the seconds of the server's processor."""
    first, *_ = found.values()
    lines = [f"{machine()}.", "", f"| | {' | '.join(found)} |", "|---|" + "---:|" * len(found)]
    for row in first:
        lines.append(f"| {row} | " + " | ".join(column[row] for column in found.values()) + " |")
    return "\n".join(lines) + "\n"


def _task(record: dict[str, Any]) -> dict[str, Any]:
    prompt = "\n\n".join(each["content"] for each in record["prompt_messages"])
    return {"data": {**record, "prompt": prompt, "response": record["model_response"]}}


def _times(times: list[float]) -> str:
    found = percentiles(times)
    return f"{statistics.median(times):,.1f} / {found['p99']:,.1f}"


def _seconds(work: Callable[[], object]) -> str:
    wall, processor = time.perf_counter(), _processor_of_children()
    work()
    return (
        f"{time.perf_counter() - wall:,.2f} ({_processor_of_children() - processor:,.2f} "
        "of the processor)"
    )


def _processor_of_children() -> float:
    """The processor's seconds of all processes that this one has started, and theirs (Linux)."""
    ticks, parents, used = os.sysconf("SC_CLK_TCK"), {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            values = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(values[1])
            used[int(path.parent.name)] = sum(map(int, values[11:15])) / ticks
    ours, grown = {os.getpid()}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in ours} - ours
        ours, grown = ours | more, bool(more)
    return sum(used[pid] for pid in ours - {os.getpid()} if pid in used)


def _good(answer: httpx2.Response) -> httpx2.Response:
    if answer.status_code >= 300:
        raise RuntimeError(f"{answer.request.url}: {answer.status_code} {answer.text[:500]}")
    return answer


def _installed(folder: Path) -> Path:
    """The program, installed if it is not there."""
    program = folder / "env" / "bin" / "label-studio"
    if not program.exists():
        say("installing Label Studio …")
        venv.create(folder / "env", with_pip=True)
        pip = [str(folder / "env" / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "label-studio"], check=True)
    return program


@contextlib.contextmanager
def _label_studio(folder: Path) -> Iterator[LabelStudio]:
    program = _installed(folder)
    python = program.with_name("python")
    asked = "from importlib.metadata import version; print(version('label-studio'))"
    version = subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True)
    port = free_port()
    with tempfile.TemporaryDirectory(dir=folder) as data, (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program, "start", "--no-browser", "--data-dir", data, "--port", str(port),
                "--username", _USER, "--password", _PASSWORD, "--user-token", _TOKEN,
                "--enable-legacy-api-token", "--log-level", "ERROR",
            ],
            stdout=log,
            stderr=log,
            # It asks the network for a newer version, and counts its users, unless told.
            env={**os.environ, "LATEST_VERSION_CHECK": "false", "COLLECT_ANALYTICS": "false"},
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(process, f"{address}/health", _START_SECONDS)
            headers = {"Authorization": f"Token {_TOKEN}"}
            with httpx2.Client(base_url=address, headers=headers, timeout=600) as client:
                yield LabelStudio(client, version.stdout.strip())
        finally:
            process.terminate()
            process.wait(timeout=60)


@contextlib.contextmanager
def _corrigenda(folder: Path) -> Iterator[Corrigenda]:
    with (
        tempfile.TemporaryDirectory(dir=folder) as workspace,
        server(Path(workspace)) as address,
        httpx2.Client(base_url=address, timeout=600) as client,
    ):
        yield Corrigenda(client)


def main() -> None:
    """Measure both, and write the table."""
    parser = argparse.ArgumentParser(description="Compare with Label Studio.")
    parser.add_argument("--folder", type=Path, required=True, help="where it is installed")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    corpus = chosen.folder / f"corpus-{chosen.records}.jsonl"
    if not corpus.exists():
        write_corpus(corpus, chosen.records)
    found: dict[str, dict[str, str]] = {}
    for opened in (_corrigenda, _label_studio):
        with opened(chosen.folder) as tool:
            found[tool.name] = measure(tool, corpus, chosen.records)
    publish(report(found), "label_studio", chosen.output)


if __name__ == "__main__":
    main()
