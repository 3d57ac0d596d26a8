"""One example as the model gets it, each token with whether it carries loss.

It is what the trainer's own collator gives:

    {"stage": "sft", "file": "data/corrections.jsonl", "line": 1, "answer": "completion",
     "tokens": [{"id": 256, "text": "<|im_start|>", "loss": false}, …]}
"""

import json
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train import loading, quiet
from corrigenda.train import rows as run_rows
from corrigenda.train.machine import Machine
from corrigenda.train.plan import TrainPlan
from corrigenda.train.preparing import Prepared, Preparer


def main(folder: Path) -> int:
    """Print an example of a run.

    Raises:
        CorrigendaError: The run has no rows, or they cannot be read.
    """
    quiet.libraries(folder)
    plan = TrainPlan.read(folder)
    rows = run_rows.read(folder, plan)
    stage = plan.stages[0]
    use = "pairs" if stage == "dpo" else "corrections"
    if not rows.get(use):
        raise InvalidInput(f"There are no rows of {use} to show.")
    words = loading.tokenizer(plan.model)
    machine = Machine.look(folder, plan.options.device)
    preparer = Preparer(words, plan.options, machine, folder / "checkpoints")
    example = preparer.some(use, rows[use][:1])[0]
    print(json.dumps(shown(stage, example, words), ensure_ascii=False))  # noqa: T201  # its result
    return 0


def shown(stage: str, example: Prepared, words: Any) -> dict[str, Any]:
    """The example as JSON; see the module."""
    return {
        "stage": stage,
        "file": example.row.file,
        "line": example.row.line,
        "answer": example.answer,
        "tokens": [
            {"id": token, "text": words.decode([token]), "loss": label != -100}
            for token, label in zip(example.ids, example.labels, strict=True)
        ],
    }
