"""What was asked of a server and what it promised, held against what is there afterwards.

A decision that was answered with 200 must stand in the history as it was sent, and only once. One
that was refused must not. One whose answer never came may be there or not, but never in part.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.torture.client import BROKEN, Answer, Client

_SENT = ("corrected_response", "failure_category", "note", "seconds")
_OTHERS = ("file", "import")
"""Who decides besides the clients: what the files say, and what records arrive with."""

Entry = Mapping[str, Any]


@dataclass
class Asked:
    """A decision that a client sent, once or more often, with what came of it each time."""

    path: str
    body: dict[str, Any]
    answers: list[Answer | None] = field(default_factory=list)

    @property
    def id(self) -> str:
        name: str = self.body["decision_id"]
        return name

    @property
    def action(self) -> str:
        return str(self.body.get("action", "undo"))

    @property
    def acknowledged(self) -> Answer | None:
        return next((a for a in self.answers if a is not None and a.status == 200), None)

    @property
    def unknown(self) -> bool:
        """Nobody can tell whether it was done: no answer came last, or the server had trouble."""
        last = self.answers[-1] if self.answers else None
        return self.acknowledged is None and (last is None or last.status >= 500)


class Ledger:
    """Everything that was asked, by all clients together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.asked: dict[str, Asked] = {}
        self.statuses: Counter[int] = Counter()

    def send(self, client: Client, path: str, body: dict[str, Any]) -> Answer:
        """Send a decision and keep both; a known `decision_id` is the same decision again.

        Raises:
            OSError, http.client.HTTPException, ValueError: There was no whole answer.
        """
        asked = self.note(path, body)
        try:
            answer = client.post(path, body)
        except BROKEN:
            with self._lock:
                asked.answers.append(None)
            raise
        with self._lock:
            asked.answers.append(answer)
            self.statuses[answer.status] += 1
        return answer

    def note(self, path: str, body: dict[str, Any]) -> Asked:
        """Keep a decision that is about to be sent."""
        with self._lock:
            return self.asked.setdefault(body["decision_id"], Asked(path, body))

    @property
    def acknowledged(self) -> list[Asked]:
        return [asked for asked in self.asked.values() if asked.acknowledged]

    @property
    def unknown(self) -> list[Asked]:
        return [asked for asked in self.asked.values() if asked.unknown]

    def wrong(self, histories: Mapping[str, Iterable[Entry]]) -> list[str]:
        """What the histories of all candidates say otherwise than the ledger.

        Args:
            histories: Of each candidate, the decisions on it, oldest first.
        """
        found: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
        wrong: list[str] = []
        for candidate_id, entries in histories.items():
            kept = list(entries)
            wrong += _broken_chain(candidate_id, kept)
            for entry in kept:
                found[entry["decision_id"]].append((candidate_id, entry))
        for name, places in found.items():
            if len(places) > 1:
                wrong.append(f"decision {name} is there {len(places)} times")
            wrong += self._not_as_sent(name, *places[0])
        for asked in self.asked.values():
            wrong += _not_as_promised(asked, found.get(asked.id, []))
        return wrong

    def _not_as_sent(self, name: str, candidate_id: str, entry: Entry) -> list[str]:
        asked = self.asked.get(name)
        if asked is None:
            known = entry["reviewer"] in _OTHERS
            return [] if known else [f"nobody sent decision {name} on `{candidate_id}`"]
        sent = {"id": asked.body["id"], "action": asked.action}
        sent |= {key: asked.body.get(key) for key in _SENT}
        there = {"id": candidate_id, "action": entry["action"]}
        there |= {key: entry[key] for key in _SENT}
        return [] if sent == there else [f"decision {name}: sent {sent!r:.300}, is {there!r:.300}"]


def _not_as_promised(asked: Asked, places: list[tuple[str, Entry]]) -> list[str]:
    answer = asked.acknowledged
    said = f"{asked.action} {asked.id} on `{asked.body['id']}`"
    if answer is None:
        if places and not asked.unknown:
            return [f"{said} was refused and is there"]
        return []
    if not places:
        return [f"LOST: {said} was acknowledged and is gone"]
    entry = places[0][1]
    promised = {"status": answer.body["status"], "revision": answer.body["revision"]}
    kept = {"status": entry["to_status"], "revision": entry["revision"]}
    return [] if promised == kept else [f"{said}: promised {promised}, is {kept}"]


def _broken_chain(candidate_id: str, entries: list[Entry]) -> list[str]:
    """Each decision begins where the one before it ended, and revisions count them."""
    wrong = []
    revisions = [entry["revision"] for entry in entries]
    if revisions != list(range(1, len(entries) + 1)):
        wrong.append(f"`{candidate_id}`: revisions {revisions}")
    for before, after in pairwise(entries):
        if before["to_status"] != after["from_status"]:
            wrong.append(f"`{candidate_id}`: {before['to_status']} then {after['from_status']}")
    return wrong
