"""Bulk decisions: one action over many candidates, previewed before and undone together.

A lot is begun, which fixes the candidates that it is about, and then run, chunk by chunk, each
chunk a transaction. Its decisions have ids that follow from the lot's, so that running it again
after a crash doubles nothing; one that was cut short can be undone like any other.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from corrigenda.clock import now
from corrigenda.core import lots as rules
from corrigenda.core import tags as quick_tags
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import Action, Decision
from corrigenda.core.quality import check_correction
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, LotIdReused
from corrigenda.store import Database, Stored, candidates, guidelines, lots
from corrigenda.workbench import finding

IDS = 1000
"""Candidates that may be named one by one."""

CHUNK = 200
"""Candidates of one transaction: others who decide wait for one chunk at most."""

_SAMPLE = 5
_LOT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")

Progress = Callable[[int, int], bool]
"""Called with (candidates looked at, candidates in all); returns true to stop after the chunk."""


@dataclass(frozen=True)
class LotRequest:
    """What a lot is asked to do, to the candidates of `ids` or of `selection`.

    With `keep_category` each candidate keeps its own failure category; else all get
    `failure_category`, which may be `None`. With `from_reference` each is corrected with its own
    reference answer. `expected` is how many candidates a preview said would be touched.
    """

    action: str
    ids: tuple[str, ...] | None = None
    selection: Selection | None = None
    corrected_response: str | None = None
    corrected_parts: Mapping[str, Any] | None = None
    from_reference: bool = False
    failure_category: str | None = None
    keep_category: bool = True
    note: str | None = None
    tags: tuple[str, ...] = ()
    expected: int | None = None

    @property
    def named_action(self) -> Action:
        """The action, once the request is `checked`."""
        return Action(self.action)

    def checked(self, taxonomy: Taxonomy) -> "LotRequest":
        """Return the request if it can be used.

        Raises:
            InvalidInput: It cannot: an unknown action or category, a correction without a text,
                too many ids, or parts that cannot be.
        """
        if self.action not in rules.ACTIONS:
            known = ", ".join(f"`{action.value}`" for action in rules.ACTIONS)
            raise InvalidInput(f"A lot cannot `{self.action}`; use {known}.")
        if (self.ids is None) == (self.selection is None):
            raise InvalidInput("A lot needs either `ids` or a filter.")
        if self.ids is not None and len(self.ids) > IDS:
            raise InvalidInput(f"A lot may name at most {IDS} ids; use a filter for more.")
        if self.selection is not None:
            self.selection.checked(taxonomy)
        taxonomy.check(self.failure_category)
        quick_tags.clean(self.tags)
        self._check_text()
        if self.action == Action.CATEGORISE and self.keep_category:
            raise InvalidInput("To categorise, say the `failure_category` (or null for none).")
        return self

    def _check_text(self) -> None:
        parts = CorrectedParts.from_json(self.corrected_parts)
        if self.action != Action.CORRECT:
            if self.corrected_response is not None or parts or self.from_reference:
                raise InvalidInput(f"`{self.action}` takes no correction.")
        elif not self.from_reference:
            check_correction(self.corrected_response, parts)
        elif self.corrected_response is not None:
            raise InvalidInput("Give either `corrected_response` or `from_reference`, not both.")

    def as_json(self) -> dict[str, Any]:
        """What makes two requests the same; `expected` does not."""
        said = {**asdict(self), "tags": list(self.tags)}
        del said["expected"]
        said["ids"] = None if self.ids is None else list(self.ids)
        said["selection"] = None if self.selection is None else self.selection.as_json()
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "LotRequest":
        """Read what `as_json` gave."""
        chosen = said["selection"]
        return cls(
            **{
                **said,
                "ids": None if said["ids"] is None else tuple(said["ids"]),
                "selection": None if chosen is None else Selection.from_json(chosen),
                "tags": tuple(said["tags"]),
            }
        )


@dataclass
class LotReport:
    """What a lot did, or would do."""

    touched: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON, the most frequent reason first.

        Example:
            {"touched": 12, "skipped": [{"reason": "already decided", "n": 3}]}
        """
        reasons = [{"reason": reason, "n": n} for reason, n in self.skipped.most_common() if n]
        return {"touched": self.touched, "skipped": reasons}


@dataclass(frozen=True)
class Plan:
    """The candidates that a lot touches, by their `seq`, and why it leaves others as they are."""

    touched: tuple[int, ...]
    skipped: Counter[str]

    @property
    def total(self) -> int:
        """How many candidates were named or found."""
        return len(self.touched) + self.skipped.total()


def plan(
    database: Database, taxonomy: Taxonomy, request: LotRequest, lot_id: str | None = None
) -> Plan:
    """Which candidates a lot would touch, and why not the others; changes nothing.

    Those that the lot `lot_id` decided before it was cut short are among the touched.

    Raises:
        InvalidInput: See `LotRequest.checked`.
    """
    request.checked(taxonomy)
    action, wanted = request.named_action, request.failure_category
    skipped: Counter[str] = Counter()
    touched: list[int] = []
    with database.reading() as connection:
        own = set(lots.decided(connection, lot_id)) if lot_id else set()
        if request.selection is not None:
            seqs = lots.selected(connection, request.selection)
        else:
            seqs = lots.named(connection, request.ids or ())
            skipped[rules.UNKNOWN] = len(set(request.ids or ())) - len(seqs)
        for found in lots.standings(connection, [seq for seq in seqs if seq not in own]):
            reason = rules.reason_to_skip(action, found.status, found.category, wanted)
            if reason is None:
                touched.append(found.seq)
            else:
                skipped[reason] += 1
        touched.sort()
        if request.from_reference:
            fit = []
            for stored in candidates.of_seqs_in_order(connection, touched):
                if reason := _reference(stored)[1]:
                    skipped[reason] += 1
                else:
                    fit.append(stored.seq)
            touched = fit
    return Plan(tuple(sorted({*touched, *own})), +skipped)


def preview(database: Database, taxonomy: Taxonomy, request: LotRequest) -> dict[str, Any]:
    """What a lot would touch, with the first few of them in short form.

    Raises:
        InvalidInput: See `LotRequest.checked`.
    """
    planned = plan(database, taxonomy, request)
    with database.reading() as connection:
        sample = list(candidates.of_seqs_in_order(connection, planned.touched[:_SAMPLE]))
    report = LotReport(len(planned.touched), planned.skipped)
    return {
        "total": planned.total,
        **report.as_dict(),
        "sample": finding.rows(database, sample),
    }


def lot_id_of(text: str) -> str:
    """Return a lot's id if it can be one.

    Raises:
        InvalidInput: It cannot.
    """
    if not _LOT_ID.fullmatch(text):
        raise InvalidInput("`lot_id` must be 1 to 32 letters, digits, `-` or `_`.")
    return text


def note(
    connection: Any, lot_id: str, request: LotRequest, reviewer: str, at: str
) -> tuple[lots.Lot, bool]:
    """Write down that a lot begins; one that began before is found again: (lot, is it new).

    Raises:
        LotIdReused: Another lot has this id.
    """
    asked = request.as_json()
    found = lots.find(connection, lot_id)
    if found is None:
        params = {"request": asked, "guidelines": guidelines.current_version(connection)}
        return lots.create(connection, lot_id, request.action, params, reviewer, at), True
    if found.params["request"] != asked or found.reviewer != reviewer:
        raise LotIdReused(lot_id)
    return found, False


def run(
    database: Database,
    taxonomy: Taxonomy,
    lot_id: str,
    planned: Plan,
    progress: Progress | None = None,
) -> LotReport:
    """Decide on the candidates of a lot that was noted; those that it has decided stay so.

    One that somebody has decided on since the plan was made is skipped.

    Raises:
        UnknownLot: It was not noted.
        StorageError: What was decided before stays, and running it again goes on.
    """
    with database.reading() as connection:
        lot = lots.get(connection, lot_id)
    request = LotRequest.from_json(lot.params["request"])
    report = LotReport(skipped=Counter(planned.skipped))

    def chunk_of(part: Sequence[int]) -> Callable[[Any], LotReport]:
        return lambda connection: _decide(connection, taxonomy, lot, request, part)

    _in_chunks(database, planned.touched, chunk_of, report, progress)
    return report


def undo(
    database: Database,
    taxonomy: Taxonomy,
    lot_id: str,
    reviewer: str,
    progress: Progress | None = None,
) -> LotReport:
    """Lead the candidates of a lot back to where they stood before it.

    One that somebody has decided on since is left as it is.

    Raises:
        UnknownLot: There is none of this id.
    """
    with database.reading() as connection:
        lots.get(connection, lot_id)
        seqs = lots.decided(connection, lot_id)
    report = LotReport()

    def chunk_of(part: Sequence[int]) -> Callable[[Any], LotReport]:
        return lambda connection: _lead_back(connection, taxonomy, lot_id, reviewer, part)

    _in_chunks(database, seqs, chunk_of, report, progress)
    if not report.stopped:
        database.write(lambda connection: lots.undone(connection, lot_id, now()))
    return report


def newest(database: Database, limit: int = 50) -> list[dict[str, Any]]:
    """The newest lots, newest first."""
    with database.reading() as connection:
        found = lots.newest(connection, limit)
    keys = ("id", "action", "n", "reviewer", "created_at", "undone_at")
    return [{key: getattr(lot, key) for key in keys} for lot in found]


def _in_chunks(
    database: Database,
    seqs: Sequence[int],
    chunk_of: Callable[[Sequence[int]], Callable[[Any], LotReport]],
    report: LotReport,
    progress: Progress | None,
) -> None:
    for start in range(0, len(seqs), CHUNK):
        part = database.write(chunk_of(seqs[start : start + CHUNK]))
        report.touched += part.touched
        report.skipped += part.skipped
        done = min(start + CHUNK, len(seqs))
        if progress and progress(done, len(seqs)) and done < len(seqs):
            report.stopped = True
            return


def _decide(
    connection: Any, taxonomy: Taxonomy, lot: lots.Lot, request: LotRequest, seqs: Sequence[int]
) -> LotReport:
    chunk = lots.locked(connection, seqs)
    ids = {stored.seq: rules.decision_id(lot.id, stored.id) for stored in chunk}
    made = lots.known(connection, list(ids.values()))
    tagged = lots.tags_of(connection, seqs) if not request.tags else {}
    report = LotReport(touched=len(made))
    wanted: list[tuple[Stored, list[Decision]]] = []
    at = now()
    for stored in chunk:
        if ids[stored.seq] in made:
            continue
        state = stored.state
        reason = rules.reason_to_skip(
            request.named_action, state.status, state.failure_category, request.failure_category
        )
        text = request.corrected_response
        if reason is None and request.from_reference:
            text, reason = _reference(stored)
        if reason is not None:
            report.skipped[reason] += 1
            continue
        category = state.failure_category if request.keep_category else request.failure_category
        keeps_tags = request.named_action is Action.CATEGORISE and not request.tags
        decision = Decision(
            stored.id,
            request.named_action,
            decision_id=ids[stored.seq],
            reviewer=lot.reviewer,
            decided_at=at,
            corrected_response=text,
            failure_category=None if request.named_action is Action.UNDO else category,
            note=request.note or None,
            tags=tagged.get(stored.seq, ()) if keeps_tags else quick_tags.clean(request.tags),
            corrected_parts=CorrectedParts.from_json(request.corrected_parts),
            guidelines_version=lot.params["guidelines"],
            lot=lot.id,
        )
        wanted.append((stored, [decision]))
    refused = lots.append_all(connection, wanted, taxonomy)
    report.skipped[rules.DOES_NOT_FIT] += len(refused)
    done = len(wanted) - len(refused)
    report.touched += done
    lots.count(connection, lot.id, done)
    return report


def _lead_back(
    connection: Any, taxonomy: Taxonomy, lot_id: str, reviewer: str, seqs: Sequence[int]
) -> LotReport:
    chunk = lots.locked(connection, seqs)
    histories = lots.histories(connection, chunk)
    report = LotReport()
    wanted: list[tuple[Stored, list[Decision]]] = []
    at = now()
    for stored in chunk:
        steps = rules.way_back(
            stored.record, histories.get(stored.seq, []), lot_id, reviewer=reviewer, at=at
        )
        if steps:
            wanted.append((stored, steps))
        else:
            report.skipped[rules.DECIDED_SINCE] += 1
    refused = lots.append_all(connection, wanted, taxonomy)
    report.skipped[rules.DOES_NOT_FIT] += len(refused)
    report.touched = len(wanted) - len(refused)
    return report


def _reference(stored: Stored) -> tuple[str | None, str | None]:
    """(the reference answer, why it cannot be taken)."""
    text = rules.reference_of(stored.record)
    if text is None:
        return None, rules.NO_REFERENCE
    return text, None if text.strip() else rules.BLANK_REFERENCE
