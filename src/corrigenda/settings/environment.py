"""What a process is started with: the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corrigenda.errors import ConfigError

DEFAULT_WORKSPACE = Path("data")
DEFAULT_URL = "http://127.0.0.1:8787"
_SHORTEST_LEASE, _LONGEST_LEASE = 1, 3600


@dataclass(frozen=True)
class Settings:
    """What a process is started with.

    Attributes:
        workspace: The workspace's directory.
        database_url: Its database, if that is not in the directory.
        allowed_hosts: The names besides loopback's by which the server may be called.
        roots: The folders within which `/config` may choose.
        url: Where reviewers reach the server; invitation links begin with it.
        network: Whether the server listens beyond loopback. Then every request needs a reviewer.
        user_header: The header in which a proxy names the reviewer that it has signed in.
        trusted_proxies: The addresses whose word is taken for that, if not loopback's.
        lease_seconds: For how long a claim holds unless it is renewed; else two minutes.
        train_python: The Python that has torch, if it is not this one.
    """

    workspace: Path = DEFAULT_WORKSPACE
    database_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    roots: tuple[Path, ...] = ()
    url: str = DEFAULT_URL
    network: bool = False
    user_header: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    lease_seconds: float | None = None
    train_python: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the `CORRIGENDA_*` variables; an empty one says nothing.

        Lists are separated by commas, roots by the system's path separator.

        Raises:
            ConfigError: `CORRIGENDA_LEASE_SECONDS` is no number of seconds.

        Example:
            >>> Settings.from_environment({"CORRIGENDA_ALLOWED_HOSTS": "lab,desk"}).allowed_hosts
            ('lab', 'desk')
        """
        env = os.environ if environment is None else environment
        return cls(
            workspace=Path(env.get("CORRIGENDA_WORKSPACE") or DEFAULT_WORKSPACE),
            database_url=env.get("CORRIGENDA_DATABASE_URL") or None,
            allowed_hosts=_listed(env.get("CORRIGENDA_ALLOWED_HOSTS", "")),
            roots=tuple(
                Path(part) for part in env.get("CORRIGENDA_ROOTS", "").split(os.pathsep) if part
            ),
            url=env.get("CORRIGENDA_URL") or DEFAULT_URL,
            network=env.get("CORRIGENDA_NETWORK", "") not in ("", "0"),
            user_header=env.get("CORRIGENDA_USER_HEADER") or None,
            trusted_proxies=_listed(env.get("CORRIGENDA_TRUSTED_PROXIES", "")),
            lease_seconds=_lease(env.get("CORRIGENDA_LEASE_SECONDS", "")),
            train_python=_path(env.get("CORRIGENDA_TRAIN_PYTHON", "")),
        )

    def to_environment(self) -> dict[str, str]:
        """The variables that `from_environment` reads back as these settings."""
        values = {
            "CORRIGENDA_WORKSPACE": str(self.workspace),
            "CORRIGENDA_DATABASE_URL": self.database_url or "",
            "CORRIGENDA_ALLOWED_HOSTS": ",".join(self.allowed_hosts),
            "CORRIGENDA_ROOTS": os.pathsep.join(map(str, self.roots)),
            "CORRIGENDA_URL": "" if self.url == DEFAULT_URL else self.url,
            "CORRIGENDA_NETWORK": "1" if self.network else "",
            "CORRIGENDA_USER_HEADER": self.user_header or "",
            "CORRIGENDA_TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            "CORRIGENDA_LEASE_SECONDS": ""
            if self.lease_seconds is None
            else f"{self.lease_seconds}",
            "CORRIGENDA_TRAIN_PYTHON": "" if self.train_python is None else str(self.train_python),
        }
        return {name: value for name, value in values.items() if value}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


def _path(text: str) -> Path | None:
    return Path(text) if text.strip() else None


def _lease(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not _SHORTEST_LEASE <= seconds <= _LONGEST_LEASE:
        raise ConfigError(
            f"`CORRIGENDA_LEASE_SECONDS` is from {_SHORTEST_LEASE} to {_LONGEST_LEASE}, "
            f"not `{text}`."
        )
    return seconds
