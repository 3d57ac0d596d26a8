"""The process that `serve` and `demo` become: a socket, the application, and uvicorn."""

import errno
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterable

import typer
import uvicorn
from uvicorn.importer import import_from_string

from corrigenda.cli.errors import STORAGE
from corrigenda.cli.text import plain
from corrigenda.errors import Conflict, InvalidInput
from corrigenda.settings import Settings

APPLICATION = "corrigenda.api.server:create"
DEFAULT_PORT = 8787
_PORTS_TRIED = 20
_GRACE_SECONDS = 10


def run(settings: Settings, host: str, port: int | None, *, browser: bool, log_level: str) -> None:
    """Serve until SIGTERM or Ctrl-C, which are the ways to end it well.

    Raises:
        CorrigendaError: The port cannot be had or the workspace not be opened.
    """
    _hand_over(settings)
    _log(log_level)
    with listen(host, port) as listener:
        application = import_from_string(APPLICATION)()
        config = uvicorn.Config(
            application,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=log_level in ("debug", "info"),
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )

        def announce() -> None:
            url = address(listener)
            typer.echo(f"Corrigenda serves {plain(settings.workspace)} at {url}")
            sys.stdout.flush()
            if browser and _has_browser():
                # Some programs that open a page return only when it is closed.
                threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

        server = _Server(config, announce)
        for number in (signal.SIGINT, signal.SIGTERM):
            # uvicorn raises the signal again when it is done: then this handler takes it.
            signal.signal(number, server.handle_exit)
        server.run(sockets=[listener])
    if application.state.close_error is not None:  # the log has said it
        raise typer.Exit(STORAGE)
    typer.echo("Stopped.")


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens; without a port on the default one or the next that is free.

    Raises:
        Conflict: The port is in use, or all that were tried.
        InvalidInput: The system does not let us listen there.
    """
    wanted: Iterable[int] = (
        [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED)
    )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in wanted:
        try:
            listener = socket.create_server((host, candidate), family=family, backlog=1024)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise InvalidInput(
                    f"Cannot listen on `{host}` port {candidate}: {os.strerror(error.errno or 0)}."
                ) from error
            continue
        if port is None and candidate != DEFAULT_PORT:
            typer.echo(f"Port {DEFAULT_PORT} is in use; taking {candidate}.", err=True)
        return listener
    if port is not None:
        raise Conflict(
            f"Port {port} is in use by another program; choose another with `--port`, "
            "or leave that out to take one that is free."
        )
    last = DEFAULT_PORT + _PORTS_TRIED - 1
    raise Conflict(f"The ports {DEFAULT_PORT} to {last} are in use; choose one with `--port`.")


def address(listener: socket.socket) -> str:
    """The URL of a listening socket.

    Example:
        `http://127.0.0.1:8787`, `http://[::1]:8787`
    """
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Says when it is really listening."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._announce()


def _hand_over(settings: Settings) -> None:
    """Tell the application's factory through the environment, the way any ASGI server can.

    What the environment said before is in the settings, or was overruled.
    """
    for name in [name for name in os.environ if name.startswith("CORRIGENDA_")]:
        del os.environ[name]
    os.environ.update(settings.to_environment())


def _log(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def _has_browser() -> bool:
    """Whether somebody sits before this machine's screen."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
