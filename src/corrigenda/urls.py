"""URLs of files far away: what is one, and how it may stand in a message."""

import re
from urllib.parse import urlsplit

from corrigenda.errors import InvalidInput, shorten

_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+::)*[A-Za-z][A-Za-z0-9+.-]+://")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=://)[^/\s?#'\"]*@")
_LOGIN_WITH_PASSWORD = re.compile(r"(?<=://)[^/\s?#'\"]*:[^/\s?#'\"]*@")
_QUERY = re.compile(r"(?<=[^\s?])\?[^\s'\"]*")


def is_url(name: str) -> bool:
    r"""Whether a name is a URL; `C:\logs` and `mmlu:subject=law` are none."""
    return _URL.match(name) is not None


def is_web(url: str) -> bool:
    """Whether it is a web address."""
    return _WEB.match(url) is not None


def without_secrets(url: str) -> str:
    """A URL as it may stand in reports: without a password, and a signature in the query.

    Elsewhere than on the web a `?` is part of a name, and so is an `@` without a password.

    Example:
        >>> without_secrets("https://me:secret@example.org/x.jsonl?sig=abc")
        'https://example.org/x.jsonl'
        >>> without_secrets("sftp://me:secret@example.org/what?.jsonl")
        'sftp://example.org/what?.jsonl'
    """
    if _WEB.search(url):  # also behind another: `simplecache::https://…`
        return _QUERY.sub("", _LOGIN.sub("", url))
    return _LOGIN_WITH_PASSWORD.sub("", url)


def without_secrets_inside(text: str) -> str:
    """A text that may hold URLs, such as a driver's message, without what may be secret in it.

    Example:
        >>> without_secrets_inside("403 for https://example.org/x.jsonl?sig=abc today")
        '403 for https://example.org/x.jsonl today'
    """
    return _QUERY.sub("", _LOGIN.sub("", text))


def check_endpoint(address: str) -> None:
    """Refuse what is no address of an endpoint that answers prompts.

    Raises:
        InvalidInput: It is not `http` or `https`, names no host, or has a password or a query.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidInput(
            "An endpoint is an address such as `http://127.0.0.1:8000/v1`, not "
            f"`{shorten(address.rpartition('@')[2])}`."
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidInput(
            "An endpoint's address has no user, password or query; name the environment variable "
            "that has its key (`api_key_env`)."
        )
