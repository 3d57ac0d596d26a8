"""Failed attempts to sign in, limited for each address.

A token is 256 random bits; no limit is needed to keep guessers out. It keeps them from filling
the log and the processor.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

MOST = 20
"""Different tokens that may fail from one address within the window."""

WINDOW_SECONDS = 60
_ADDRESSES = 10_000


@dataclass
class _Failures:
    since: float
    tried: set[bytes] = field(default_factory=set)


class Attempts:
    """Counts the failures of each address; the least recent are forgotten when there are many.

    The same token again, as a page sends whose reviewer was revoked, is no further attempt.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """For how many seconds an address must wait; 0 if it need not."""
        with self._lock:
            found = self._failures.get(network_of(address))
            if found is None or len(found.tried) < MOST:
                return 0
            left = found.since + WINDOW_SECONDS - self._clock()
            return max(0, int(left) + 1) if left > 0 else 0

    def failed(self, address: str, digest: bytes) -> None:
        """Note that a token (its hash) was none."""
        here, at = network_of(address), self._clock()
        with self._lock:
            found = self._failures.get(here)
            if found is None or at - found.since > WINDOW_SECONDS:
                found = self._failures[here] = _Failures(at)
            self._failures.move_to_end(here)
            if len(found.tried) < MOST:
                found.tried.add(digest[:8])
            while len(self._failures) > _ADDRESSES:
                self._failures.popitem(last=False)


def network_of(address: str) -> str:
    """The address; of IPv6 the network, since a home has billions of addresses in one.

    Example:
        >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7")
        ('2001:db8:1:2::', '192.0.2.7')
    """
    try:
        known = ip_address(address)
    except ValueError:  # no address, as of a Unix socket
        return address[:64]
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(IPv6Address(int(known) >> 64 << 64))
    return str(known)
