"""One simulated reviewer, and what can go wrong with a computer."""

import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.torture.client import BROKEN, PREFIX, Answer, Client
from tests.torture.holds import Hold, Holds
from tests.torture.ledger import Ledger

_MISHAP = 0.12
"""How often something goes wrong with a card."""

_FEW_TRIES = 200
"""How often one comes in vain while others hold the rest."""


class Crashed(Exception):
    """The browser is gone, and with it everything that it knew."""


class Reviewer:
    """Claims and decides until nothing is left; `wrong` is what the server did wrong."""

    def __init__(
        self,
        name: str,
        port: int,
        token: str,
        ledger: Ledger,
        holds: Holds,
        chance: random.Random,
    ) -> None:
        self.name, self._port, self._token = name, port, token
        self._ledger, self._holds, self._chance = ledger, holds, chance
        self._decisions = 0
        self.mishaps: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.kinds: dict[str, Callable[[Client, Hold], None]] = {
            "vanished": self._vanish,
            "sent half": self._send_half,
            "did not wait": self._do_not_wait,
            "sent twice": self._send_twice,
            "fell asleep": self._fall_asleep,
        }

    def work(self) -> None:
        """Until the queue is empty."""
        sittings = 0
        while True:
            sittings += 1
            try:
                with Client(self._port, self._token) as client:
                    self._sit(client, f"{self.name}.{sittings}")
                return
            except Crashed:
                time.sleep(self._chance.random() / 2)
            except BROKEN as error:
                self.wrong.append(f"{self.name}: no answer: {error!r}")
                return

    def _sit(self, client: Client, holder: str) -> None:
        """One page that is open, as long as it lives."""
        for _ in range(_FEW_TRIES):
            held, total = self._claim(client, holder)
            while held:
                self._one_card(client, held.pop(0))
                self._tend(client, holder, held)
            if total == 0:
                return
            time.sleep(self._chance.random() / 5)
        self.wrong.append(f"{self.name} waited in vain")

    def _claim(self, client: Client, holder: str) -> tuple[list[Hold], int]:
        asked_at = time.monotonic()
        answer = client.post("queue/claim", {"n": self._chance.randrange(1, 6), "holder": holder})
        if not answer.ok:
            self.wrong.append(f"{self.name}: claiming was answered with {answer}")
            return [], 0
        ids = [item["id"] for item in answer.body["items"]]
        claims = {claim["id"]: claim["token"] for claim in answer.body["claims"]}
        if sorted(ids) != sorted(claims):
            self.wrong.append(f"{self.name}: cards {ids} came with claims {sorted(claims)}")
        held = [self._holds.begin(card, holder, claims[card], asked_at) for card in ids]
        return held, answer.body["total"]

    def _tend(self, client: Client, holder: str, held: list[Hold]) -> None:
        """Renew or give back what is still in hand, now and then."""
        tokens = [hold.token for hold in held]
        if not held or self._chance.random() > 0.3:
            return
        if self._chance.random() < 0.1:
            for hold in held:
                self._holds.end(hold)
            held.clear()
            answer = client.post("queue/release", {"holder": holder, "tokens": tokens})
        else:
            asked_at = time.monotonic()
            answer = client.post("queue/renew", {"holder": holder, "tokens": tokens})
            for hold in held:
                self._renewed(hold, answer, asked_at)
            held[:] = [hold for hold in held if hold.card in answer.body["renewed"]]
        if not answer.ok:
            self.wrong.append(f"{self.name}: {answer}")

    def _renewed(self, hold: Hold, answer: Answer, asked_at: float) -> None:
        if hold.card in answer.body["renewed"]:
            self._holds.renewed(hold, asked_at)
        elif hold.still(time.monotonic()):
            self.wrong.append(f"{self.name}: `{hold.card}` was lost while its lease ran")

    def _one_card(self, client: Client, hold: Hold) -> None:
        if self._chance.random() < _MISHAP:
            kind = self._chance.choice(sorted(self.kinds))
            self.mishaps[kind] += 1
            self.kinds[kind](client, hold)
        else:
            self._decide(client, hold, self._decision(hold))

    def _decision(self, hold: Hold) -> dict[str, Any]:
        self._decisions += 1
        name = f"{self.name}:{self._decisions}"
        body = {"id": hold.card, "decision_id": name, "claim": hold.token}
        if self._chance.random() < 0.2:
            return {**body, "action": self._chance.choice(("discard", "flag"))}
        text = f"{name} \u2028 é " + "right " * self._chance.randrange(200)
        return {**body, "action": "correct", "corrected_response": text}

    def _decide(self, client: Client, hold: Hold, body: dict[str, Any]) -> None:
        leased_until = hold.leased_until
        self._holds.end(hold)
        answer = self._ledger.send(client, "submit", body)
        if answer.status == 200:
            return
        if answer.status != 409 or time.monotonic() < leased_until:
            self.wrong.append(f"{self.name}: `{hold.card}` was refused: {answer}")
        elif answer.body["code"] not in ("claim_taken_over", "already_decided"):
            self.wrong.append(f"{self.name}: {answer}")

    # ---- what goes wrong

    def _vanish(self, _client: Client, _hold: Hold) -> None:
        raise Crashed

    def _send_half(self, _client: Client, hold: Hold) -> None:
        """Nothing may come of it: that nobody sent such a decision is what the ledger knows."""
        data = self._request(self._decision(hold))
        self._throw(data[: self._chance.randrange(1, len(data) - 1)])
        raise Crashed

    def _do_not_wait(self, _client: Client, hold: Hold) -> None:
        """It may be done or not; nobody will know."""
        body = self._decision(hold)
        self._ledger.note("submit", body)
        self._holds.end(hold)
        self._throw(self._request(body))
        raise Crashed

    def _send_twice(self, client: Client, hold: Hold) -> None:
        body = self._decision(hold)
        self._decide(client, hold, body)
        first = self._ledger.asked[body["decision_id"]].acknowledged
        again = self._ledger.send(client, "submit", body)
        if first is not None and again != first:
            self.wrong.append(f"{self.name}: answered {first} and then {again}")

    def _fall_asleep(self, client: Client, hold: Hold) -> None:
        """The lease is over when the decision comes; it counts unless somebody took over."""
        body = self._decision(hold)
        time.sleep(max(0.0, hold.leased_until - time.monotonic()) + self._chance.random())
        self._decide(client, hold, body)

    def _request(self, body: dict[str, Any]) -> bytes:
        data = json.dumps(body).encode("ascii")
        head = (
            f"POST {PREFIX}/submit HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n"
        )
        return head.encode("ascii") + data

    def _throw(self, data: bytes) -> None:
        """Send bytes and close the door."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as wire:
            wire.sendall(data)
