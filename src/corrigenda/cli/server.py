"""The process that `serve` and `demo` become: a socket, the application, and uvicorn."""

import contextlib
import errno
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Generator, Iterable
from types import FrameType

import typer
import uvicorn
from uvicorn.importer import import_from_string

from corrigenda import logs
from corrigenda.cli.errors import INTERRUPTED, STORAGE
from corrigenda.cli.text import plain
from corrigenda.errors import Conflict, InvalidInput
from corrigenda.settings import Settings
from corrigenda.workbench.watcher import stop_all

APPLICATION = "corrigenda.api.server:create"
DEFAULT_PORT = 8787
_PORTS_TRIED = 20
_GRACE_SECONDS = 10
_PATIENCE_SECONDS = 1
_UNENCRYPTED = (
    "This speaks plain HTTP: on a network that others share, put a proxy with TLS before it."
)


def run(
    settings: Settings,
    host: str,
    port: int | None,
    *,
    browser: bool,
    log_level: str,
    log_format: logs.Form = "text",
) -> None:
    """Serve until SIGTERM or Ctrl-C, which are the ways to end it well.

    Raises:
        CorrigendaError: The port cannot be had or the workspace not be opened.
    """
    _hand_over(settings)
    logs.configure(log_level, log_format)
    with listen(host, port) as listener:
        application = import_from_string(APPLICATION)()
        config = uvicorn.Config(
            application,
            lifespan="on",
            ws="none",
            log_config=None,
            access_log=False,  # the application has a log of its own
            proxy_headers=False,  # and looks itself at what a proxy says
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )

        def announce() -> None:
            url = address(listener)
            if settings.network:
                typer.echo(_UNENCRYPTED, err=True)
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
                    f"Cannot listen on `{host}` port {candidate}: {error.strerror}."
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
    if host in ("0.0.0.0", "::"):  # any of this machine's
        host = socket.gethostname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """Says when it is really listening, and when its end takes a while."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce
        self._patience: threading.Timer | None = None
        self._finished = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End well; on the second signal at once.

        What was acknowledged is in the database, and the next start brings the files up to date.
        """
        if self._finished:  # uvicorn raises again what it has heard
            return
        if self._patience is not None:
            os.write(2, b"Ended at once; the next start brings the files up to date.\n")
            os._exit(INTERRUPTED)
        self._patience = threading.Timer(_PATIENCE_SECONDS, _say_finishing)
        self._patience.daemon = True
        self._patience.start()
        stop_all()  # pages that listen for events would never leave by themselves
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        with super().capture_signals():
            try:
                yield
            finally:
                self._finished = True
                if self._patience is not None:
                    self._patience.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._announce()


def _say_finishing() -> None:
    typer.echo("Finishing what has begun; the same signal again ends it at once.", err=True)


def _hand_over(settings: Settings) -> None:
    """Tell the application's factory through the environment, the way any ASGI server can.

    What the environment said before is in the settings, or was overruled.
    """
    for name in [name for name in os.environ if name.startswith("CORRIGENDA_")]:
        del os.environ[name]
    os.environ.update(settings.to_environment())


def _has_browser() -> bool:
    """Whether somebody sits before this machine's screen."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
