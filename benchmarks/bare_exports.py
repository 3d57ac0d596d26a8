"""What an export is measured by: the shortest program that writes the same rows.

For each format a loop that selects the rows, decodes them, makes the rows and writes them, with
`sqlite3` or `psycopg`, `json`, `csv`, `gzip` and `pyarrow`, and nothing of this project. It
checks nothing, leaves nothing out and knows only the plain case: texts, no tools, no reasoning.
"""

import csv
import gzip
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Maker = Callable[[Row, str], list[Row]]

_APPROVED = """
SELECT body, corrected_response FROM candidates JOIN records USING (seq)
WHERE status = 'approved' AND exportable AND NOT held_out ORDER BY seq
"""
_WHOLE = """
SELECT body, c.corrected_response, c.status, c.failure_category, d.decision_id, d.action,
       d.reviewer, d.decided_at, d.note, d.tags, d.seconds
FROM candidates c JOIN records USING (seq) LEFT JOIN decisions d ON d.candidate_seq = c.seq
ORDER BY c.seq, d.seq
"""


def run(url: str, form: str, target: Path) -> int:
    """Write the rows of a format into a file, whose ending says how; returns how many."""
    return _write(_rows(url, form), target)


def _rows(url: str, form: str) -> Iterator[Row]:
    if form in ("csv", "candidates"):
        for values in _selected(url, _WHOLE):
            yield _record(*values) if form == "candidates" else _line(*values)
        return
    make = _MAKERS[form]
    for body, corrected in _selected(url, _APPROVED):
        yield from make(json.loads(body), json.loads(corrected))


def _selected(url: str, query: str) -> Iterator[Any]:
    if url.startswith("sqlite:///"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
            yield from database.execute(query)
        return
    import psycopg

    address = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as server, server.cursor("rows") as cursor:
        cursor.itersize = 500
        yield from cursor.execute(query)


def _record(
    body: str,
    corrected: str | None,
    status: str,
    category: str | None,
    decision_id: str | None,
    action: str,
    reviewer: str,
    decided_at: str,
    note: str | None,
    tags: str,
    seconds: float | None,
) -> Row:
    record: Row = json.loads(body)
    record["status"] = status
    record["corrected_response"] = None if corrected is None else json.loads(corrected)
    record["failure_category"] = category
    if decision_id is not None:
        decision = {
            "decision_id": decision_id,
            "action": action,
            "corrected_response": record["corrected_response"],
            "failure_category": category,
            "note": None if note is None else json.loads(note),
            "tags": json.loads(tags),
            "seconds": seconds,
            "reviewer": json.loads(reviewer),
            "decided_at": decided_at,
        }
        record["corrigenda_review"] = {"decisions": [decision]}
    return record


def _line(
    body: str,
    corrected: str | None,
    status: str,
    category: str | None,
    _: object,
    __: object,
    reviewer: str | None,
    decided_at: str | None,
    note: str | None,
    tags: str | None,
    ___: object,
) -> Row:
    record = json.loads(body)
    prompt = "\n\n".join(f"{m['role']}: {m['content']}" for m in record["prompt_messages"])
    return {
        "id": record["id"],
        "status": status,
        "prompt": prompt,
        "response": record["model_response"],
        "correction": "" if corrected is None else json.loads(corrected),
        "reference": record["reference_answer"],
        "category": category,
        "reason": record["failure_reason"],
        "score": record["quality_score"],
        "task": record["task_name"],
        "task_type": record["task_type"],
        "model": record["model_name"],
        "run": record["benchmark_run_id"],
        "reviewer": None if reviewer is None else json.loads(reviewer),
        "decided_at": decided_at,
        "note": note,
        "tags": tags,
    }


def _answer(text: str) -> Row:
    return {"role": "assistant", "content": text}


def _messages(record: Row, corrected: str) -> list[Row]:
    return [{"messages": [*record["prompt_messages"], _answer(corrected)]}]


def _axolotl(record: Row, corrected: str) -> list[Row]:
    said = [{**each, "train": False} for each in record["prompt_messages"]]
    return [{"messages": [*said, {**_answer(corrected), "train": True}]}]


def _prompt_completion(record: Row, corrected: str) -> list[Row]:
    return [{"prompt": record["prompt_messages"], "completion": [_answer(corrected)]}]


def _alpaca(record: Row, corrected: str) -> list[Row]:
    system, user = record["prompt_messages"]
    return [
        {
            "instruction": user["content"],
            "input": "",
            "output": corrected,
            "system": system["content"],
        }
    ]


def _sharegpt(record: Row, corrected: str) -> list[Row]:
    names = {"system": "system", "user": "human"}
    said = [
        {"from": names[each["role"]], "value": each["content"]}
        for each in record["prompt_messages"]
    ]
    return [{"conversations": [*said, {"from": "gpt", "value": corrected}], "tools": ""}]


def _preference(record: Row, corrected: str) -> list[Row]:
    chosen, rejected = [_answer(corrected)], [_answer(record["model_response"])]
    return [{"prompt": record["prompt_messages"], "chosen": chosen, "rejected": rejected}]


def _openai_preference(record: Row, corrected: str) -> list[Row]:
    return [
        {
            "input": {"messages": record["prompt_messages"]},
            "preferred_output": [_answer(corrected)],
            "non_preferred_output": [_answer(record["model_response"])],
        }
    ]


def _kto(record: Row, corrected: str) -> list[Row]:
    prompt = record["prompt_messages"]
    return [
        {"prompt": prompt, "completion": [_answer(corrected)], "label": True},
        {"prompt": prompt, "completion": [_answer(record["model_response"])], "label": False},
    ]


_MAKERS: dict[str, Maker] = {
    "messages": _messages,
    "openai": _messages,
    "axolotl": _axolotl,
    "prompt_completion": _prompt_completion,
    "alpaca": _alpaca,
    "sharegpt": _sharegpt,
    "preference": _preference,
    "openai_preference": _openai_preference,
    "kto": _kto,
}


def _write(rows: Iterable[Row], target: Path) -> int:
    if target.suffix == ".parquet":
        return _parquet(rows, target)
    with target.open("wb") as file:
        packed = _packed(file, target.suffix)
        with io.TextIOWrapper(packed, "utf-8", newline="") as text:
            count = _csv(rows, text) if ".csv" in target.suffixes else _lines(rows, text)
    return count


def _packed(file: Any, suffix: str) -> Any:
    if suffix == ".gz":
        return gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0)
    if suffix == ".zst":
        from backports import zstd

        return zstd.ZstdFile(file, "wb", level=3)
    return file


def _lines(rows: Iterable[Row], text: io.TextIOWrapper) -> int:
    count = 0
    for row in rows:
        text.write(json.dumps(row) + "\n")
        count += 1
    return count


def _csv(rows: Iterable[Row], text: io.TextIOWrapper) -> int:
    writer: csv.DictWriter[str] | None = None
    count = 0
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(text, row)
            writer.writeheader()
        writer.writerow(row)
        count += 1
    return count


def _parquet(rows: Iterable[Row], target: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer, part, count = None, [], 0
    for row in rows:
        part.append(row)
        count += 1
        if len(part) == 5_000:
            table = pa.Table.from_pylist(part)
            writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
            writer.write_table(table)
            part = []
    if part:
        table = pa.Table.from_pylist(part)
        writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return count
