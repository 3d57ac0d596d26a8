"""A folder for another trainer: a configuration, and the rows in the shape that it reads.

The rows are those that a training here would have. What a trainer has no place for is left out
and counted: it would be skipped there, or stop it.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corrigenda import plugins
from corrigenda.core.example import Example
from corrigenda.errors import InvalidInput
from corrigenda.exports import ExportFormat
from corrigenda.jsonl import atomic_write, read_records, write_records
from corrigenda.train import emitting
from corrigenda.train.emitting import TRAIN, VALIDATION
from corrigenda.train.plan import Data, DataFile, TrainPlan

_FORMATS = {"axolotl": "axolotl", "llama-factory": "sharegpt"}


def emit(source: Path, target: Path, plan: TrainPlan, kind: str) -> list[str]:
    """Write the folder for another trainer.

    Args:
        source: The folder of the training, prepared.
        target: The folder to write into.
        plan: Of the training; of the methods `sft` or `dpo`.
        kind: One of `emitting.KINDS`.

    Returns:
        What somebody should know, a sentence each.

    Raises:
        InvalidInput: See `emitting.check`; or no row is left.
        StorageError: The disk refuses.
    """
    emitting.check(kind, plan.method)
    rows = _Rows(source, target, kind, paired=plan.method == "dpo")
    files = {TRAIN: _trained(plan), VALIDATION: [plan.data.validation]}
    if plan.method == "dpo":
        files[VALIDATION] = []
    for name, sources in files.items():
        rows.write(name, [each for each in sources if each is not None])
    if TRAIN not in rows.written:
        raise InvalidInput(f"No row is left that {kind} has a place for. {' '.join(rows.remarks)}")
    name, text = emitting.configuration(
        kind,
        plan.method,
        plan.model,
        plan.options,
        rows=rows.written[TRAIN],
        validation=VALIDATION in rows.written,
    )
    texts = {name: text}
    if kind == "llama-factory":
        named = {file.split(".")[0]: file for file in rows.written}
        texts["dataset_info.json"] = emitting.dataset_info(plan.method, named)
    for file, content in texts.items():
        with atomic_write(target / file) as opened:
            opened.write(content.encode())
    return [*rows.remarks, *_remarks(plan.method, plan.data)]


class _Rows:
    """Writes rows as a trainer reads them."""

    def __init__(self, source: Path, target: Path, kind: str, *, paired: bool) -> None:
        self._source = source
        self._target = target
        self._kind = kind
        self._format: ExportFormat = plugins.named(plugins.EXPORTS, _FORMATS[kind])
        self._paired = paired
        self.written: dict[str, int] = {}
        self.remarks: list[str] = []

    def write(self, name: str, files: Sequence[DataFile]) -> None:
        """Write a file of rows of several; none where there is no row."""
        left_out: list[str] = []
        if files:
            n = write_records(self._target / name, self._made(files, left_out))
            if n:
                self.written[name] = n
            else:
                (self._target / name).unlink()
        if left_out:
            self.remarks.append(
                f"{len(left_out)} rows of {name} are left out, since {self._kind} has no place for "
                f"them; the first: {left_out[0]}"
            )

    def _made(self, files: Sequence[DataFile], left_out: list[str]) -> Iterator[dict[str, Any]]:
        for file in files:
            for row in read_records(self._source / file.file):
                made, problem = self._row(row)
                if problem is None:
                    yield made
                else:
                    left_out.append(problem)

    def _row(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
        if not self._paired:
            return self._one(row, row["completion"][0])
        better, wrong = self._one(row, row["chosen"][0])
        worse, other = self._one(row, row["rejected"][0])
        if self._kind == "axolotl":
            return _axolotl_pair(row), wrong or other or _calls(row)
        *_, chosen = better["conversations"]
        *_, rejected = worse["conversations"]
        conversation = better["conversations"][:-1]
        pair = {"conversations": conversation, "chosen": chosen, "rejected": rejected}
        return {**pair, "tools": better["tools"]}, wrong or other

    def _one(
        self, row: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> tuple[dict[str, Any], str | None]:
        example = Example(
            id="",
            prompt=tuple(row["prompt"]),
            answer=answer,
            rejected=None,
            tools=tuple(row.get("tools") or ()),
            record={},
        )
        made = self._format.row(example)
        return made, self._format.problem(made)


def _axolotl_pair(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"messages": row["prompt"], "chosen": row["chosen"][0], "rejected": row["rejected"][0]}


def _calls(row: Mapping[str, Any]) -> str | None:
    """Axolotl's pairs are rendered from role and content alone."""
    messages = [*row["prompt"], *row["chosen"], *row["rejected"]]
    if row.get("tools") or any(each.get("tool_calls") for each in messages):
        return "A pair has tools or tool calls, which Axolotl leaves out of pairs."
    if any(each.get("reasoning_content") for each in messages):
        return "A pair has reasoning, which Axolotl leaves out of pairs."
    return None


def _trained(plan: TrainPlan) -> list[DataFile | None]:
    if plan.method == "dpo":
        return [plan.data.pairs]
    return [plan.data.corrections, plan.data.replay]


def _remarks(method: str, data: Data) -> Iterator[str]:
    if method == "dpo" and data.replay is not None:
        yield (
            f"The {data.replay.rows} passes are left out: these trainers have no term that keeps "
            "them beside pairs. What the model had right may be forgotten."
        )
