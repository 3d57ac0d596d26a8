"""Exporting as it is: everything approved as training rows, in the order of arrival."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from corrigenda import plugins
from corrigenda.core.decisions import Status
from corrigenda.core.example import of_correction
from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.exports import ExportFormat, Kind
from corrigenda.store import Database, restoring
from corrigenda.workbench.curating.examining import Tools
from corrigenda.workbench.curating.guard import PromptGuard
from corrigenda.workbench.curating.plan import make_plan
from corrigenda.workbench.curating.statuses import refuse_statuses
from corrigenda.workbench.protected_index import index_of
from corrigenda.workbench.streaming import batches

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

    Prompts of protected benchmarks are left out; in other formats than `messages` also what
    breaks a rule of the format, and pairs that teach nothing. A format that is not for training
    has every candidate selected, in any status. Where answers are rejected the whole is looked at
    first, since what is right elsewhere is not rejected, and single answers are shuffled: these
    rows are those of a plan (see `curating.plan`).

    Raises:
        UnknownCategory, UnknownFormat: A name is not known.
        InvalidInput: Other than approved candidates are asked for, and the format is for training.
    """
    form: ExportFormat = plugins.named(plugins.EXPORTS, format_name)
    chosen = selection.checked(taxonomy)
    if form.kind is Kind.RECORDS:
        return (form.row(of_correction(each)) for each in _whole(database, chosen))
    refuse_statuses(form, chosen)
    if form.kind is not Kind.SFT:
        return _planned(database, taxonomy, Recipe(format=form.name, selection=chosen))
    approved = replace(chosen, statuses=(Status.APPROVED,))
    found = chain.from_iterable(batches(database, approved, only_exportable=True))
    examples = (of_correction(each.record) for each in found)
    if protected := index_of(database):
        examples = (each for each in examples if protected.find(each.prompt) is None)
    made = (form.row(each) for each in examples)
    if form.name == DEFAULT_FORMAT:
        return made
    return (row for row in made if form.problem(row) is None)


def _planned(database: Database, taxonomy: Taxonomy, recipe: Recipe) -> Iterator[dict[str, Any]]:
    guard = PromptGuard(database) if index_of(database) else None
    for _, row in make_plan(database, taxonomy, recipe, Tools(guard=guard)).rows():
        yield row


def _whole(database: Database, selection: Selection) -> Iterator[dict[str, Any]]:
    """The records of the candidates selected, with their histories."""
    companion = restoring.Companion()
    for batch in batches(database, selection):
        with database.reading() as connection:
            companion.add(connection, batch)
        yield from (each.record for each in batch)
