"""Claims: which candidates are in somebody's hands, so that nobody else is handed the same.

A claim is a row with a lease. Its token is a fence: it goes with the decision, and a decision
whose token is not the row's any more comes from somebody who lost the card. A lease that has run
out takes nothing away by itself, only another's claim does; so a reviewer who was away for an
hour may still decide, if nobody took the card meanwhile.

One statement hands out, whoever else asks at the same moment: on SQLite there is one writer, and
on PostgreSQL it passes over the candidates that others have locked (`SKIP LOCKED`).

Leases run by one clock that does not jump: PostgreSQL's own there, and on SQLite, whose
workspace one process serves, `clock.steady`.
"""

import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.clock import as_text, steady
from corrigenda.core.decisions import Status
from corrigenda.store.schema import candidates, claims

LEASE_SECONDS = 120
HOLDER_LIMIT = 64
TOKEN_LIMIT = 32
# No other string is a token; some of them no database takes.
_TOKEN = re.compile(r"[0-9]{1,18}-[0-9a-f]{12}")
_FORGOTTEN = 3600
"""Seconds after which a lease that ran out is of no interest to anybody."""


@dataclass(frozen=True)
class Claim:
    """A candidate in somebody's hands.

    `holder` is one browser or one program of the reviewer's. The token stays the same as long
    as the holder does; `until` is ISO 8601 in UTC, by the clock of the leases.
    """

    seq: int
    token: str
    reviewer: str
    holder: str
    until: str


_ROW = (
    claims.c.candidate_seq,
    claims.c.token,
    claims.c.reviewer,
    claims.c.holder,
    claims.c.until,
)
_STANDING = sa.select(*_ROW).where(claims.c.until > sa.bindparam("at"))
_HANDS = sa.select(
    claims.c.candidate_seq,
    sa.and_(
        claims.c.holder == sa.bindparam("of_holder"),
        claims.c.reviewer == sa.bindparam("of_reviewer", type_=claims.c.reviewer.type),
    ),
).where(claims.c.until > sa.bindparam("at"))
_OF_SEQS = sa.select(*_ROW).where(
    claims.c.candidate_seq.in_(sa.bindparam("seqs", expanding=True)),
)
_IDS = sa.select(candidates.c.seq, candidates.c.id).where(
    candidates.c.seq.in_(sa.bindparam("seqs", expanding=True))
)
_OURS = sa.and_(
    claims.c.token.in_(sa.bindparam("tokens", expanding=True)),
    claims.c.holder == sa.bindparam("of_holder"),
    claims.c.reviewer == sa.bindparam("of_reviewer", type_=claims.c.reviewer.type),
)
# Locked in one order, so that no two who lock several wait for each other.
_LOCK = sa.select(*_ROW).where(_OURS).order_by(claims.c.candidate_seq).with_for_update()
_RENEW = (
    sa.update(claims)
    .where(claims.c.candidate_seq.in_(sa.bindparam("seqs", expanding=True)))
    .values(until=sa.bindparam("new_until"))
)
_RELEASE = sa.delete(claims).where(claims.c.candidate_seq.in_(sa.bindparam("seqs", expanding=True)))
_CLAMP = (
    sa.update(claims)
    .where(claims.c.until > sa.bindparam("latest"))
    .values(until=sa.bindparam("latest"))
)
_FORGET = sa.delete(claims).where(claims.c.until < sa.bindparam("long_ago"))

# In the databases' own words: SQLAlchemy has none for the order of a list that is handed over.
_WANTED = {
    "sqlite": "json_each(:seqs) AS wanted JOIN candidates AS c ON c.seq = wanted.value",
    "postgresql": "unnest(CAST(:seqs AS bigint[])) WITH ORDINALITY AS wanted(value, key) "
    "JOIN candidates AS c ON c.seq = wanted.value",
}
_PASS_OVER = {"sqlite": "", "postgresql": "FOR UPDATE OF c SKIP LOCKED"}
_TAKE = {
    dialect: sa.text(
        f"""
        INSERT INTO claims (candidate_seq, token, reviewer, holder, until)
        SELECT c.seq, CAST(c.seq AS text) || '-' || :nonce, :reviewer, :holder, :until
        FROM {_WANTED[dialect]}
        WHERE c.status = '{Status.NEEDS_REVIEW.value}' AND NOT EXISTS (
            SELECT 1 FROM claims AS held
            WHERE held.candidate_seq = c.seq AND held.until > :at
                AND NOT (held.holder = :holder AND held.reviewer = :reviewer)
        )
        ORDER BY wanted.key LIMIT :most {_PASS_OVER[dialect]}
        ON CONFLICT (candidate_seq) DO UPDATE SET
            token = CASE
                WHEN claims.holder = excluded.holder AND claims.reviewer = excluded.reviewer
                THEN claims.token ELSE excluded.token END,
            reviewer = excluded.reviewer, holder = excluded.holder, until = excluded.until
        WHERE claims.until <= :at
            OR (claims.holder = excluded.holder AND claims.reviewer = excluded.reviewer)
        RETURNING candidate_seq, token
        """
    ).bindparams(
        *(sa.bindparam(name, type_=sa.Text) for name in ("nonce", "reviewer", "holder", "until"))
    )
    for dialect in _WANTED
}
# On PostgreSQL a statement does not see what another took since it began; it takes nothing from
# it, but goes without. The next one sees.
_TRIES = {"sqlite": 1, "postgresql": 10}
_DROP = {
    "sqlite": "DELETE FROM claims WHERE candidate_seq IN (SELECT value FROM json_each(?))",
    "postgresql": "DELETE FROM claims WHERE candidate_seq IN (SELECT candidate_seq FROM claims "
    "WHERE candidate_seq = ANY(%s) ORDER BY candidate_seq FOR UPDATE)",
}
_NOW_POSTGRESQL = sa.text("SELECT statement_timestamp()")


def now(connection: Connection, plus: float = 0) -> str:
    """This moment by the clock of the leases, or so many seconds after it."""
    if connection.dialect.name == "sqlite":
        moment = steady()
    else:
        moment = connection.execute(_NOW_POSTGRESQL).scalar_one()
    return as_text(moment + timedelta(seconds=plus))


def standing(connection: Connection) -> dict[int, Claim]:
    """Every claim whose lease runs, by candidate: some for each reviewer who is at work."""
    rows = connection.execute(_STANDING, {"at": now(connection)})
    return {row.candidate_seq: _claim(row) for row in rows}


def hands(connection: Connection, *, reviewer: str, holder: str) -> dict[int, bool]:
    """The candidates whose leases run: whether they are in this holder's hands or in others'."""
    asked = {"at": now(connection), "of_holder": holder, "of_reviewer": reviewer}
    return {row[0]: bool(row[1]) for row in connection.execute(_HANDS, asked)}


def take(
    connection: Connection,
    seqs: Sequence[int],
    *,
    reviewer: str,
    holder: str,
    most: int,
    lease: float = LEASE_SECONDS,
) -> list[Claim]:
    """Hand out the first `most` of these candidates that wait and that nobody else holds.

    What the holder has already counts, and keeps its token. The order is that of `seqs`.

    Example:
        `take(connection, [7, 9, 12], reviewer="kim", holder="tab-1", most=2)`, where another
        holds 7, gives the claims on 9 and 12.
    """
    dialect, at = connection.dialect.name, now(connection)
    until = _after(at, lease)
    asked = {
        "seqs": json.dumps(list(seqs)) if dialect == "sqlite" else list(seqs),
        "nonce": secrets.token_hex(6),
        "reviewer": json.dumps(reviewer),
        "holder": holder,
        "until": until,
        "at": at,
        "most": most,
    }
    tokens: dict[int, str] = {}
    for _ in range(_TRIES[dialect]):
        rows = connection.execute(_TAKE[dialect], asked).all()
        tokens |= {row.candidate_seq: row.token for row in rows}
        if len(tokens) >= min(most, len(seqs)):
            break
    return [Claim(seq, tokens[seq], reviewer, holder, until) for seq in seqs if seq in tokens]


def renew(
    connection: Connection,
    tokens: Sequence[str],
    *,
    reviewer: str,
    holder: str,
    lease: float = LEASE_SECONDS,
) -> tuple[list[int], str]:
    """Go on holding: (the candidates whose claims these tokens still are, until when).

    A lease that had run out goes on, too, where nobody has taken over.
    """
    until = _after(now(connection), lease)
    seqs = _ours(connection, tokens, reviewer, holder)
    if seqs:
        connection.execute(_RENEW, {"seqs": seqs, "new_until": until})
    return seqs, until


def release(
    connection: Connection, tokens: Sequence[str], *, reviewer: str, holder: str
) -> list[int]:
    """Give candidates back; those whose claims these tokens were."""
    seqs = _ours(connection, tokens, reviewer, holder)
    if seqs:
        connection.execute(_RELEASE, {"seqs": seqs})
    return seqs


def against(connection: Connection, decided: Iterable[tuple[int, str]]) -> dict[int, Claim]:
    """The claims of others that stand against decisions, given as (candidate's seq, token).

    A claim that is gone (dropped, released) stands against nothing; one that another took over
    does even when its lease has run out, for its holder may be at work.
    """
    tokens = dict(decided)
    return {
        seq: claim
        for seq, claim in on(connection, list(tokens)).items()
        if claim.token != tokens[seq]
    }


def on(connection: Connection, seqs: Sequence[int]) -> dict[int, Claim]:
    """The claims on these candidates, their leases run out or not."""
    if not seqs:
        return {}
    rows = connection.execute(_OF_SEQS, {"seqs": list(seqs)})
    return {row.candidate_seq: _claim(row) for row in rows}


def drop(connection: Connection, seqs: Sequence[int]) -> None:
    """Forget the claims on candidates that were decided, or are gone."""
    if seqs:
        dialect, given = connection.dialect.name, list(seqs)
        asked: Any = json.dumps(given) if dialect == "sqlite" else given
        connection.exec_driver_sql(_DROP[dialect], (asked,))


def tidy(connection: Connection, *, lease: float = LEASE_SECONDS) -> None:
    """Shorten leases that end later than any can, and forget those long over.

    The first come from a clock that was set back, as while the server was down.
    """
    at = now(connection)
    connection.execute(_CLAMP, {"latest": _after(at, lease)})
    connection.execute(_FORGET, {"long_ago": _after(at, -_FORGOTTEN)})


def seq_of(token: str) -> int | None:
    """The candidate that a token was made for; `None` if it is none of ours.

    Example:
        >>> seq_of("8123-9f3c2a7be01d")
        8123
    """
    number = token.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def ids_of(connection: Connection, seqs: Sequence[int]) -> dict[int, str]:
    """The ids of those of these candidates that are there."""
    rows = connection.execute(_IDS, {"seqs": list(seqs)}) if seqs else ()
    return {row.seq: row.id for row in rows}


def _ours(connection: Connection, tokens: Sequence[str], reviewer: str, holder: str) -> list[int]:
    made_here = [token for token in tokens if _TOKEN.fullmatch(token)]
    if not made_here:
        return []
    asked = {"tokens": made_here, "of_holder": holder, "of_reviewer": reviewer}
    return [row.candidate_seq for row in connection.execute(_LOCK, asked)]


def _claim(row: Any) -> Claim:
    return Claim(row.candidate_seq, row.token, row.reviewer, row.holder, row.until)


def _after(at: str, seconds: float) -> str:
    return as_text(datetime.fromisoformat(at) + timedelta(seconds=seconds))
