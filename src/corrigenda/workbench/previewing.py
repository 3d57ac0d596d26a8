"""What a correction that is being written would be trained on, before it is decided."""

from typing import Any

from corrigenda import plugins
from corrigenda.clock import now
from corrigenda.core.candidate import with_state
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import Action, Decision, ReviewState, decide
from corrigenda.core.example import of_correction
from corrigenda.core.quality import remarks
from corrigenda.core.reasoning import UNRESOLVED, subject
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.exports import ExportFormat
from corrigenda.store import Database, candidates
from corrigenda.workbench.exporting import DEFAULT_FORMAT


def preview(
    database: Database,
    taxonomy: Taxonomy,
    candidate_id: str,
    corrected_response: str | None,
    corrected_parts: object = None,
    format_name: str = DEFAULT_FORMAT,
) -> dict[str, Any]:
    """The training row of a correction, and what there is to say about it; changes nothing.

    It is made by what decides and exports, whatever the candidate's status is.

    Raises:
        UnknownCandidate: There is none of this id.
        UnknownFormat: There is no export format of this name.
        InvalidInput: `correct` with this text and these parts would be refused.

    Example:
        {"row": {"messages": [{"role": "user", "content": "2 + 2?"},
                              {"role": "assistant", "content": "4"}]},
         "warnings": [], "held_back": None}
    """
    form: ExportFormat = plugins.named(plugins.EXPORTS, format_name)
    parts = CorrectedParts.from_json(corrected_parts)
    with database.reading() as connection:
        record = candidates.get(connection, candidate_id).record
    asked = Decision(
        candidate_id,
        Action.CORRECT,
        decision_id="preview",
        reviewer="preview",
        decided_at=now(),
        corrected_response=corrected_response,
        corrected_parts=parts,
    )
    after = decide(ReviewState(), asked, taxonomy, record)
    original = subject(record, parts.turn if parts else None)
    return {
        "row": form.row(of_correction(with_state(record, after))),
        "warnings": [r.as_dict() for r in remarks(original, corrected_response, parts)],
        "held_back": UNRESOLVED if after.held_back else None,
    }
