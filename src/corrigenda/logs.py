"""The log of a server: one line an event, for people or for programs.

    2026-11-23T08:15:00.123456Z [info] POST /api/sft/submit 200 request_id=5f0c… ms=2.4 reviewer=kim
    {"event": "request", "method": "POST", "route": "/api/sft/submit", "status": 200, "ms": 2.4,
     "reviewer": "kim", "request_id": "5f0c…", "level": "info", "logger": "corrigenda.requests",
     "timestamp": "2026-11-23T08:15:00.123456Z"}

Prompts, answers, corrections, notes and tokens are never in it.
"""

import logging
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from structlog.typing import Processor

Form = Literal["text", "json"]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, in every line that is written meanwhile."""

_REQUEST = "request"
_CHATTY = ("alembic", "httpx", "httpx2", "httpcore", "uvicorn.access")


def configure(level: str, form: Form = "text") -> None:
    """Write all that is logged to standard error.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        form: `text`, or `json`, one object a line.
    """
    import structlog

    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_request,
    ]
    ending: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumps)]
        if form == "json"
        else [
            _as_sentence,
            structlog.dev.ConsoleRenderer(
                colors=False,
                pad_event_to=0,
                pad_level=False,
                # The prettier ones show what is in the variables.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


def _with_request(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if (found := request_id.get()) is not None:
        event.setdefault("request_id", found)
    return event


def _as_sentence(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The line of a request begins as people expect it."""
    if event.get("event") == _REQUEST and "route" in event:
        event["event"] = f"{event.pop('method')} {event.pop('route')} {event.pop('status')}"
        del event["logger"]
    return event


def _dumps(value: Any, **_options: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=True, default=str)
