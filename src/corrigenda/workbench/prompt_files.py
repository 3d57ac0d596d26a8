"""The prompts of a benchmark's test set, read from whatever holds them.

    a table        JSON, JSON lines, CSV, TSV, Parquet: the column that is the prompt
    an eval log    of any format that can be imported: its samples' prompts
    a text         a prompt on each line

A file of which anything cannot be read is refused as a whole: a prompt that is missing would be
one that is trained on.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corrigenda import inputs
from corrigenda.core import ngrams
from corrigenda.core.problem import Problem
from corrigenda.errors import InvalidInput, shorten
from corrigenda.inputs import Entry, File
from corrigenda.jsonl import storage_errors
from corrigenda.sources import ReadOptions
from corrigenda.sources.base.delimited import delimited
from corrigenda.sources.base.messages import messages, user
from corrigenda.sources.base.rows import kind_of, rows
from corrigenda.sources.base.utf16 import as_utf8
from corrigenda.sources.plain.mapping import check_paths
from corrigenda.sources.plain.recognise import columns_of, recognise
from corrigenda.sources.plain.record import Reading
from corrigenda.workbench import recognising
from corrigenda.workbench.protected_index import prompt_text

_OTHER_NAMES = ("prompt_messages", "text", "ctx", "goal", "sentence", "statement", "content")
"""Columns that are a prompt in a test set, though not in a table of answers."""

_FIRST = 200


def prompts_in(named: str | Path, field: str | None = None, *, ngram: int) -> Iterator[str]:
    """The prompts in a file, a directory, an archive, standard input (`-`), or a URL.

    Args:
        named: What the user named.
        field: The column that is the prompt, where it is not to be guessed.
        ngram: A question of fewer words is taken together with its choices.

    Raises:
        InvalidInput: There is nothing to read, or something cannot be read.
    """
    files = inputs.files_of(named)
    some = False
    for file in files:
        for text in _of_file(file, field, ngram, alone=len(files) == 1):
            some = True
            yield text
    if not some:
        raise InvalidInput(f"There is no prompt in `{shorten(str(named), 400)}`.")


def _of_file(file: File, field: str | None, ngram: int, *, alone: bool) -> Iterator[str]:
    with storage_errors(file.label):
        if field is None:
            logs = [s for s in recognising.sources() if s.name != recognising.LAST]
            source = next((each for each in logs if each.sniff(file) is not None), None)
            if source is not None:
                for run in source.runs(file):
                    for sample in source.read(run, ReadOptions()):
                        if isinstance(sample, Problem):
                            raise _unreadable(sample)
                        if sample.record.get("prompt_messages"):
                            yield prompt_text(sample.record["prompt_messages"])
                return
        if inputs.is_archive(file):
            for member in inputs.members(file):
                yield from _of_file(member, field, ngram, alone=False)
            return
        yield from _of_table_or_text(file, field, ngram, alone=alone)


def _of_table_or_text(file: File, field: str | None, ngram: int, *, alone: bool) -> Iterator[str]:
    """The prompts of a table; beside other files, what is none is left alone."""
    if (listed := _listed(file)) is not None:
        yield from listed
        return
    is_text = file.name.lower().endswith((".txt", ".text", ".md"))
    kind = None if is_text else kind_of(file)
    lone_column = kind is None and file.name.lower().endswith((".csv", ".tsv"))
    if kind is None and not lone_column:
        if field is not None:
            raise InvalidInput(f"`{file.label}` is no table, and has no column `{field}`.")
        if wrong := inputs.trouble(file):
            raise InvalidInput(wrong)
        if alone or is_text:
            yield from _lines(file)
        return
    read = delimited(as_utf8(file), ",") if lone_column else rows(file)
    yield from _of_rows(file, read, field, ngram, alone=alone)


def _of_rows(
    file: File,
    read: Iterator[Entry | Problem],
    field: str | None,
    ngram: int,
    *,
    alone: bool,
) -> Iterator[str]:
    first: list[Entry] = []
    for entry in read:
        first.append(_sound(entry))
        if len(first) == _FIRST:
            break
    if not first:
        return
    values = [entry.value for entry in first]
    columns = columns_of(values)
    roles = _roles(values, columns, field)
    if not roles:
        if not alone:
            return
        there = ", ".join(f"`{name}`" for name in columns[:20])
        raise InvalidInput(
            f"`{file.label}` has no column that is known to be a prompt; there are {there}: say "
            "which it is with `--field`.",
            columns=columns,
        )
    for entry in (*first, *(_sound(each) for each in read)):
        if text := _of_row(entry.value, roles, ngram):
            yield text


def _roles(values: list[dict[str, Any]], columns: list[str], field: str | None) -> dict[str, str]:
    """Which columns make the prompt; empty where none is known to."""
    if field is not None:
        check_paths([field], values, columns)
        return {"prompt": field}
    if _OTHER_NAMES[0] in columns:
        return {"prompt": _OTHER_NAMES[0]}
    roles = recognise(values, {})
    wanted = ("prompt", "messages", "input", "choices")
    found = {role: roles[role] for role in wanted if roles.get(role)}
    if roles.get("id") == found.get("prompt"):
        found.pop("prompt", None)
    if found.keys() & {"prompt", "messages"}:
        return found
    other = next((name for name in _OTHER_NAMES if name in columns), None)
    return {"prompt": other} if other else {}


def _of_row(row: dict[str, Any], roles: dict[str, str], ngram: int) -> str:
    """A short question is one only with its choices: `Which of these is true?`."""
    bare = {role: path for role, path in roles.items() if role != "choices"}
    found, _ = Reading(row, bare).turns()
    text = prompt_text(found or [])
    if "choices" in roles and len(ngrams.words(text).words) < ngram:
        found, _ = Reading(row, roles).turns()
        text = prompt_text(found or [])
    return text


def _listed(file: File) -> Iterator[str] | None:
    """The prompts of `["2 + 2?", …]`, or of lines that are JSON texts; `None` if it is neither."""
    head = file.head().lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"[") and head[1:].lstrip().startswith(b'"'):
        return _texts(inputs.elements(file))
    if head.startswith(b'"') and file.name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return _texts(inputs.lines(file))
    return None


def _texts(read: Iterator[Entry | Problem]) -> Iterator[str]:
    for entry in read:
        value = _sound(entry).value
        found = user(value) if isinstance(value, str) else messages(value)
        yield prompt_text(found or user(json.dumps(value)))


def _lines(file: File) -> Iterator[str]:
    with as_utf8(file).open() as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError:
                raise InvalidInput(
                    f"`{file.label}` is no text: line {number} is not UTF-8."
                ) from None
            if text:
                yield text


def _sound(entry: Entry | Problem) -> Entry:
    if isinstance(entry, Problem):
        raise _unreadable(entry)
    return entry


def _unreadable(problem: Problem) -> InvalidInput:
    return InvalidInput(f"Nothing was protected: {problem}.")
