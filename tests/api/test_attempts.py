"""Failed attempts are counted for a while, in bounded memory."""

from corrigenda.api import attempts
from corrigenda.api.attempts import MOST, WINDOW_SECONDS, Attempts


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(here: Attempts, address: str, n: int) -> None:
    for number in range(n):
        here.failed(address, bytes([number]) * 32)


def test_so_many_and_no_more() -> None:
    clock = Clock()
    here = Attempts(clock)
    fail(here, "192.0.2.1", MOST - 1)
    assert here.wait("192.0.2.1") == 0
    fail(here, "192.0.2.1", MOST)
    assert here.wait("192.0.2.1") == WINDOW_SECONDS + 1
    assert here.wait("192.0.2.2") == 0
    clock.now = WINDOW_SECONDS + 0.5
    assert here.wait("192.0.2.1") == 0
    fail(here, "192.0.2.1", 1)
    assert here.wait("192.0.2.1") == 0


def test_the_same_again_is_no_other_attempt() -> None:
    here = Attempts(Clock())
    for _ in range(100):
        here.failed("192.0.2.1", b"x" * 32)
    assert here.wait("192.0.2.1") == 0


def test_a_network_of_ipv6_is_one_address() -> None:
    here = Attempts(Clock())
    for number in range(MOST):
        here.failed(f"2001:db8::{number:x}", bytes([number]) * 32)
    assert here.wait("2001:db8::ffff") > 0
    assert here.wait("2001:db8:0:1::1") == 0
    fail(here, "::ffff:192.0.2.1", MOST)
    assert here.wait("192.0.2.1") > 0


def test_many_addresses_take_little_memory() -> None:
    here = Attempts(Clock())
    for number in range(attempts._ADDRESSES + 500):
        here.failed(f"host {number}", b"x" * 32)
    assert len(here._failures) == attempts._ADDRESSES
