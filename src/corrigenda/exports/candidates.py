"""`candidates`: whole candidates as they now stand, to be imported again; not for training.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   the same, with the fields that nobody knows, and its history (see `core.history`)

A file of them is a run in the native format: `corrigenda import` takes it, and each candidate
has its status, its correction and its decisions again.
"""

from corrigenda.core.example import Example
from corrigenda.exports.base import Format, Kind, Part, Row, message_parts, turns


class CandidatesFormat(Format):
    """See the module."""

    name = "candidates"
    kind = Kind.RECORDS
    title = "Whole candidates, to be imported again"

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        return dict(example.record)

    def problem(self, row: Row) -> str | None:  # noqa: ARG002
        """See `ExportFormat.problem`; what could be stored can be written."""
        return None

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`; nothing of it is trained on."""
        said = (("response", "model_response"), ("correction", "corrected_response"))
        return [
            *message_parts(turns(row.get("prompt_messages") or ()), trained=False),
            *(Part(name, str(row[field]), False) for name, field in said if row.get(field)),
        ]
