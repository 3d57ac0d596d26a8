"""A wall clock that somebody sets while the server runs."""

import sys
import time
from pathlib import Path

from tests.torture.client import Client
from tests.torture.faults.scene import Scene, Stubborn

_DAY = 86_400
_JUMPS = (_DAY, -2 * _DAY, 3600, -3600, 10 * 365 * _DAY, 0)


def jumping_clock(scene: Scene) -> None:
    """Days forward and back; decisions stay in their order, and cards in the hands they are in."""
    scene.fill()
    offset = scene.place / "offset"
    offset.write_text("0", "ascii")
    program = (sys.executable, "-m", "tests.torture.altered")
    env = {"TORTURE_CLOCK": str(offset)}
    with (
        scene.serve(program=program, env=env) as served,
        Client(served.port) as client,
        Client(served.port) as other,
    ):
        held = client.post("queue/claim", {"n": 5, "holder": "first"}).body["claims"]
        tokens = [claim["token"] for claim in held]
        mine = {claim["id"] for claim in held}
        scene.expect(len(mine) == 5, f"claimed {held}")
        for jump in _JUMPS:
            _set(offset, jump)
            theirs = other.post("queue/claim", {"n": 50, "holder": "second"}).body["claims"]
            both = mine & {claim["id"] for claim in theirs}
            scene.expect(not both, f"after {jump} s others were given {both}")
            renewed = client.post("queue/renew", {"holder": "first", "tokens": tokens}).body
            scene.expect(set(renewed["renewed"]) == mine, f"after {jump} s: {renewed}")
            back = {"holder": "second", "tokens": [claim["token"] for claim in theirs]}
            scene.expect(other.post("queue/release", back).ok, "they cannot be given back")
            with Stubborn(scene, served.port).at_work():
                time.sleep(0.3)
            scene.numbers["jumps"] += 1
            mine -= _decided(client, mine)
    scene.judge()


def _set(offset: Path, seconds: int) -> None:
    """Never half a number."""
    temporary = offset.with_suffix(".new")
    temporary.write_text(str(seconds), "ascii")
    temporary.replace(offset)


def _decided(client: Client, mine: set[str]) -> set[str]:
    """Decisions without a claim are let through, so some of the cards are decided by now.

    A category alone, of what waits, takes it out of nobody's hands.
    """
    return {
        name
        for name in mine
        for each in client.get(f"candidate/history?id={name}").body["decisions"]
        if each["action"] != "categorise"
    }
