"""The histories of candidates, on their way out of a workspace and into another.

What comes in is a stranger's word. It can say where a new candidate stands, as any line can, and
who decided that and when; it changes nothing of what is here already: no candidate, no decision,
and no right answer of a prompt that is known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, label
from corrigenda.core.history import FIELD, decision_json
from corrigenda.core.selection import Selection
from corrigenda.errors import InvalidInput
from corrigenda.store import decisions, references, runs
from corrigenda.store.curation import Picked, of_passes, passes_at
from corrigenda.store.schema import candidates, passes
from corrigenda.store.schema import decisions as rows
from corrigenda.store.schema import reference_versions as versions

_PART = 500
_SOURCE = "native"


class Companion:
    """Puts beside records what of their histories an export of whole candidates has.

    One for each export, in the order of arrival: the right answers of a prompt go out once.
    """

    def __init__(self) -> None:
        """Begin an export."""
        self._shares: dict[str, float] | None = None
        self._told: set[str] = set()

    def add(self, connection: Connection, found: Sequence[Picked]) -> None:
        """Add the histories of candidates.

        Args:
            connection: To read by.
            found: Candidates, each as it stands at a revision. Its record gets the history up
                to there as its last key.
        """
        if self._shares is None:
            self._shares = {run: share for run, share in runs.held_out(connection).items() if share}
        history = _decisions(connection, {each.seq: each.revision for each in found})
        known: dict[str, list[dict[str, Any]]] = {}
        if references.are_there(connection):
            keys = {each.prompt_key for each in found if each.prompt_key} - self._told
            known = _references(connection, keys)
        for picked in sorted(found, key=attrgetter("seq")):
            record, run_id, key = picked.record, picked.run_id, picked.prompt_key
            said: dict[str, Any] = {}
            if run_id is not None and label(record.get("benchmark_run_id")) is None:
                said["run_id"] = run_id
            if share := self._shares.get(run_id or ""):
                said["held_out_share"] = share
            if picked.seq in history:
                said["decisions"] = history[picked.seq]
            if key is not None and key in known:
                said["references"] = known.pop(key)
                self._told.add(key)
            record.pop(FIELD, None)
            if said:
                record[FIELD] = said


def passes_after(
    connection: Connection, selection: Selection, *, after: int = 0, limit: int = _PART
) -> list[Picked]:
    """The next passes after `seq == after`, as an export of whole candidates has them.

    Of the selection count the models, tasks, task types and runs; none is left out for being
    held out of training.
    """
    query = sa.select(passes.c.seq).where(*of_passes(selection), passes.c.seq > after)
    seqs = connection.execute(query.order_by(passes.c.seq).limit(limit)).scalars().all()
    found = passes_at(connection, seqs)
    for picked in found.values():
        if picked.run_id is not None and label(picked.record.get("benchmark_run_id")) is None:
            picked.record[FIELD] = {"run_id": picked.run_id}
    return [found[seq] for seq in seqs]


def note_shares(connection: Connection, batch: Sequence[Candidate], *, at: str) -> None:
    """Note which shares of new runs are held out, so that what follows of them is, too."""
    said = {
        each.run_id: each.history.held_out_share
        for each in batch
        if each.history and each.history.held_out_share and each.run_id
    }
    for run_id, share in said.items():
        try:
            runs.note(connection, run_id, _SOURCE, share, at)
        except InvalidInput:  # the run is known, and is what it was first imported as
            continue


def with_free_decisions(
    connection: Connection, fresh: Mapping[str, Candidate]
) -> tuple[dict[str, Candidate], tuple[str, ...]]:
    """New candidates, those without their history whose decisions have ids that are taken.

    Returns:
        The candidates by id, and the ids of those whose history was left out.
    """
    asked = [
        d.decision_id for each in fresh.values() if each.history for d in each.history.decisions
    ]
    taken = decisions.known_ids(connection, asked) if asked else set()
    found: dict[str, Candidate] = {}
    left: list[str] = []
    for name, each in fresh.items():
        if each.history is None:
            found[name] = each
            continue
        own = [decision.decision_id for decision in each.history.decisions]
        if len(set(own)) < len(own) or taken.intersection(own):
            state = replace(each.state, revision=0, decided_by=None, decided_at=None)
            found[name] = replace(each, state=state, history=None)
            left.append(name)
            continue
        taken.update(own)
        found[name] = replace(each, history=each.history.of(name))
    return found, tuple(left)


def add_references(connection: Connection, fresh: Sequence[Candidate]) -> None:
    """Put in the right answers that came with the first candidate of a prompt."""
    said = {
        each.prompt_key: each.history.references
        for each in reversed(fresh)
        if each.prompt_key and each.history and each.history.references
    }
    if not said:
        return
    query = sa.select(candidates.c.prompt_key).where(candidates.c.prompt_key.in_(said))
    known = set(connection.execute(query).scalars()) | set(references.newest(connection, said))
    for key, found in said.items():
        for each in found if key not in known else ():
            references.add(connection, key, references.Version(**vars(each)))


def _decisions(
    connection: Connection, revisions: Mapping[int, int]
) -> dict[int, list[dict[str, Any]]]:
    """The decisions on each candidate up to a revision: somebody may have decided meanwhile."""
    decided = [seq for seq, at in revisions.items() if at]
    if not decided:
        return {}
    query = (
        sa.select(rows)
        .where(rows.c.candidate_seq.in_(decided), rows.c.binding)
        .order_by(rows.c.candidate_seq, rows.c.seq)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query):
        if row.revision > revisions[row.candidate_seq]:
            continue
        said = decision_json(decisions.entry("", row).decision)
        found.setdefault(row.candidate_seq, []).append(said)
    return found


def _references(connection: Connection, keys: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    query = (
        sa.select(versions)
        .where(versions.c.prompt_key.in_(keys))
        .order_by(versions.c.prompt_key, versions.c.version)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query) if keys else ():
        said = references.Version(
            row.version, tuple(row.answers), row.author, row.note, row.created_at
        )
        found.setdefault(row.prompt_key, []).append(said.as_json())
    return found
