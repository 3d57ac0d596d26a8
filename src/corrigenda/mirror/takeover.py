"""At the first opening: what `sft_approved.jsonl` says is approved, is."""

from collections.abc import Callable

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, parse
from corrigenda.core.decisions import Status
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.errors import CorrigendaError, MalformedRecord
from corrigenda.jsonl import loads
from corrigenda.mirror.approved_lines import ApprovedLines, Scanned
from corrigenda.mirror.intake import REVIEWER, Context, file_decision
from corrigenda.store import Database, deciding, mirror_state
from corrigenda.store.arrivals import arrive

_BATCH = 500
Approved = tuple[int, Candidate]


def take_over(lines: ApprovedLines, database: Database, context: Context) -> list[Problem]:
    """Take over the approvals: unknown candidates come in, those that wait are approved.

    Where the candidates' file says otherwise, that counts, and the problem is returned.
    """
    problems: list[Problem] = []
    batch: list[Approved] = []

    def take() -> None:
        problems.extend(database.write(_taking(batch, context)))
        batch.clear()

    for scanned in lines.scan():
        try:
            candidate = _approved(scanned, context)
        except MalformedRecord as error:
            problems.append(Problem(context.file, scanned.number, error.message, error.field))
            continue
        except ValueError as error:
            problems.append(Problem(context.file, scanned.number, str(error)))
            continue
        if candidate is not None:
            batch.append((scanned.number, candidate))
        if len(batch) == _BATCH:
            take()
    if batch:
        take()
    return problems[:LIMIT]


def _approved(scanned: Scanned, context: Context) -> Candidate | None:
    record = loads(scanned.data)
    if isinstance(record, dict):
        if record.get("status", Status.APPROVED) != Status.APPROVED:
            return None
        record = {**record, "status": Status.APPROVED.value}
    return parse(record, context.taxonomy)


def _taking(batch: list[Approved], context: Context) -> Callable[[Connection], list[Problem]]:
    first = {candidate.id: (number, candidate) for number, candidate in reversed(batch)}

    def take(connection: Connection) -> list[Problem]:
        known = mirror_state.known(connection, list(first))
        arrive(
            connection,
            [candidate for name, (_, candidate) in first.items() if name not in known],
            reviewer=REVIEWER,
            at=context.now(),
            new_id=context.new_id,
        )
        problems = []
        for name, there in known.items():
            number, candidate = first[name]
            if there.state.status is not Status.APPROVED and not _approve(
                connection, candidate, context
            ):
                reason = f"`{name}` is {there.state.status} in the candidates' file, which counts"
                problems.append(Problem(context.file, number, reason, "status"))
        return problems

    return take


def _approve(connection: Connection, candidate: Candidate, context: Context) -> bool:
    try:
        with connection.begin_nested():
            deciding.append(connection, file_decision(candidate, context), context.taxonomy)
    except CorrigendaError:
        return False
    return True
