"""Claiming: the next cards of the queue come into one reviewer's hands, and back.

Which cards come next is read beside the writer, by the same pages as the queue's, so that a
search over a million candidates holds up nobody's decision. Handing them out is one statement,
which looks once more whether each is still free (`store.claims.take`); a few more than wanted are
proposed to it, for those that somebody else takes in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.errors import InvalidInput
from corrigenda.store import Database, Stored, candidates, claims, facets, orders, search
from corrigenda.store.claims import Claim

MOST = 50
"""Cards that can be claimed at a time."""

_SPARE = 20
_PAGE = 200
_TRIES = 5


@dataclass(frozen=True)
class Holder:
    """Who claims: a reviewer, and one browser or program of theirs."""

    reviewer: str
    name: str


@dataclass(frozen=True)
class Claimed:
    """The cards that somebody has now.

    `items` are their records, in the order of `claims`; `refused` are those that were asked for
    by id and are in other hands; `total` counts all that wait under the filter; `search_behind`
    the candidates that a search of its words does not find yet.
    """

    items: list[dict[str, Any]]
    claims: list[dict[str, str]]
    refused: list[dict[str, str]]
    total: int
    total_is_lower_bound: bool = False
    search_behind: int = 0


@dataclass(frozen=True)
class Renewed:
    """The ids of the cards that go on being held, until when, and of those that are lost."""

    renewed: list[str]
    lost: list[str]
    until: str


def claim_next(
    database: Database,
    selection: Selection = EVERYTHING,
    *,
    holder: Holder,
    n: int,
    order: str | None = None,
    lease: float = claims.LEASE_SECONDS,
) -> Claimed:
    """Claim the next `n` of the queue: first what the holder has of it, then what nobody has.

    Raises:
        InvalidInput: `n` is not from 1 to 50, or there is no such order.
    """
    if not 1 <= n <= MOST:
        raise InvalidInput(f"`n` is from 1 to {MOST}, not {n}.")
    chosen = replace(selection, statuses=(Status.NEEDS_REVIEW,))
    named = Order.named(order, batch=selection.batch)
    taken: list[Claim] = []
    for _ in range(_TRIES):
        proposed = _propose(database, chosen, named, holder, n + _SPARE)
        if not proposed:
            break
        taken = _take(database, proposed, holder, n, lease)
        # Fewer than wanted, where more were proposed: others were faster. Look again.
        if len(taken) >= min(n, len(proposed)):
            break
    with database.reading() as connection:
        total = facets.total(connection, chosen)
        behind = search.progress(connection).behind if chosen.text else 0
        items, held = _held(connection, taken)
    return Claimed(items, held, [], total.n, total.at_least, behind)


def claim_these(
    database: Database,
    ids: Sequence[str],
    *,
    holder: Holder,
    lease: float = claims.LEASE_SECONDS,
) -> Claimed:
    """Claim certain cards; what does not wait for review, or does not exist, is left out.

    Raises:
        InvalidInput: There are none, or more than 50.
    """
    if not 1 <= len(ids) <= MOST:
        raise InvalidInput(f"`ids` has from 1 to {MOST} ids, not {len(ids)}.")
    with database.reading() as connection:
        found = candidates.find(connection, [each for each in ids if storable(each)])
        total = candidates.total(connection, (Status.NEEDS_REVIEW,))
    seqs = [found[each].seq for each in dict.fromkeys(ids) if each in found]
    taken = _take(database, seqs, holder, len(seqs), lease)
    others = {each.seq: each for each in found.values()}
    for claim in taken:
        del others[claim.seq]
    with database.reading() as connection:
        elsewhere = claims.on(connection, list(others))
        items, held = _held(connection, taken)
    refused = [
        {"id": each.id, "reviewer": elsewhere[seq].reviewer}
        for seq, each in others.items()
        if seq in elsewhere and each.state.status is Status.NEEDS_REVIEW
    ]
    return Claimed(items, held, refused, total)


def renew(
    database: Database,
    tokens: Sequence[str],
    *,
    holder: Holder,
    lease: float = claims.LEASE_SECONDS,
) -> Renewed:
    """Go on holding cards; lost are those that were taken over, decided or given back."""
    seqs, until = database.write(
        lambda connection: claims.renew(
            connection, tokens, reviewer=holder.reviewer, holder=holder.name, lease=lease
        )
    )
    asked = list(dict.fromkeys(claims.seq_of(token) for token in tokens))
    with database.reading() as connection:
        names = claims.ids_of(connection, [seq for seq in asked if seq is not None])
    kept = set(seqs)
    return Renewed(
        [names[seq] for seq in seqs if seq in names],
        [name for seq, name in names.items() if seq not in kept],
        until,
    )


def release(database: Database, tokens: Sequence[str], *, holder: Holder) -> int:
    """Give cards back; says how many."""
    return len(
        database.write(
            lambda connection: claims.release(
                connection, tokens, reviewer=holder.reviewer, holder=holder.name
            )
        )
    )


def _propose(
    database: Database, selection: Selection, order: Order, holder: Holder, enough: int
) -> list[int]:
    """Up to `enough` candidates that nobody else holds, in order, but the holder's own first."""
    mine: list[int] = []
    free: list[int] = []
    after: Cursor | None = None
    with database.reading() as connection:
        held = claims.hands(connection, reviewer=holder.reviewer, holder=holder.name)
        limit = min(enough + len(held), _PAGE)
        while len(mine) + len(free) < enough:
            places = orders.page(
                connection,
                selection,
                order,
                limit=limit,
                after=after,
                reviewer=holder.reviewer,
            )
            for place in places:
                if held.get(place.seq, True):
                    # What the holder has and has put off stays where the order has it: last.
                    first = place.seq in held and not place.cursor.last
                    (mine if first else free).append(place.seq)
            if len(places) < limit:
                break
            after = places[-1].cursor
    return (mine + free)[:enough]


def _take(
    database: Database, seqs: Sequence[int], holder: Holder, most: int, lease: float
) -> list[Claim]:
    return database.write(
        lambda connection: claims.take(
            connection,
            seqs,
            reviewer=holder.reviewer,
            holder=holder.name,
            most=most,
            lease=lease,
        )
    )


def _held(
    connection: Any, taken: Sequence[Claim]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """The records of what was taken, and the claims, but for what was decided since."""
    found = candidates.of_seqs(connection, [claim.seq for claim in taken])
    there: list[tuple[Stored, Claim]] = [
        (found[claim.seq], claim)
        for claim in taken
        if claim.seq in found and found[claim.seq].state.status is Status.NEEDS_REVIEW
    ]
    return [stored.as_record() for stored, _ in there], [
        {"id": stored.id, "token": claim.token, "until": claim.until} for stored, claim in there
    ]
