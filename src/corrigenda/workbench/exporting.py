"""Exporting: approved corrections as training rows, in the order of arrival."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corrigenda import plugins
from corrigenda.core.decisions import Status
from corrigenda.core.example import of_correction
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.exports import ExportFormat
from corrigenda.store import Database
from corrigenda.workbench.streaming import stream

DEFAULT_FORMAT = "messages"


def rows(
    database: Database,
    taxonomy: Taxonomy,
    selection: Selection = EVERYTHING,
    format_name: str = DEFAULT_FORMAT,
) -> Iterator[dict[str, Any]]:
    """The training rows of the approved candidates selected, as a stream.

    The arguments are checked at once, not when the first row is asked for. A candidate that is
    approved or undone meanwhile is as it is when its batch is read.

    Raises:
        UnknownCategory, UnknownFormat: A name is not known.
    """
    form: ExportFormat = plugins.named(plugins.EXPORTS, format_name)
    chosen = replace(selection.checked(taxonomy), statuses=(Status.APPROVED,))
    return (
        form.row(of_correction(found.as_record()))
        for found in stream(database, chosen, only_exportable=True)
    )
