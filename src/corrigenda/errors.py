"""Every error that Corrigenda raises on purpose.

    CorrigendaError
    ├── InvalidInput            the caller sent something that cannot be used
    │   ├── BlankCorrection     `correct` without a text
    │   ├── UnknownCategory     a failure category that the workspace does not have
    │   ├── UnknownFormat       an export or source format that is not installed
    │   └── MalformedRecord     a candidate line that breaks the record's rules
    ├── NotFound                a name that leads nowhere
    │   ├── UnknownCandidate
    │   ├── UnknownRun
    │   ├── UnknownJob
    │   ├── UnknownLot
    │   ├── UnknownUpload
    │   ├── UnknownExport
    │   └── UnknownReviewer
    ├── Conflict                the world has moved on since the caller looked
    │   ├── AlreadyDecided      somebody was first
    │   ├── ClaimTakenOver      the candidate came into another reviewer's hands
    │   ├── NothingToUndo       the candidate is already in the queue
    │   ├── NothingToAmend      the candidate has no correction to better
    │   ├── DecisionIdReused    the same `decision_id` with another content
    │   ├── LotChanged          a lot would touch other candidates than its preview said
    │   ├── LotIdReused         the same `lot_id` with another content
    │   ├── GuidelinesChanged   somebody saved the guidelines first
    │   ├── CategoryInUse       a category that decisions name cannot be removed
    │   ├── ReviewerExists      a reviewer of this name is there
    │   ├── ExportExists        a snapshot of this name is there, and stays as it is
    │   └── ExportChanged       an export cannot be made again as it was
    ├── ConfigError             `label_tool.yaml` or an environment variable is wrong
    ├── WorkspaceInUse          another process owns this workspace
    ├── SchemaMismatch          the database is of another version than this program
    └── StorageError            the disk or the database refuses
        └── StorageFull

Each carries a stable `code` for programs and a sentence for people; `details` are JSON values
which the HTTP API adds to its problem document.

Example:
    >>> try:
    ...     raise UnknownRun("2026-04-07")
    ... except CorrigendaError as error:
    ...     print(error.code, "-", error)
    unknown_run - There is no run `2026-04-07` in the benchmark folder.
"""

from typing import Any


class CorrigendaError(Exception):
    """Base of all errors; catch it to handle whatever Corrigenda refuses."""

    code = "error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: dict[str, Any] = details


class InvalidInput(CorrigendaError):
    """The request cannot be used as it is; sending it again will not help."""

    code = "invalid_request"


class BlankCorrection(InvalidInput):
    """A correction needs a text that is more than white space."""

    code = "blank_correction"

    def __init__(self) -> None:
        super().__init__("A correction needs a text; `corrected_response` is missing or blank.")


class UnknownCategory(InvalidInput):
    """The failure category is not one of the workspace's."""

    code = "unknown_category"

    def __init__(self, name: object, allowed: tuple[str, ...]) -> None:
        super().__init__(
            f"Unknown failure category `{shorten(str(name))}`; allowed are "
            + ", ".join(f"`{a}`" for a in allowed)
            + ".",
            allowed=list(allowed),
        )


class UnknownFormat(InvalidInput):
    """No source or export of that name is installed."""

    code = "unknown_format"

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(
            f"Unknown {kind} `{shorten(name)}`; known are "
            + ", ".join(f"`{k}`" for k in known)
            + ".",
            known=list(known),
        )


class MalformedRecord(InvalidInput):
    """A candidate record breaks a rule; `field` says which key, if one is to blame."""

    code = "malformed_record"

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


class NotFound(CorrigendaError):
    """What was named does not exist."""

    code = "not_found"


class UnknownCandidate(NotFound):
    """No candidate has this id."""

    code = "unknown_candidate"

    def __init__(self, candidate_id: str) -> None:
        super().__init__(f"There is no candidate `{shorten(candidate_id)}` in this workspace.")


class UnknownRun(NotFound):
    """No run of this name is in the benchmark folder, or was imported."""

    code = "unknown_run"

    def __init__(self, run_id: str, place: str = "in the benchmark folder", hint: str = "") -> None:
        super().__init__(f"There is no run `{shorten(run_id)}` {place}{hint}.")


class UnknownJob(NotFound):
    """No job has this id."""

    code = "unknown_job"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job `{shorten(job_id)}`.")


class UnknownLot(NotFound):
    """No lot has this id."""

    code = "unknown_lot"

    def __init__(self, lot_id: str) -> None:
        super().__init__(f"There is no lot `{shorten(lot_id)}`.")


class UnknownUpload(NotFound):
    """No uploaded file has this id; it was imported, or lay here for more than a day."""

    code = "unknown_upload"

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"There is no uploaded file `{shorten(upload_id)}`; "
            "it was imported already, or removed after a day. Upload it again."
        )


class UnknownExport(NotFound):
    """No snapshot, or no file in it, has this name."""

    code = "unknown_export"

    def __init__(self, name: str, file: str | None = None) -> None:
        super().__init__(
            f"There is no export `{shorten(name)}` in this workspace."
            if file is None
            else f"The export `{shorten(name)}` has no file `{shorten(file)}`."
        )


class UnknownReviewer(NotFound):
    """No reviewer has this name."""

    code = "unknown_reviewer"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no reviewer `{shorten(name)}`; `corrigenda reviewer list` names all."
        )


class Conflict(CorrigendaError):
    """Nothing was written, because the state is not what the caller believed."""

    code = "conflict"


class AlreadyDecided(Conflict):
    """Somebody decided this candidate first; says who, what and when.

    The store adds the `decision` that stands, as the history shows it, with its text.
    """

    code = "already_decided"

    def __init__(
        self,
        candidate_id: str,
        status: str,
        decided_by: str | None,
        decided_at: str | None,
        **details: Any,
    ) -> None:
        by = f" by `{decided_by}`" if decided_by else ""
        at = f" at {decided_at}" if decided_at else ""
        super().__init__(
            f"`{shorten(candidate_id)}` is already {status}{by}{at}; undo that first.",
            decided_status=status,
            decided_by=decided_by,
            decided_at=decided_at,
            **details,
        )


class ClaimTakenOver(Conflict):
    """The claim that a decision carries ran out, and another reviewer has the candidate now.

    If it is decided already, the store adds the `decision` that stands, as for `AlreadyDecided`.
    """

    code = "claim_taken_over"

    def __init__(self, candidate_id: str, claimed_by: str, **details: Any) -> None:
        super().__init__(
            f"`{shorten(candidate_id)}` is in the hands of `{shorten(claimed_by)}` now, "
            "for your claim on it ran out; nothing was changed.",
            claimed_by=claimed_by,
            **details,
        )


class NothingToUndo(Conflict):
    """The candidate is waiting for review, so there is no decision to take back."""

    code = "nothing_to_undo"

    def __init__(self, candidate_id: str) -> None:
        super().__init__(f"`{shorten(candidate_id)}` has no decision to undo.")


class NothingToAmend(Conflict):
    """The candidate is waiting for review, so there is no correction to better."""

    code = "nothing_to_amend"

    def __init__(self, candidate_id: str) -> None:
        super().__init__(f"`{shorten(candidate_id)}` has no correction to amend; correct it.")


class DecisionIdReused(Conflict):
    """A `decision_id` names one decision for good; this one came with another content."""

    code = "decision_id_reused"

    def __init__(self, decision_id: str) -> None:
        super().__init__(
            f"The decision id `{shorten(decision_id)}` was already used for another decision; "
            "make a new one."
        )


class LotChanged(Conflict):
    """A lot would touch another number of candidates than expected; look at the preview again."""

    code = "lot_changed"

    def __init__(self, expected: int, touched: int) -> None:
        super().__init__(
            f"This would now change {touched} candidates, not {expected}; "
            "look at the preview again.",
            expected=expected,
            touched=touched,
        )


class LotIdReused(Conflict):
    """A `lot_id` names one lot for good; this one came with another content."""

    code = "lot_id_reused"

    def __init__(self, lot_id: str) -> None:
        super().__init__(
            f"The lot id `{shorten(lot_id)}` was already used for another lot; make a new one."
        )


class GuidelinesChanged(Conflict):
    """Somebody saved the guidelines since the version that the text is based on."""

    code = "guidelines_changed"

    def __init__(self, based_on: int, newest: int, author: str | None) -> None:
        by = f" by `{shorten(author)}`" if author else ""
        super().__init__(
            f"The guidelines were changed{by}: the newest version is {newest}, "
            f"this text is based on {based_on}.",
            version=newest,
            author=author,
        )


class CategoryInUse(Conflict):
    """A failure category that candidates or decisions name cannot be removed."""

    code = "category_in_use"

    def __init__(self, name: str, n: int) -> None:
        times = "once" if n == 1 else f"{n} times"
        super().__init__(
            f"The failure category `{shorten(name)}` cannot be removed: it is used {times}.",
            category=name,
            n=n,
        )


class ReviewerExists(Conflict):
    """There is a reviewer of this name; another link for them is made by renewing theirs."""

    code = "reviewer_exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is a reviewer `{shorten(name)}` already; "
            "`corrigenda reviewer renew` makes another link for them.",
            name=name,
        )


class ExportExists(Conflict):
    """A snapshot is never changed; another export needs another name."""

    code = "export_exists"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is an export `{shorten(name)}` already, and it stays as it is; "
            "choose another name.",
            name=name,
        )


class ExportChanged(Conflict):
    """An export made again would not be what it was; the details say of which rows, and why."""

    code = "export_changed"


class ConfigError(CorrigendaError):
    """The configuration cannot be read or says something impossible."""

    code = "config_error"


class WorkspaceInUse(CorrigendaError):
    """Another process serves this workspace."""

    code = "workspace_in_use"


class SchemaMismatch(CorrigendaError):
    """The database was made by a newer program, or is not a Corrigenda database."""

    code = "schema_mismatch"


class StorageError(CorrigendaError):
    """The disk or the database refuses; nothing was written."""

    code = "storage_unavailable"


class StorageFull(StorageError):
    """No space is left; nothing was written."""

    code = "storage_full"


def shorten(text: str, limit: int = 80) -> str:
    """Cut a text for a message, so that a megabyte of id does not end up in a log."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
