"""What TRL's trainers make of rows: their tokens, and which of them carry loss.

Nothing is reckoned here: the rows go through the trainer's own preparation and collator, with a
model of a few weights in the place of the real one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput, shorten
from corrigenda.train.loading import stand_in, table
from corrigenda.train.machine import Machine
from corrigenda.train.options import TrainOptions
from corrigenda.train.rows import COMPLETIONS, Row
from corrigenda.train.settings import dtype_of


@dataclass(frozen=True)
class Prepared:
    """A sequence as the model gets it.

    Attributes:
        row: Where it comes from.
        answer: The key of the answer in it: `completion`, `chosen` or `rejected`.
        ids: Its tokens.
        labels: The same tokens, with -100 in the place of those without loss.
    """

    row: Row
    answer: str
    ids: Sequence[int]
    labels: Sequence[int]


class Preparer:
    """Asks the trainers of a run what they make of rows.

    Args:
        words: The tokenizer.
        options: Of the run.
        machine: Where it trains.
        folder: Where a trainer may put a folder.
    """

    def __init__(self, words: Any, options: TrainOptions, machine: Machine, folder: Path) -> None:
        self._words = words
        dtype = dtype_of(options, machine)
        # The libraries keep one state for a process: it must be that of the real trainer.
        self._arguments: dict[str, Any] = {
            "output_dir": str(folder),
            "use_cpu": machine.device != "cuda",
            "bf16": dtype == "bfloat16",
            "fp16": dtype == "float16",
            "max_length": None,
            "activation_checkpointing": False,
            "report_to": "none",
            "disable_tqdm": True,
        }

    def all(self, rows: Mapping[str, Sequence[Row]]) -> dict[str, list[Prepared]]:
        """The sequences of all rows, by their use, in their order; two for each pair."""
        return {use: self.some(use, some) for use, some in rows.items() if some}

    def some(self, use: str, rows: Sequence[Row]) -> list[Prepared]:
        """The sequences of rows of one use.

        Raises:
            InvalidInput: The trainer refuses them, or the options.
        """
        try:
            return self._pairs(rows) if use == "pairs" else self._supervised(rows)
        except ValueError as error:
            said = " ".join(str(error).split())
            raise InvalidInput(f"The trainer refuses the {use}: {shorten(said, 300)}") from error

    def _supervised(self, rows: Sequence[Row]) -> list[Prepared]:
        from trl import SFTConfig, SFTTrainer

        trainer = SFTTrainer(
            model=stand_in(self._words),
            processing_class=self._words,
            train_dataset=table(rows, ("completion",)),
            args=SFTConfig(**self._arguments),
        )
        found = []
        for row, data in zip(rows, trainer.train_dataset, strict=True):
            batch = trainer.data_collator([data])
            ids, labels = batch["input_ids"][0].tolist(), batch["labels"][0].tolist()
            found.append(Prepared(row, "completion", ids, labels))
        return found

    def _pairs(self, rows: Sequence[Row]) -> list[Prepared]:
        from trl import DPOConfig, DPOTrainer

        model = stand_in(self._words)
        trainer = DPOTrainer(
            model=model,
            ref_model=stand_in(self._words),
            processing_class=self._words,
            train_dataset=table(rows, COMPLETIONS["pairs"]),
            args=DPOConfig(**self._arguments),
        )
        found = []
        for row, data in zip(rows, trainer.train_dataset, strict=True):
            batch = trainer.data_collator([data])
            for place, answer in enumerate(COMPLETIONS["pairs"]):
                there = batch["attention_mask"][place].bool()
                ids = batch["input_ids"][place][there].tolist()
                trained = batch["completion_mask"][place][there].tolist()
                labels = [token if on else -100 for token, on in zip(ids, trained, strict=True)]
                found.append(Prepared(row, answer, ids, labels))
        return found
