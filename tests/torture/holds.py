"""Who held which card when, as far as the clients can be certain of it.

A hold begins when the answer that handed the card out has come, and ends when its holder sends a
decision or gives it back, or else when its lease is over, counted from when it was asked for. The
server's own time of it is never shorter, so two holds that overlap are a card in two hands.
"""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise


@dataclass
class Hold:
    """A card in somebody's hands; times in seconds of a steady clock."""

    card: str
    holder: str
    token: str
    begins: float
    leased_until: float
    let_go: float = float("inf")

    @property
    def ends(self) -> float:
        return min(self.let_go, self.leased_until)

    def still(self, at: float) -> bool:
        """Whether it is certainly held at that time."""
        return at < self.ends


class Holds:
    """Every hold of all clients together."""

    def __init__(self, lease_seconds: float) -> None:
        self._lease = lease_seconds
        self._lock = threading.Lock()
        self.all: list[Hold] = []

    def begin(self, card: str, holder: str, token: str, asked_at: float) -> Hold:
        """A card has just come in answer to a request of that time."""
        hold = Hold(card, holder, token, time.monotonic(), asked_at + self._lease)
        with self._lock:
            self.all.append(hold)
        return hold

    def renewed(self, hold: Hold, asked_at: float) -> None:
        """The lease begins anew with a request of that time."""
        hold.leased_until = asked_at + self._lease

    @staticmethod
    def end(hold: Hold) -> None:
        """The holder is about to decide, or to give the card back."""
        hold.let_go = min(hold.let_go, time.monotonic())

    def in_two_hands(self) -> list[str]:
        """The cards that two held at a time."""
        of_card: dict[str, list[Hold]] = defaultdict(list)
        for hold in self.all:
            of_card[hold.card].append(hold)
        wrong = []
        for card, holds in of_card.items():
            holds.sort(key=lambda hold: hold.begins)
            for first, second in pairwise(holds):
                if first.holder != second.holder and first.still(second.begins):
                    early = first.ends - second.begins
                    wrong.append(
                        f"`{card}` went to {second.holder}, {early:.3f} s before "
                        f"{first.holder} had let it go"
                    )
        return wrong
