"""`corrigenda serve`."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.options import DatabaseOption, WorkspaceOption, given, settings_of
from corrigenda.errors import InvalidInput

if TYPE_CHECKING:
    from corrigenda.settings import Settings


class LogLevel(StrEnum):
    """How much a server tells."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


HostOption = Annotated[
    str, typer.Option("--host", metavar="HOST", help="The address to listen on; loopback only.")
]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        min=0,
        max=65535,
        help="The port; 0 takes any that is free.  [default: 8787, or the next that is free]",
    ),
]
AllowedHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host",
        metavar="NAME",
        help="A further name by which browsers may call the server, as behind a proxy on this "
        "machine. Repeatable.  [env: CORRIGENDA_ALLOWED_HOSTS]",
    ),
]
RootOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="A folder within which the page may choose the benchmark folder, besides the "
        "workspace. Repeatable.  [env: CORRIGENDA_ROOTS]",
    ),
]
NoBrowserOption = Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")]
LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        "--log-level", metavar="LEVEL", help="debug, info (every request), warning or error."
    ),
]


def serve(
    ctx: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The same as `--workspace DIR`.")
    ] = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = None,
    allowed_host: AllowedHostOption = None,
    root: RootOption = None,
    no_browser: NoBrowserOption = False,
    log_level: LogLevelOption = LogLevel.WARNING,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Serve the review page and the API, until Ctrl-C.

    The workspace is made if it is not there.
    """
    if directory is not None and given(ctx, "workspace", workspace) not in (None, directory):
        raise typer.BadParameter("give the workspace once, as DIR or with `--workspace`")
    settings = settings_of(ctx, directory or workspace, database_url)
    settings = for_server(settings, host, allowed_host, root)

    from corrigenda.cli.server import run

    run(settings, host, port, browser=not no_browser, log_level=log_level)


def for_server(
    settings: "Settings",
    host: str,
    allowed_hosts: Sequence[str] | None,
    roots: Sequence[Path] | None,
) -> "Settings":
    """The settings with a server's options in them, checked.

    Raises:
        InvalidInput: The host is not loopback, a name is none, or a root is no folder.
    """
    if not _is_loopback(host):
        raise InvalidInput(
            f"Only loopback can be served, not `{host}`: there are no reviewer tokens yet, so "
            "whoever reaches the port could review; use an SSH tunnel, or a proxy on this machine "
            "with `--allowed-host`."
        )
    names = [name.lower() for name in allowed_hosts or settings.allowed_hosts]
    for name in names:
        if not name or set(name) & set("/,: "):
            raise InvalidInput(
                f"`{name}` is no host's name; give it without scheme and port, "
                "as `lab.example.org`."
            )
    if host not in ("localhost", "127.0.0.1", "::1"):
        names.append(host.lower())  # another address of loopback's, such as 127.0.0.2
    for folder in roots or ():
        if not folder.is_dir():
            raise InvalidInput(f"The root `{folder}` is not a folder.")
    folders = tuple(folder.resolve() for folder in roots or settings.roots)
    return replace(settings, allowed_hosts=tuple(names), roots=folders)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
