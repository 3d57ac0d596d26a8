"""The plan of an export: which rows it has, in which order, and what was left out and why.

    candidates ─ first pass ─▶ items ─ duplicates, balance, splits, passes ─▶ Plan
    Plan ─ second pass ─▶ rows

The first pass reads each candidate once and keeps a small item of it; the second reads those
that the export has once more and makes their rows. In between no text is in memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from corrigenda import plugins
from corrigenda.core.decisions import Status
from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, shorten
from corrigenda.exports import ExportFormat, Row
from corrigenda.store import Database, curation, restoring, tallies
from corrigenda.workbench.curating import again, choosing, remarks
from corrigenda.workbench.curating.examining import Progress, Stopped, Tools
from corrigenda.workbench.curating.items import Findings, Item, LeftOut, Reason, Stage
from corrigenda.workbench.curating.making import Maker
from corrigenda.workbench.curating.statuses import refuse_statuses

WHOLE = "candidates"
"""The format of which an export is a run in the native format, to be imported again."""


@dataclass
class Plan:
    """See the module.

    Attributes:
        recipe: What was asked for.
        form: The export format.
        items: What the export has, in the order of its rows.
        findings: What was left out, the stages, warnings, and counts of the items by category,
            task, model and split.
        conflicts: The ids of different corrections of one prompt, for each such prompt.
        lengths: How long the examples are; `None` where nobody measured.
        contaminated: The protected sets that rows are of, and how many; `None`: none.
        examined: How many of the candidates selected were looked at.
        total: How many candidates are selected.
    """

    recipe: Recipe
    form: ExportFormat
    items: list[Item]
    findings: Findings
    conflicts: list[list[str]]
    lengths: Mapping[str, Any] | None
    contaminated: Mapping[str, Any] | None
    examined: int
    total: int
    _database: Database = field(repr=False)
    _maker: Maker = field(repr=False)
    _changed: set[int] = field(default_factory=set, repr=False)

    @property
    def complete(self) -> bool:
        """Whether all candidates selected were looked at."""
        return self.examined >= self.total

    def rows(self, split: str | None = None) -> Iterator[tuple[Item, Row]]:
        """The rows, of one split or of all, as a stream in constant memory.

        What somebody has changed since the plan was made is left out and noted.
        """
        wanted = (item for item in self.items if split is None or item.split == split)
        for item, example in again.examples(self._database, self._maker, wanted):
            if example is not None:
                yield item, self.form.row(example)
            elif id(item) not in self._changed:
                self._changed.add(id(item))
                said = "It was changed while the export was made."
                self.findings.left_out.append(LeftOut(item.id, Reason.CHANGED, said))

    def passes(self) -> Iterator[Row]:
        """The passes that belong beside whole candidates; none of another format."""
        after = 0
        while self.form.name == WHOLE:
            with self._database.reading() as connection:
                batch = restoring.passes_after(connection, self.recipe.selection, after=after)
            if not batch:
                return
            for picked in batch:
                item = self._maker.of_pass(picked)
                example = None if item is None else self._maker.example(item, picked)
                if example is not None:
                    yield self.form.row(example)
            after = batch[-1].seq


def make_plan(
    database: Database,
    taxonomy: Taxonomy,
    recipe: Recipe,
    tools: Tools | None = None,
    *,
    progress: Progress | None = None,
    limit: int | None = None,
) -> Plan:
    """Choose the rows of an export; nothing is written but the splits that a splitter keeps.

    Args:
        database: The workspace's.
        taxonomy: The categories that there are.
        recipe: What is asked for.
        tools: Who examines the rows and puts them into splits.
        progress: Told how many candidates are read, of how many.
        limit: For a preview: only so many of the candidates selected are looked at, and a
            strict recipe refuses nothing.

    Raises:
        InvalidInput: The recipe cannot be used, or is strict and a row breaks a rule.
        Stopped: `progress` asked to stop.
    """
    recipe = recipe.checked(taxonomy)
    form: ExportFormat = plugins.named(plugins.EXPORTS, recipe.format)
    refuse_statuses(form, recipe.selection)
    findings, tools = Findings(), tools or Tools()
    maker = Maker(form, recipe, tools, findings)
    with database.reading() as connection:
        there = sum(tallies.by_status(connection, _all(maker)).values())
        total = sum(tallies.by_status(connection, maker.selection).values())
    items, examined = _first_pass(database, maker, progress, total, limit)
    findings.stages += [
        Stage("approved" if maker.training else "all", there),
        Stage("chosen", examined),
        Stage("allowed", maker.allowed),
        Stage("valid", len(items)),
    ]
    if recipe.strict and limit is None:
        _refuse_invalid(findings)
    whole = limit is None and maker.selection.restricted <= {"statuses"}
    items, conflicts = choosing.choose(database, maker, tools, items, findings, whole=whole)
    remarks.remark(database, maker, tools, items, findings)
    return Plan(
        recipe=recipe,
        form=form,
        items=items,
        findings=findings,
        conflicts=conflicts,
        lengths=tools.lengths.summary(items) if tools.lengths and maker.training else None,
        contaminated=tools.guard.contaminated(items) if tools.guard and maker.training else None,
        examined=examined,
        total=total,
        _database=database,
        _maker=maker,
    )


def _all(maker: Maker) -> Selection:
    return replace(EVERYTHING, statuses=(Status.APPROVED,)) if maker.training else EVERYTHING


def _first_pass(
    database: Database,
    maker: Maker,
    progress: Progress | None,
    total: int,
    limit: int | None,
) -> tuple[list[Item], int]:
    items: list[Item] = []
    examined = after = 0
    while limit is None or examined < limit:
        size = curation.BATCH if limit is None else min(curation.BATCH, limit - examined)
        with database.reading() as connection:
            batch = curation.candidates_after(connection, maker.selection, after=after, limit=size)
        if not batch:
            break
        for picked in batch:
            items.extend(maker.of_candidate(picked))
        examined += len(batch)
        after = batch[-1].seq
        if progress is not None and progress(examined, max(examined, total)):
            raise Stopped
    return items, examined


def _refuse_invalid(findings: Findings) -> None:
    broken = [left for left in findings.left_out if left.reason is Reason.INVALID]
    if broken:
        rows = "1 row breaks" if len(broken) == 1 else f"{len(broken)} rows break"
        raise InvalidInput(
            f"{rows} a rule of the format; the first is `{shorten(broken[0].id)}`: "
            f"{broken[0].detail}"
        )
