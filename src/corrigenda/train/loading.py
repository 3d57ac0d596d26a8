"""The tokenizer, the model and the tables of rows, as the trainers take them.

Weights come from safetensors alone, and no code of a model is run.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train import model_files
from corrigenda.train.files import digest
from corrigenda.train.plan import BaseModel, TrainPlan
from corrigenda.train.rows import Row, columns
from corrigenda.train.settings import Settings


def tokenizer(model: BaseModel) -> Any:
    """The tokenizer of a model.

    Raises:
        InvalidInput: There is none that can be read.
    """
    import transformers

    try:
        return transformers.AutoTokenizer.from_pretrained(
            model.path, revision=model.revision, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InvalidInput(
            f"The tokenizer of `{model.path}` cannot be read: {_short(error)}"
        ) from None


def config(model: BaseModel) -> Any:
    """The configuration of a model.

    Raises:
        InvalidInput: There is none that can be read.
    """
    import transformers

    try:
        return transformers.AutoConfig.from_pretrained(
            model.path, revision=model.revision, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(f"The model `{model.path}` cannot be read: {_short(error)}") from None


def skeleton(model: BaseModel) -> Any:
    """The model without its weights, which takes no memory.

    Raises:
        InvalidInput: It is no causal language model that transformers knows.
    """
    import torch
    import transformers

    found = config(model)
    auto: Any = transformers.AutoModelForCausalLM  # its functions have no types
    try:
        with torch.device("meta"):
            return auto.from_config(found, trust_remote_code=False)
    except (ValueError, KeyError, ImportError, AttributeError) as error:
        raise InvalidInput(f"`{model.path}` cannot be trained: {_short(error)}") from None


def weights(path: str, plan: TrainPlan, settings: Settings, *, revision: str | None = None) -> Any:
    """The model with its weights, on the CPU, or quantized on the GPU.

    Raises:
        InvalidInput: The weights cannot be read.
    """
    import torch
    import transformers

    options: dict[str, Any] = {"dtype": getattr(torch, settings.stored)}
    if settings.attention is not None:
        options["attn_implementation"] = settings.attention
    if plan.options.quantize:
        bits: Any = transformers.BitsAndBytesConfig  # without types
        options["quantization_config"] = bits(
            load_in_4bit=True,
            bnb_4bit_quant_type=plan.options.quantize,
            bnb_4bit_compute_dtype=getattr(torch, settings.dtype),
            bnb_4bit_use_double_quant=True,
        )
        # Its kernels quantize on the GPU, so that it cannot be moved there afterwards.
        options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}
    try:
        return transformers.AutoModelForCausalLM.from_pretrained(
            path, revision=revision, trust_remote_code=False, use_safetensors=True, **options
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InvalidInput(f"The weights of `{path}` cannot be read: {_short(error)}") from None


def adapters(plan: TrainPlan) -> Any:
    """The configuration of LoRA, or `None`."""
    lora = plan.options.lora
    if lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=lora.targets if isinstance(lora.targets, str) else list(lora.targets),
        task_type="CAUSAL_LM",
    )


def stand_in(words: Any) -> Any:
    """A model of a few weights, for a trainer that is only asked what it makes of rows."""
    import torch
    import transformers

    with torch.random.fork_rng(devices=[]):
        return transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                vocab_size=len(words),
                hidden_size=2,
                intermediate_size=2,
                num_hidden_layers=1,
                num_attention_heads=1,
                tie_word_embeddings=True,
            )
        )


def table(rows: Sequence[Row], answers: Sequence[str]) -> Any:
    """A dataset in memory, in which every message and tool keeps its shape.

    A table whose columns are guessed from the rows gives each call of a tool the arguments of
    all others, as nulls.
    """
    from datasets import Dataset, Features, Json, List

    found = columns(rows, answers)
    features = {key: Json() if key == "tools" else List(Json()) for key in found[0]}
    return Dataset.from_list(found, features=Features(features))


def model_digests(model: BaseModel) -> dict[str, str]:
    """The SHA-256 of each file of a model that decides what it says, by its name.

    Raises:
        InvalidInput: There is no such model on this machine.
    """
    return model_files.digests(model_folder(model))


def model_folder(model: BaseModel) -> Path:
    """Where the files of a model are: its own folder, or that of the Hub's cache.

    All of them are fetched that are missing there, if that is allowed.

    Raises:
        InvalidInput: There is no such model on this machine, and it cannot be fetched.
    """
    if Path(model.path).is_dir():
        return Path(model.path)
    import huggingface_hub
    from transformers.utils.hub import cached_file

    try:
        if not huggingface_hub.constants.HF_HUB_OFFLINE:
            found = huggingface_hub.snapshot_download(
                model.path,
                revision=model.revision,
                allow_patterns=list(model_files.PATTERNS),
                ignore_patterns=list(model_files.LEFT_OUT),
            )
            return Path(found)
        # What is there was perhaps fetched by somebody else, who left out what we would take.
        config = cached_file(model.path, "config.json", revision=model.revision)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"There is no model `{model.path}`: {_short(error)}") from None
    return Path(str(config)).parent


def weights_digest(folder: Path) -> str:
    """The SHA-256 of a model's weights: of its one file, or of `DIGEST  NAME` lines of several."""
    files = sorted(folder.glob("*.safetensors"))
    if len(files) == 1:
        return digest(files[0])
    lines = "".join(f"{digest(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _short(error: BaseException) -> str:
    first = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
    return first[:300] + "."
