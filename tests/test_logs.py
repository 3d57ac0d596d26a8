"""The log: one line an event, for people or programs, without what people wrote."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from corrigenda import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


REQUEST = {"method": "GET", "route": "/api/sft/queue", "status": 200, "ms": 1.5, "reviewer": "kim"}


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    token = logs.request_id.set("r-1")
    logging.getLogger("corrigenda.requests").info("request", extra=REQUEST)
    logs.request_id.reset(token)
    logging.getLogger("elsewhere").warning("two\nlines \ud800 of %s", "text")
    first, second = told(capsys)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "request",
        "level": "info",
        "logger": "corrigenda.requests",
        "request_id": "r-1",
        **REQUEST,
    }
    assert second["event"] == "two\nlines \ud800 of text"
    assert "request_id" not in second


def test_text_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "text")
    logging.getLogger("corrigenda.requests").info("request", extra=REQUEST)
    logging.getLogger("corrigenda.mirror").warning("`a file` cannot be written")
    first, second = (line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines())
    assert first == "[info] GET /api/sft/queue 200 ms=1.5 reviewer=kim"
    assert second == "[warning] `a file` cannot be written [corrigenda.mirror]"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_says_nothing_of_the_variables(
    capsys: pytest.CaptureFixture[str], form: logs.Form
) -> None:
    def fail(correction: str) -> None:
        raise ValueError(len(correction))

    logs.configure("error", form)
    try:
        fail("quo" + "kka")
    except ValueError as error:
        logging.getLogger("corrigenda").error("it failed", exc_info=error)
    said = capsys.readouterr().err
    assert "ValueError: 6" in said
    assert "quokka" not in said
    if form == "json":
        assert "Traceback" in json.loads(said)["exception"]


def test_the_level_counts(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("warning", "json")
    logging.getLogger("corrigenda").info("not told")
    logging.getLogger("alembic").info("nor this")
    logs.configure("debug", "json")
    logging.getLogger("alembic").info("nor this")
    logging.getLogger("corrigenda").debug("told")
    assert [line["event"] for line in told(capsys)] == ["told"]
