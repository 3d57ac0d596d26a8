"""`corrigenda serve`."""

import re
import socket
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.options import DatabaseOption, WorkspaceOption, place_of, settings_of
from corrigenda.errors import InvalidInput

if TYPE_CHECKING:
    from corrigenda.settings import Settings

_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")


class LogFormat(StrEnum):
    """For whom a server tells it."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """How much a server tells."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


HostOption = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="HOST",
        help="The address to listen on. Beyond loopback, such as 0.0.0.0, everybody has to sign "
        "in: see `corrigenda reviewer`.",
    ),
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
        help="A further name by which browsers may call the server, such as a proxy's. "
        "Repeatable.  [env: CORRIGENDA_ALLOWED_HOSTS]",
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
UserHeaderOption = Annotated[
    str | None,
    typer.Option(
        "--user-header",
        metavar="NAME",
        help="The header in which a proxy names the reviewer that it has signed in, such as "
        "X-Forwarded-User. It must remove what others send under that name.  "
        "[env: CORRIGENDA_USER_HEADER]",
    ),
]
TrustedProxyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        metavar="ADDRESS",
        help="An address or network that the proxy calls from. Repeatable.  "
        "[env: CORRIGENDA_TRUSTED_PROXIES; default: loopback]",
    ),
]
NoBrowserOption = Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")]
LogLevelOption = Annotated[
    LogLevel,
    typer.Option(
        "--log-level", metavar="LEVEL", help="debug, info (every request), warning or error."
    ),
]
LogFormatOption = Annotated[
    LogFormat,
    typer.Option("--log-format", metavar="FORMAT", help="text, or json: an object a line."),
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
    user_header: UserHeaderOption = None,
    trusted_proxy: TrustedProxyOption = None,
    no_browser: NoBrowserOption = False,
    log_level: LogLevelOption = LogLevel.WARNING,
    log_format: LogFormatOption = LogFormat.TEXT,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Serve the review page and the API, until Ctrl-C.

    The workspace is made if it is not there.
    """
    settings = settings_of(ctx, place_of(ctx, directory, workspace), database_url)
    settings = for_server(settings, host, allowed_host, root)
    settings = behind_proxy(settings, user_header, trusted_proxy)

    from corrigenda.cli.server import run

    run(
        settings,
        host,
        port,
        browser=not no_browser,
        log_level=log_level,
        log_format=log_format.value,
    )


def for_server(
    settings: "Settings",
    host: str,
    allowed_hosts: Sequence[str] | None,
    roots: Sequence[Path] | None,
) -> "Settings":
    """The settings with a server's options in them, checked.

    Raises:
        InvalidInput: The host or a name is none, or a root is no folder.
    """
    if not host or set(host) & set("/, \0") or host.startswith("[") or not _encodable(host):
        raise InvalidInput(f"`{host}` is no address to listen on; give one as `0.0.0.0` or `::1`.")
    names = [name.lower() for name in allowed_hosts or settings.allowed_hosts]
    for name in names:
        if not name or set(name) & set("/,: "):
            raise InvalidInput(
                f"`{name}` is no host's name; give it without scheme and port, "
                "as `lab.example.org`."
            )
    network = settings.network or not _is_loopback(host)
    if network:
        names.append(socket.gethostname().lower())
    if host not in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::"):
        names.append(host.lower())  # such as 127.0.0.2, which is loopback, too
    for folder in roots or ():
        if not folder.is_dir():
            raise InvalidInput(f"The root `{folder}` is not a folder.")
    folders = tuple(folder.resolve() for folder in roots or settings.roots)
    hosts = tuple(dict.fromkeys(names))
    return replace(settings, allowed_hosts=hosts, roots=folders, network=network)


def behind_proxy(
    settings: "Settings", user_header: str | None, trusted_proxies: Sequence[str] | None
) -> "Settings":
    """The settings with what a proxy may say in them, checked.

    Raises:
        InvalidInput: The header has no name for one, or a proxy no address.
    """
    header = user_header if user_header is not None else settings.user_header
    if header is not None and not _HEADER.fullmatch(header):
        raise InvalidInput(f"`{header}` is no name of a header; give one as `X-Forwarded-User`.")
    proxies = tuple(trusted_proxies or settings.trusted_proxies)
    for address in proxies:
        try:
            ip_network(address)
        except ValueError:
            raise InvalidInput(
                f"`{address}` is no address of a proxy; give one as `10.0.0.7` or `10.0.0.0/24`."
            ) from None
    return replace(settings, user_header=header, trusted_proxies=proxies)


def _encodable(host: str) -> bool:
    """Whether the system can be asked for a name: of others than ASCII's it takes IDNA."""
    try:
        return host.isascii() or bool(host.encode("idna"))
    except UnicodeError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
