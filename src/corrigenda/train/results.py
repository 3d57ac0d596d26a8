"""The result of a stage: a model in a folder, there only when all of it is."""

import json
import shutil
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train import loading
from corrigenda.train.files import keep_all
from corrigenda.train.plan import TrainPlan

MODEL = "model"
MERGED = "merged"
_NOT_OURS = ("training_args.bin", "README.md")  # a pickle, and an empty model card
_REFERENCE = "ref"  # the adapter that TRL compares with


def write(trainer: Any, folder: Path, dtype: str | None) -> None:
    """Write the trained model; every process must call it.

    Args:
        trainer: Whose training is done.
        folder: Of the result.
        dtype: The type that its weights get, as `bfloat16`; `None` leaves them.
    """
    unfinished = _unfinished(folder)
    if trainer.args.should_save:
        shutil.rmtree(unfinished, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    trainer.save_model(str(unfinished))
    if trainer.args.should_save:
        for name in _NOT_OURS:
            (unfinished / name).unlink(missing_ok=True)
        shutil.rmtree(unfinished / _REFERENCE, ignore_errors=True)
        _refuse_nonsense(unfinished)
        if dtype is not None:
            _cast(unfinished, dtype)
        _finish(folder)
    trainer.accelerator.wait_for_everyone()


def merge(plan: TrainPlan, words: Any, adapter: Path, folder: Path) -> None:
    """Write the base model with an adapter worked into its weights."""
    import peft
    import torch
    import transformers

    unfinished = _unfinished(folder)
    shutil.rmtree(unfinished, ignore_errors=True)
    base = transformers.AutoModelForCausalLM.from_pretrained(
        plan.model.path,
        revision=plan.model.revision,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,  # a sum in 16 bits would lose what the adapter has learnt
    )
    merged = peft.PeftModel.from_pretrained(base, adapter).merge_and_unload()
    merged.save_pretrained(unfinished)
    words.save_pretrained(unfinished)
    if (dtype := own_dtype(plan)) is not None:
        _cast(unfinished, dtype)
    _finish(folder)


def own_dtype(plan: TrainPlan) -> str | None:
    """The type of the base model's weights, as its configuration has it."""
    found = getattr(loading.config(plan.model), "dtype", None)
    return None if found is None else str(found).removeprefix("torch.")


def _unfinished(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.partial")


def _finish(folder: Path) -> None:
    unfinished = _unfinished(folder)
    keep_all(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def _refuse_nonsense(folder: Path) -> None:
    """Refuse weights that are no numbers: a trainer comes to its end with them as well."""
    import torch
    from safetensors import safe_open

    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  # it is no dictionary
                found = file.get_tensor(name)
                if found.is_floating_point() and not torch.isfinite(found).all():
                    raise InvalidInput(
                        f"Training has failed: `{name}` is not finite any more. Start another "
                        "run with a lower learning rate."
                    )


def _cast(folder: Path, dtype: str) -> None:
    """Give the weights in a folder the type that the base model's have."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    wanted = getattr(torch, dtype)
    saved = 0
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            about = file.metadata()
        if any(each.is_floating_point() and each.dtype != wanted for each in tensors.values()):
            cast = {k: v.to(wanted) if v.is_floating_point() else v for k, v in tensors.items()}
            save_file(cast, path, metadata=about)
            saved += sum(each.nbytes for each in cast.values())
    index = folder / "model.safetensors.index.json"
    if saved and index.exists():
        found = json.loads(index.read_text("utf-8"))
        found["metadata"]["total_size"] = saved
        index.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    config = folder / "config.json"
    if saved and config.exists():
        found = json.loads(config.read_text("utf-8"))
        config.write_text(json.dumps(found | {"dtype": dtype}, indent=2) + "\n", "utf-8")
