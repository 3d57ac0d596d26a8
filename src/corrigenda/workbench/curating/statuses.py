"""Which statuses a filter may ask for: only approved corrections are trained on."""

from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.errors import InvalidInput
from corrigenda.exports import ExportFormat, Kind


def refuse_statuses(form: ExportFormat, selection: Selection) -> None:
    """Refuse a filter by status where a format is for training.

    Raises:
        InvalidInput: It asks for others than approved ones.
    """
    if form.kind is not Kind.RECORDS and set(selection.statuses) - {Status.APPROVED}:
        raise InvalidInput(
            f"`{form.name}` is for training, and only approved corrections are trained on; a "
            "status can be chosen for `candidates` and `csv`."
        )
