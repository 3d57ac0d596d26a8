"""Writing what a plan has chosen: a bundle of files, one file with its lists, or a stream.

    a folder                             a file                     a stream
    train.jsonl  validation.jsonl …      set.jsonl                  the rows
    rows.jsonl   left_out.jsonl          set.rows.jsonl
    README.md                            set.left_out.jsonl
    manifest.json                        set.manifest.json

The manifest comes last. The same plan gives the same bytes: there is no clock, place or name of
the export in them.
"""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from corrigenda.outputs import Folder, RowWriter, container_of, open_output
from corrigenda.outputs.places import opened
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.card import card
from corrigenda.workbench.curating.describing import (
    Counted,
    Facts,
    data_of,
    file_of,
    files_of,
    list_of,
    manifest_of,
)
from corrigenda.workbench.curating.examining import Progress, Stopped
from corrigenda.workbench.curating.items import Item
from corrigenda.workbench.curating.manifest import CARD, LEFT_OUT, MANIFEST, ROWS
from corrigenda.workbench.curating.naming import (
    PASSES,
    beside,
    container_for,
    file_names,
    refuse_splits,
    refuse_strangers,
)
from corrigenda.workbench.curating.plan import WHOLE, Plan

_EVERY = 1000  # rows, between two reports of progress


def write_folder(
    plan: Plan,
    folder: Folder,
    facts: Facts,
    *,
    container: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write a bundle; returns its manifest.

    Raises:
        InvalidInput: See `container_for`.
        Stopped: `progress` asked to stop.
    """
    names = file_names(plan, container_for(plan.form, container))
    with folder.writers(*names.values(), ROWS) as (*writers, listed):
        pairs = dict(zip(names, writers, strict=True))
        counted = _write_rows(plan, pairs, names, listed, progress)
    with folder.writer(LEFT_OUT) as left_out:
        _write_left_out(plan, left_out)
    others = [file_of(LEFT_OUT, left_out)]
    if plan.form.name == WHOLE:
        name = f"{PASSES}.{names['all'].partition('.')[2]}"
        with folder.writer(name) as passes:
            for record in plan.passes():
                passes.write(record)
        others.append(file_of(name, passes))
    files = files_of(names, pairs)
    manifest = manifest_of(plan, facts, counted, files, list_of(ROWS, listed))
    small = {CARD: card(manifest, plan.form), **plan.form.beside(names)}
    for name, data in small.items():
        folder.write(name, data)
        others.append(data_of(name, data))
    manifest["beside"] = others
    folder.write(MANIFEST, manifests.text(manifest))
    return manifest


def write_file(
    plan: Plan,
    destination: str | Path,
    facts: Facts,
    *,
    container: str | None = None,
    lists: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the rows into one file, and its lists and manifest beside it; returns the manifest.

    Raises:
        InvalidInput: There is more than one split, or the name does not say how to write.
        Stopped: `progress` asked to stop.
    """
    refuse_splits(plan.recipe, plan.form)
    chosen = container_for(plan.form, container_of(destination) or container)
    base, stem = beside(destination)
    if lists:
        refuse_strangers(base)
    name = Path(str(destination)).name
    with ExitStack() as stack:
        listed = None
        if lists:
            listed = stack.enter_context(open_output(f"{base}.{ROWS}"))
            left_out = stack.enter_context(open_output(f"{base}.{LEFT_OUT}"))
        writer = stack.enter_context(open_output(destination, container=chosen))
        counted = _write_rows(plan, {"all": writer}, {"all": name}, listed, progress)
        if lists:
            _write_left_out(plan, left_out)
    files = files_of({"all": name}, {"all": writer})
    manifest = manifest_of(plan, facts, counted, files, None)
    if listed is not None:
        manifest["rows"] = list_of(f"{stem}.{ROWS}", listed)
        manifest["beside"] = [file_of(f"{stem}.{LEFT_OUT}", left_out)]
        with opened(f"{base}.{MANIFEST}") as place:
            place.file.write(manifests.text(manifest))
    return manifest


def write_stream(
    plan: Plan,
    destination: str | Path | IO[bytes],
    facts: Facts,
    *,
    container: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the rows alone into a stream, a pipe or a device; returns the manifest.

    Raises:
        InvalidInput: There is more than one split.
        Stopped: `progress` asked to stop.
    """
    refuse_splits(plan.recipe, plan.form)
    chosen = container_for(plan.form, container)
    with open_output(destination, container=chosen) as writer:
        counted = _write_rows(plan, {"all": writer}, {"all": "-"}, None, progress)
    return manifest_of(plan, facts, counted, files_of({"all": "-"}, {"all": writer}), None)


def _write_rows(
    plan: Plan,
    writers: Mapping[str, RowWriter],
    names: Mapping[str, str],
    listed: RowWriter | None,
    progress: Progress | None,
) -> Counted:
    counted, total = Counted(), len(plan.items)
    for number, (item, row) in enumerate(plan.rows(), 1):
        writer = writers[item.split]
        line = writer.write(row)
        counted.add(item)
        if listed is not None:
            listed.write(_entry(item, names[item.split], writer.rows, line))
        if progress is not None and number % _EVERY == 0 and progress(number, total):
            raise Stopped
    if progress is not None and progress(total, total):
        raise Stopped
    return counted


def _entry(item: Item, file: str, line_number: int, line: bytes) -> dict[str, Any]:
    return {
        "file": file,
        "line": line_number,
        "id": item.id,
        "origin": item.origin.value,
        "revision": item.revision,
        "row_sha256": hashlib.sha256(line).hexdigest(),
        "category": item.category,
        "task": item.task or None,
        "model": item.model or None,
        "run_id": item.run_id or None,
        "split": item.split,
    }


def _write_left_out(plan: Plan, writer: RowWriter) -> None:
    for each in plan.findings.left_out:
        writer.write({"id": each.id, "reason": each.reason.value, "detail": each.detail})
