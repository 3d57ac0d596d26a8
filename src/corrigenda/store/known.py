"""What is there already of some candidates, without reading a record that need not be read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, Record, same_content
from corrigenda.store import candidates
from corrigenda.store.rows import marks
from corrigenda.store.schema import id_key

_PART = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate of this id, stored or earlier in the same batch; `record` reads its record."""

    run_id: str | None
    digest: str
    record: Callable[[], Record]

    @classmethod
    def arriving(cls, candidate: Candidate) -> "Known":
        """One that has just come."""
        return cls(candidate.run_id, candidate.digest, lambda: candidate.record)

    def is_same(self, candidate: Candidate) -> bool:
        """Whether another record differs at most in id, run, time and review state."""
        return self.digest == candidate.digest or same_content(self.record(), candidate.record)


def known(connection: Connection, ids: Iterable[str]) -> dict[str, Known]:
    """What is stored of these ids."""
    keys = [id_key(each) for each in ids]
    found: dict[str, Known] = {}
    for start in range(0, len(keys), _PART):
        part = keys[start : start + _PART]
        listed = marks(connection, len(part))
        query = f"SELECT id, run_id, digest FROM candidates WHERE id_key IN {listed}"
        for name, run_id, digest in connection.exec_driver_sql(query, tuple(part)):
            found[name] = Known(run_id, digest, _reader(connection, name))
    return found


def _reader(connection: Connection, candidate_id: str) -> Callable[[], Record]:
    return lambda: candidates.get(connection, candidate_id).record
