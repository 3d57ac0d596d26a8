"""What each kind of job does: from what is written in its row, in whatever process takes it up.

A kind must bear being done again from the start, since its worker may be killed at any moment: an
import skips what is there, a lot what it has decided, and the draft of an export is nobody's; a
training goes on from its last checkpoint, an evaluation with what is not answered yet. What cannot
be done twice is noted in the job's row by the transaction that does it, or before what it was done
from goes (`Progress.note`).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from corrigenda.core.recipe import Recipe
from corrigenda.errors import LotChanged
from corrigenda.jobs.evaluating import evaluate
from corrigenda.jobs.reports import Came, Progress, Report
from corrigenda.jobs.training import train
from corrigenda.store import jobs as rows
from corrigenda.store import lots as stored_lots
from corrigenda.train import pythons
from corrigenda.workbench import ImportRequest, Workspace, lots

Work = Callable[[Workspace, Mapping[str, Any], Progress], Report]
"""Does a job by its parameters."""


class Lane(StrEnum):
    """Jobs of one lane wait for each other, and for those of no other lane."""

    SHORT = "short"
    """Seconds to minutes."""

    LONG = "long"
    """Hours: what trains a model, or asks it, and needs the machine for itself."""

    ENDPOINT = "endpoint"
    """Hours: what waits for the answers of other machines."""


@dataclass(frozen=True)
class Kind:
    """One kind of job; `packages` are what the Python for models must have for it."""

    name: str
    lane: Lane
    work: Work
    packages: tuple[str, ...] = ()


def request_as_json(request: ImportRequest) -> dict[str, Any]:
    """What of the options of an import is not as it is by itself."""
    plain = asdict(ImportRequest())
    return {key: value for key, value in asdict(request).items() if value != plain[key]}


def _import(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Report:
    known = {each.name for each in fields(ImportRequest)}
    said = {key: value for key, value in params.get("request", {}).items() if key in known}
    request = ImportRequest(**said)
    if (upload_id := params.get("upload_id")) is not None:
        if progress.noted is not None:
            workspace.remove_upload(upload_id)
            return Came(dict(progress.noted))
        return workspace.import_upload(upload_id, progress, request, note=progress.note)
    return workspace.import_run(params["run_id"], progress, request)


def _export(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Report:
    if progress.noted is not None:
        workspace.settle_exports()
        workspace.export_folder(params["name"])  # or it says that it is gone
        return Came(dict(progress.noted))
    return workspace.make_export(
        Recipe.from_json(params["recipe"]),
        name=params["name"],
        reviewer=params.get("reviewer"),
        progress=progress,
        note=progress.note,
    )


def _lot(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Report:
    database, taxonomy, lot_id = workspace.database, workspace.taxonomy, params["lot_id"]
    with database.reading() as connection:
        asked = stored_lots.get(connection, lot_id).params["request"]
    workspace.refresh()
    planned = lots.plan(database, taxonomy, lots.LotRequest.from_json(asked), lot_id)
    # What has come in meanwhile was in nobody's preview.
    if len(planned.touched) > params.get("touches", len(planned.touched)):
        raise LotChanged(params["touches"], len(planned.touched))
    return lots.run(database, taxonomy, lot_id, planned, progress)


def _lot_undo(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Report:
    return lots.undo(
        workspace.database, workspace.taxonomy, params["lot_id"], params["reviewer"], progress
    )


KINDS = {
    kind.name: kind
    for kind in (
        Kind(rows.IMPORT, Lane.SHORT, _import),
        Kind(rows.EXPORT, Lane.SHORT, _export),
        Kind(rows.LOT, Lane.SHORT, _lot),
        Kind(rows.LOT_UNDO, Lane.SHORT, _lot_undo),
        Kind(rows.TRAIN, Lane.LONG, train, pythons.TRAINING),
        Kind(rows.EVALUATE, Lane.LONG, evaluate, pythons.GENERATING),
        Kind(rows.EVALUATE_ENDPOINT, Lane.ENDPOINT, evaluate),
    )
}
"""Every kind, by its name."""
