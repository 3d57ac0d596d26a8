"""The truth on one page: what a workspace must say after any sequence of steps.

A review state is (status, correction, category). Of each line of the candidates' file the model
knows what it showed when it was last read or written, and how many decisions there were then: that
tells a line that somebody edited from one that is merely behind.
"""

from dataclasses import dataclass, field

State = tuple[str, str | None, str | None]
WAITING: State = ("needs_review", None, None)
_LEADS_TO = {"correct": "approved", "discard": "discarded", "flag": "model_rejected"}


@dataclass
class Card:
    """One candidate: its answer, its state, and what its line in the file says."""

    response: str
    state: State = WAITING
    made: int = 0
    shown: State = WAITING
    made_when_shown: int = 0
    holder: str | None = None


@dataclass
class Model:
    """All candidates, in the order of their arrival, and the decisions by their ids."""

    cards: dict[str, Card] = field(default_factory=dict)
    known: dict[str, tuple[str, object]] = field(default_factory=dict)

    def decide(
        self, name: str, action: str, text: str | None, category: str | None, key: str
    ) -> int:
        """The HTTP status of the answer; the state is the new one if it is 200."""
        if key in self.known:
            return 200 if self.known[key] == (name, (action, text, category)) else 409
        if name not in self.cards:
            return 404
        card = self.cards[name]
        status, was, _ = card.state
        if action in ("correct", "amend") and not (text or "").strip():
            return 422
        if not self._allowed(status, action):
            return 409
        if action == "categorise":
            card.state = (status, was, category)
        elif action == "undo":
            card.state = WAITING
        else:
            writes = action in ("correct", "amend")
            card.state = (_LEADS_TO.get(action, status), text if writes else None, category)
        card.made += 1
        if card.state[0] != "needs_review":  # a category alone takes it out of nobody's hands
            card.holder = None
        self.known[key] = (name, (action, text, category))
        return 200

    @staticmethod
    def _allowed(status: str, action: str) -> bool:
        if action == "amend":
            return status == "approved"
        return action == "categorise" or (status == "needs_review") == (action != "undo")

    def forget(self, name: str) -> None:
        """It is purged, with every decision on it."""
        del self.cards[name]
        self.known = {key: said for key, said in self.known.items() if said[0] != name}

    def read_line(self, name: str, says: State) -> None:
        """The line of a known candidate is read, and says this."""
        card = self.cards[name]
        decided_since = card.made > card.made_when_shown
        if says != card.state and says != card.shown and not decided_since:
            card.made += (card.state[0] != "needs_review") + (says[0] != "needs_review")
            card.state = says
        elif says != card.state and says == card.shown:
            return
        card.shown, card.made_when_shown = says, card.made

    def written_out(self) -> None:
        """The candidates' file was rewritten: each line says what is."""
        for card in self.cards.values():
            card.shown, card.made_when_shown = card.state, card.made
