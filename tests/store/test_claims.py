"""Claims: nobody is handed what another has, and a lease gives back what its holder left."""

import threading
import time
from collections.abc import Sequence
from functools import partial

import pytest

from corrigenda.core.decisions import Action
from corrigenda.store import Database, candidates, claims
from corrigenda.store.claims import Claim
from tests.store.samples import candidate, decision, do, put

OVER = -1.0
"""A lease that has run out when it is given."""


def arrived(database: Database, n: int) -> list[int]:
    put(database, [candidate(f"c{number}") for number in range(n)])
    with database.reading() as connection:
        return [stored.seq for stored in candidates.stream(connection)]


@pytest.fixture
def seqs(database: Database) -> list[int]:
    return arrived(database, 6)


def take(
    database: Database,
    seqs: Sequence[int],
    holder: str,
    most: int = 2,
    reviewer: str | None = None,
    lease: float = claims.LEASE_SECONDS,
) -> list[Claim]:
    who = reviewer or holder
    return database.write(
        lambda c: claims.take(c, seqs, reviewer=who, holder=holder, most=most, lease=lease)
    )


def taken(found: Sequence[Claim]) -> list[int]:
    return [claim.seq for claim in found]


def renew(database: Database, tokens: list[str], holder: str, lease: float = 60) -> list[int]:
    return database.write(
        lambda c: claims.renew(c, tokens, reviewer=holder, holder=holder, lease=lease)
    )[0]


def against(database: Database, *decided: tuple[int, str]) -> dict[int, Claim]:
    with database.reading() as connection:
        return claims.against(connection, decided)


def test_each_gets_the_next_that_nobody_has(database: Database, seqs: list[int]) -> None:
    assert taken(take(database, seqs, "kim")) == seqs[:2]
    assert taken(take(database, seqs, "ada")) == seqs[2:4]
    assert taken(take(database, seqs, "lou", most=50)) == seqs[4:]
    assert take(database, seqs, "eve") == []


def test_the_order_is_that_which_was_asked_for(database: Database, seqs: list[int]) -> None:
    wanted = [seqs[4], seqs[0], seqs[3]]
    assert taken(take(database, wanted, "kim", most=2)) == wanted[:2]


def test_who_asks_again_keeps_what_they_have_and_its_token(
    database: Database, seqs: list[int]
) -> None:
    first = take(database, seqs, "kim")
    again = take(database, seqs, "kim", most=3)
    assert taken(again) == seqs[:3]
    assert [claim.token for claim in again[:2]] == [claim.token for claim in first]
    assert again[0].until >= first[0].until


def test_the_same_holder_of_another_reviewer_is_another(
    database: Database, seqs: list[int]
) -> None:
    take(database, seqs, "tab", reviewer="kim")
    assert taken(take(database, seqs, "tab", reviewer="ada")) == seqs[2:4]


def test_what_was_decided_is_not_handed_out(database: Database, seqs: list[int]) -> None:
    do(database, decision("c0", Action.FLAG))
    assert taken(take(database, seqs, "kim")) == seqs[1:3]


def test_a_lease_that_ran_out_gives_its_cards_back(database: Database, seqs: list[int]) -> None:
    lost = take(database, seqs, "kim", lease=OVER)
    with database.reading() as connection:
        assert claims.standing(connection) == {}
    # Until somebody takes over, a decision by the old token counts.
    assert against(database, *((claim.seq, claim.token) for claim in lost)) == {}
    new = take(database, seqs, "ada")
    assert taken(new) == taken(lost)
    found = against(database, *((claim.seq, claim.token) for claim in lost))
    assert {seq: claim.reviewer for seq, claim in found.items()} == dict.fromkeys(seqs[:2], "ada")
    assert against(database, *((claim.seq, claim.token) for claim in new)) == {}


def test_a_claim_that_was_given_back_stands_against_nothing(
    database: Database, seqs: list[int]
) -> None:
    lost = take(database, seqs, "kim", lease=OVER)
    new = take(database, seqs, "ada")
    tokens = [claim.token for claim in new]
    released = database.write(lambda c: claims.release(c, tokens, reviewer="ada", holder="ada"))
    assert released == seqs[:2]
    assert against(database, (lost[0].seq, lost[0].token)) == {}
    assert taken(take(database, seqs, "kim")) == seqs[:2]


def test_renewing_goes_on_until_another_took_over(database: Database, seqs: list[int]) -> None:
    held = take(database, seqs, "kim", lease=OVER)
    tokens = [claim.token for claim in held]
    assert renew(database, tokens, "kim", lease=OVER) == seqs[:2]
    assert taken(take(database, seqs, "ada", most=1)) == seqs[:1]
    assert renew(database, tokens, "kim") == seqs[1:2]
    assert renew(database, tokens, "eve") == []
    assert renew(database, [], "kim") == []
    assert taken(take(database, seqs, "eve", most=1)) == seqs[2:3]


def test_nobody_gives_back_what_another_holds(database: Database, seqs: list[int]) -> None:
    tokens = [claim.token for claim in take(database, seqs, "kim")]
    for who, holder in (("ada", "kim"), ("kim", "ada")):
        give_back = partial(claims.release, tokens=tokens, reviewer=who, holder=holder)
        assert database.write(give_back) == []


def test_dropping(database: Database, seqs: list[int]) -> None:
    take(database, seqs, "kim", most=3)
    database.write(lambda c: claims.drop(c, [seqs[0], seqs[2], 999]))
    database.write(lambda c: claims.drop(c, []))
    with database.reading() as connection:
        assert list(claims.standing(connection)) == [seqs[1]]


def test_names_of_any_text(database: Database, seqs: list[int]) -> None:
    who = "Zoë 🦉 \x00 \ud800 '\""
    first = take(database, seqs, "tab", reviewer=who)
    assert taken(take(database, seqs, "tab", reviewer=who)) == taken(first)
    with database.reading() as connection:
        assert claims.on(connection, seqs)[seqs[0]].reviewer == who


def test_tokens_say_which_candidate_they_are_for(database: Database, seqs: list[int]) -> None:
    for claim in take(database, seqs, "kim"):
        assert claims.seq_of(claim.token) == claim.seq
        assert len(claim.token) <= claims.TOKEN_LIMIT
    for strange in ("", "-", "x-1", "²-1", "9" * 19 + "-1", "\ud800"):
        assert claims.seq_of(strange) is None


def test_tidying_shortens_what_no_lease_can_reach_and_forgets_the_old(
    database: Database, seqs: list[int]
) -> None:
    take(database, seqs, "kim", lease=86_400)  # as after a clock that was set back a day
    take(database, seqs, "ada", lease=-86_400)
    database.write(claims.tidy)
    with database.reading() as connection:
        left = claims.on(connection, seqs)
        latest = claims.now(connection, plus=claims.LEASE_SECONDS)
    assert {claim.reviewer for claim in left.values()} == {"kim"}
    assert all(claim.until <= latest for claim in left.values())


def test_setting_the_wall_clock_moves_no_lease(
    database: Database, seqs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    take(database, seqs, "kim")
    real = time.time
    for jump in (-86_400, 86_400):
        monkeypatch.setattr(time, "time", lambda by=jump: real() + by)
        assert taken(take(database, seqs[:2], "ada")) == []


def test_thirty_at_once_are_never_handed_the_same(database: Database) -> None:
    seqs = arrived(database, 120)
    start = threading.Barrier(30)
    found: dict[str, list[int]] = {}

    def ask(holder: str) -> None:
        start.wait()
        mine: list[int] = []
        for _ in range(4):
            mine += taken(take(database, [s for s in seqs if s not in mine], holder, most=1))
        found[holder] = mine

    threads = [threading.Thread(target=ask, args=(f"r{n}",)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [seq for mine in found.values() for seq in mine]
    assert len(everything) == len(set(everything)) == 120
