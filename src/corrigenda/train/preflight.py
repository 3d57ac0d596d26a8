"""Everything that can be known against a run before its first step, in one place.

`check RUN` prints it:

    {"findings": [{"level": "error", "code": "too_long", "message": "2 rows: …", …}],
     "facts": {"device": "cpu", "parameters": 158336, "steps": {"sft": 12}, …}}
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train import abilities, checkpoints, loading, model_files, quiet, templates
from corrigenda.train import rows as run_rows
from corrigenda.train.files import held
from corrigenda.train.findings import Finding, error, found, warning
from corrigenda.train.machine import GIB, Machine
from corrigenda.train.packing import Packed, packed
from corrigenda.train.plan import TrainPlan
from corrigenda.train.preparing import Prepared, Preparer
from corrigenda.train.rows import Row
from corrigenda.train.settings import Settings, Size, settle
from corrigenda.train.stages import rows_of

_LAST = 4  # tokens of an answer among which the one that ends it must be

NO_REPLAY = (
    "No passes are replayed: what the model does right on other prompts will be forgotten. "
    "Export with a share of replay."
)


@dataclass
class Checked:
    """What was found, and what was read for it, so that training need not read it again.

    Attributes:
        findings: Errors first.
        facts: Numbers about the run, as JSON.
        machine: Where it trains.
        words: The tokenizer, if it can be read.
        rows: Of the plan, by their use.
        prepared: The rows as sequences, by their use.
        settings: What the options come to, if that is known.
    """

    machine: Machine
    rows: dict[str, list[Row]]
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    words: Any = None
    prepared: dict[str, list[Prepared]] = field(default_factory=dict)
    settings: Settings | None = None

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop the run."""
        return [each for each in self.findings if each.level == "error"]

    def as_json(self) -> dict[str, Any]:
        """What `check` prints."""
        return {"findings": [each.as_json() for each in self.findings], "facts": self.facts}


def main(folder: Path) -> int:
    """Print what stands against a run; the exit code is 1 where something stops it."""
    quiet.libraries(folder)
    checked = check(folder, TrainPlan.read(folder))
    print(json.dumps(checked.as_json(), ensure_ascii=False, indent=1))  # noqa: T201  # its result
    return 1 if checked.errors else 0


def check(folder: Path, plan: TrainPlan) -> Checked:
    """Look at a run as its training will.

    Raises:
        CorrigendaError: The plan's files are missing or not what they were.
    """
    machine = Machine.look(folder, plan.options.device)
    checked = Checked(machine, run_rows.read(folder, plan))
    everything = [row for some in checked.rows.values() for row in some]
    checked.findings += [*_about_rows(plan, checked.rows), *run_rows.check(everything)]
    checked.findings += abilities.check(plan, machine)
    try:
        size = _about_model(plan, checked)
        _about_tokens(folder, plan, checked)
        if size is not None and checked.prepared:
            _about_room(folder, plan, checked, size)
    except InvalidInput as problem:
        checked.findings.append(error(problem.code, problem.message))
    checked.findings.sort(key=lambda each: each.level)  # errors come first, in their order
    checked.facts |= {"machine": machine.as_json(), "rows": _counts(checked.rows)}
    return checked


def _counts(rows: Mapping[str, Sequence[Row]]) -> dict[str, int]:
    return {use: len(some) for use, some in rows.items()}


def _about_rows(plan: TrainPlan, rows: Mapping[str, Sequence[Row]]) -> Iterator[Finding]:
    for use, file in plan.files().items():
        n = len(rows.get(use, ()))
        if n != file.rows:
            yield error("row_count", f"`{file.file}` has {n} rows; the plan says {file.rows}.")
    for stage in plan.stages:
        if not rows_of(stage, rows, 0):
            yield error("no_rows", f"There are no rows for the stage `{stage}`.")
    if not rows.get("replay"):
        yield warning("no_replay", NO_REPLAY)


def _about_model(plan: TrainPlan, checked: Checked) -> Size | None:
    folder = loading.model_folder(plan.model)
    if not [*folder.glob(model_files.WEIGHTS)]:
        message = f"`{plan.model.path}` has no weights in safetensors, and others are not read."
        checked.findings.append(error("no_weights", message))
    model = loading.skeleton(plan.model)
    config = model.config.get_text_config()
    parameters = trainable = sum(each.numel() for each in model.parameters())
    if (adapters := loading.adapters(plan)) is not None:
        from peft import get_peft_model

        try:
            model = get_peft_model(model, adapters)
        except ValueError as problem:
            first = str(problem).split("\n")[0][:300]
            checked.findings.append(error("lora_targets", f"LoRA cannot be put in: {first}"))
            return None
        trainable = model.get_nb_trainable_parameters()[0]
        names = {name.rpartition(".")[2] for name in model.base_model.targeted_module_names}
        checked.facts["lora_modules"] = sorted(names)
    checked.facts |= {"parameters": parameters, "trainable": trainable}
    return Size(
        parameters=parameters,
        trainable=trainable,
        hidden=getattr(config, "hidden_size", 0),
        layers=getattr(config, "num_hidden_layers", 1),
        vocabulary=config.vocab_size,
        longest=0,
    )


def _about_tokens(folder: Path, plan: TrainPlan, checked: Checked) -> None:
    words = checked.words = loading.tokenizer(plan.model)
    config = loading.config(plan.model).get_text_config()
    everything = [row for some in checked.rows.values() for row in some]
    rendered = templates.check(words, everything)
    checked.findings += rendered.findings
    if not rendered.rows or words.eos_token is None:
        return
    readable: dict[str, list[Row]] = {use: [] for use in checked.rows}
    for row in rendered.rows:
        readable[row.use].append(row)
    preparer = Preparer(words, plan.options, checked.machine, folder / checkpoints.FOLDER)
    checked.prepared = preparer.all(readable)
    sequences = [each for some in checked.prepared.values() for each in some]
    checked.findings += _about_sequences(sequences, plan.options.max_length, _ends(plan, words))
    checked.facts["tokens"] = {
        use: {
            "all": sum(len(each.ids) for each in some),
            "with_loss": sum(label != -100 for each in some for label in each.labels),
            "longest": max(len(each.ids) for each in some),
        }
        for use, some in checked.prepared.items()
    }
    if max(max(each.ids) for each in sequences) >= config.vocab_size:
        checked.findings.append(
            error("vocabulary", "The tokenizer has tokens that the model does not know.")
        )
    longest = max(len(each.ids) for each in sequences)
    if longest > (limit := getattr(config, "max_position_embeddings", None) or longest):
        message = f"The longest row has {longest} tokens; the model was made for {limit}."
        checked.findings.append(warning("positions", message))


def _ends(plan: TrainPlan, words: Any) -> set[int]:
    """The tokens at which an answer ends when the model is asked."""
    from transformers import GenerationConfig

    ends = {words.eos_token_id}
    try:
        generation = GenerationConfig.from_pretrained(
            plan.model.path, revision=plan.model.revision or "main"
        )
    except OSError:
        return ends
    said = generation.eos_token_id
    return ends | set(said if isinstance(said, list) else [] if said is None else [said])


def _about_sequences(
    sequences: Sequence[Prepared], max_length: int, ends: set[int]
) -> list[Finding]:
    too_long: dict[str, None] = {}  # places in their order, each once
    silent: dict[str, None] = {}
    endless: dict[str, None] = {}
    for each in sequences:
        trained = [label for label in each.labels if label != -100]
        if len(each.ids) > max_length:
            too_long[each.row.place] = None
        if not trained:
            silent[each.row.place] = None
        elif ends.isdisjoint(trained[-_LAST:]):
            endless[each.row.place] = None
    long = f"longer than `max_length`, {max_length} tokens, and would be cut or left out"
    end = "the token that ends the answer carries no loss: the model may not learn to stop"
    return [
        *found("error", "too_long", long, [*too_long]),
        *found("error", "no_loss", "no token carries loss", [*silent]),
        *found("warning", "no_end", end, [*endless]),
    ]


def _about_room(folder: Path, plan: TrainPlan, checked: Checked, size: Size) -> None:
    longest = max(len(each.ids) for some in checked.prepared.values() for each in some)
    size = replace(size, longest=min(longest, plan.options.max_length))
    counts = {stage: len(rows_of(stage, checked.rows, 0)) for stage in plan.stages}
    machine = checked.machine
    settings = checked.settings = settle(
        plan.options,
        machine,
        size,
        counts,
        packed=_packed(plan, checked),
        flash=abilities.has_flash(),
    )
    checked.facts |= settings.as_json()
    if settings.memory > machine.free:
        checked.findings.append(
            warning(
                "memory",
                f"Training takes about {_gib(settings.memory)} of memory; {_gib(machine.free)} "
                "are free. LoRA, a shorter `max_length` or more GPUs take less of each.",
            )
        )
    # What an earlier attempt has written is part of what is needed.
    disk = machine.disk + held(folder / checkpoints.FOLDER)
    if settings.disk > disk:
        checked.findings.append(
            error(
                "disk",
                f"Checkpoints ({_gib(settings.checkpoint)} each) and the result take "
                f"{_gib(settings.disk)}; {_gib(disk)} are free on the disk.",
            )
        )


def _packed(plan: TrainPlan, checked: Checked) -> Packed | None:
    """What the rows of supervised training are packed into, in the order in which it packs them."""
    if "sft" not in plan.stages:
        return None
    rows, seed = checked.prepared, plan.options.seed
    mixed = run_rows.mixed(rows.get("corrections", []), rows.get("replay", []), seed)
    return packed([len(each.ids) for each in mixed], plan.options.max_length)


def _gib(size: int) -> str:
    return f"{size / GIB:.2f} GiB"
