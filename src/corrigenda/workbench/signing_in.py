"""Signing in: tokens, and the reviewers as a server knows them while it answers requests.

A token is 32 random bytes as text, which nobody guesses. The database has its SHA-256 alone; a
slow hash, which passwords need, would add nothing to that but its time on every request.
"""

import hashlib
import secrets
import threading
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from corrigenda.core.candidate import storable
from corrigenda.errors import InvalidInput, StorageError
from corrigenda.store import Database, reviewers
from corrigenda.store.reviewers import Reviewer
from corrigenda.workbench.reviewing import LOCAL, REVIEWER_LIMIT

TOKEN_BYTES = 32
TOKEN_LIMIT = 200
"""Characters; what is longer is no token."""

FRESH_SECONDS = 1.0
"""How long after it a reviewer who was revoked elsewhere may still be let in."""

_TAKEN = frozenset({LOCAL, "evaluate", "file", "import"})
"""Names that decisions have which no reviewer made, or one who did not sign in."""


def new_token() -> str:
    """A token that nothing else has.

    Example:
        `Jd3T4m0l…`, 43 letters, digits, `-` and `_`
    """
    return secrets.token_urlsafe(TOKEN_BYTES)


def invitation(base: str, token: str) -> str:
    """The link that signs a browser in; what stands behind `#` is sent to no server.

    Example:
        >>> invitation("https://lab.example.org/", "Jd3T4m0l")
        'https://lab.example.org/join#Jd3T4m0l'
    """
    return f"{base.rstrip('/')}/join#{token}"


def hash_of(token: str) -> bytes:
    """What the database has of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def name_of(name: str) -> str:
    """A reviewer's name, without the white space around it.

    It stands in addresses and headers, so it has no `/` and no control characters.

    Raises:
        InvalidInput: It cannot be one.

    Example:
        >>> name_of(" kim ")
        'kim'
    """
    said = _spelled(name)
    if not said or len(said) > REVIEWER_LIMIT:
        raise InvalidInput(f"A reviewer's name has from 1 to {REVIEWER_LIMIT} characters.")
    if not storable(said) or not said.isprintable() or "/" in said or said in (".", ".."):
        raise InvalidInput("A reviewer's name has no `/` and nothing that cannot be printed in it.")
    if said.lower() in _TAKEN:
        raise InvalidInput(f"`{said}` is a name that Corrigenda itself uses; choose another.")
    return said


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


@dataclass(frozen=True)
class Known:
    """The reviewers at one moment."""

    by_hash: dict[bytes, Reviewer] = field(default_factory=dict)
    by_name: dict[str, Reviewer] = field(default_factory=dict)
    any: bool = False
    """Whether somebody was ever invited; then nobody comes in who does not sign in."""

    @classmethod
    def of(cls, found: Iterable[Reviewer]) -> "Known":
        """Those of the database's rows who may sign in."""
        everybody = list(found)
        active = [each for each in everybody if each.revoked_at is None]
        return cls(
            {each.token_hash: each for each in active},
            {each.name: each for each in active},
            bool(everybody),
        )

    def by_token(self, token: str) -> Reviewer | None:
        """Whose token it is."""
        if len(token) > TOKEN_LIMIT:
            return None
        # How long this takes tells of the hash, from which nobody comes nearer to a token.
        return self.by_hash.get(hash_of(token))

    def by_said(self, name: str) -> Reviewer | None:
        """Who is meant by a name, in whichever form of Unicode its letters come."""
        return self.by_name.get(_spelled(name))


class Registry:
    """The reviewers of one workspace in memory, read again every second in which one asks.

    Any process may change them, such as the command line beside a server.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Known | None = None
        self._read_at = 0.0
        self._lock = threading.Lock()

    def at_hand(self) -> Known | None:
        """The reviewers without a look at the database; `None` if that must be asked."""
        if self._known is not None and time.monotonic() - self._read_at < FRESH_SECONDS:
            return self._known
        return None

    def load(self) -> Known:
        """The reviewers as the database has them, read by one of those who wait for it.

        Raises:
            StorageError: The database refuses.
        """
        with self._lock:
            if (known := self.at_hand()) is None:
                at = time.monotonic()
                with self._database.reading() as connection:
                    known = Known.of(reviewers.every(connection))
                self._known, self._read_at = known, at
        return known

    def load_or_last(self) -> Known:
        """The reviewers; as they were last, while the database refuses.

        Nobody can do anything then that needs it, and a monitor is told what is the matter.

        Raises:
            StorageError: It refuses, and was never read.
        """
        try:
            return self.load()
        except StorageError:
            if (known := self._known) is None:
                raise
            return known

    def whose(self, token: str) -> Reviewer | None:
        """Whose token it is, also if another process made it just now.

        Raises:
            StorageError: The database refuses.
        """
        found = self.load().by_token(token)
        if found is None:
            self.forget()
            found = self.load().by_token(token)
        return found

    def forget(self) -> None:
        """Ask the database next time: this process has changed something."""
        with self._lock:
            self._known = None
