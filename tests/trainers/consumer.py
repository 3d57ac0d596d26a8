"""What trainers make of exported files: run by the Python of the training environment.

    python -m tests.trainers.consumer JOBS RESULTS

Both are JSON files. A job is `{"name", "kind", "path", …}`, and its result is under its name:

    load      the rows that `datasets` reads of a file or a folder: {"train": […], …}
    template  the answers as a chat template of TRL's writes them, or the first error
    other     what another trainer reads, see `others`: {"trained": [text, …]}
    sft, dpo, kto   what TRL's trainer makes of the rows; with `steps`, also how training went:
              {"rows": [[segment, …], …], "loss": 5.1, "finite": true, "learnt": true}

A segment is a message as it stands before the model: `{"role", "text", "trained"}`, where
`trained` is `all`, `none` or `some` of its tokens with the one that ends it, and `head` the same
of what is before its text.

Nothing of Corrigenda is imported, and nothing is asked of a network.
"""

import copy
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TOKENIZERS_PARALLELISM="false")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")

import datasets
import torch
import transformers
import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer

from tests.trainers import others

Result = dict[str, Any]

# Each message with one mark before and one after it, its parts as Corrigenda shows them.
TEMPLATE = """\
{%- macro text(content) %}
    {%- if content is string %}{{ content }}{% else %}
        {%- for part in content %}{{ part.text }}{% endfor %}
    {%- endif %}
{%- endmacro %}
{%- if tools %}
    {{- '<|im_start|>tools\\n' }}
    {%- for tool in tools %}
        {{- tool | tojson }}
        {%- if not loop.last %}{{ '\\n' }}{% endif %}
    {%- endfor %}
    {{- '<|im_end|>' }}
{%- endif %}
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}
        {%- if message.reasoning_content %}
            {{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}
        {%- endif %}
        {{- text(message.content) }}
        {%- for call in message.tool_calls or [] %}
            {%- set function = call.function %}
            {%- set arguments = function.arguments %}
            {%- if message.content or not loop.first %}{{ '\\n' }}{% endif %}
            {{- '<tool_call>\\n{"name": ' + function.name | tojson + ', "arguments": ' }}
            {{- arguments if arguments is string else arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>' }}
        {%- endgeneration %}
    {%- else %}
        {{- text(message.content) + '<|im_end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
"""


def tokenizer(template: str = TEMPLATE) -> Any:
    """One token for each byte, so that every text comes back as it was."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    fast: Any = transformers.PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=made,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        additional_special_tokens=["<|im_start|>"],
    )
    fast.chat_template = template
    return fast


def model(vocabulary: int) -> Any:
    """A language model that knows nothing, of some thousand weights."""
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=8192,
    )
    return transformers.LlamaForCausalLM(config)


def read(path: str) -> Any:
    """The rows of a file, by the reader that its name asks for."""
    reader = "parquet" if path.endswith(".parquet") else "json"
    return datasets.load_dataset(reader, data_files=path, split="train")


def load(job: Result) -> Result:
    """The rows of a file, or of each split of a folder."""
    if Path(job["path"]).is_dir():
        return {name: list(rows) for name, rows in datasets.load_dataset(job["path"]).items()}
    return {"train": list(read(job["path"]))}


def other(job: Result) -> Result:
    """What another trainer reads."""
    reader = others.READERS[job["reader"]]
    return {"trained": list(reader(Path(job["path"]), tokenizer(), read, **job.get("options", {})))}


def segments(ids: Sequence[int], trained: Sequence[bool], words: Any) -> list[Result]:
    """The messages of a sequence; see the module."""
    start, end = words.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"])
    line = words.convert_tokens_to_ids("Ċ")  # a line feed, as byte-level tokens write it
    found = []
    at = 0
    while at < len(ids):
        assert ids[at] == start, words.decode(ids[at:])
        body = ids.index(line, at) + 1
        after = ids.index(end, body) + 1
        found.append(
            {
                "role": words.decode(ids[at + 1 : body - 1]),
                "text": words.decode(ids[body : after - 1]),
                "trained": _how_many(trained[body:after]),
                "head": _how_many(trained[at:body]),
            }
        )
        at = after
    return found


def _how_many(flags: Sequence[bool]) -> str:
    return "all" if all(flags) else "some" if any(flags) else "none"


def sft(trainer: Any, words: Any) -> Iterator[list[Result]]:
    for row in trainer.train_dataset:
        labels = row["labels"]
        assert all(
            label in (-100, token) for label, token in zip(labels, row["input_ids"], strict=True)
        )
        yield segments(row["input_ids"], [label != -100 for label in labels], words)


def dpo(trainer: Any, words: Any) -> Iterator[list[list[Result]]]:
    """For each row the better and the worse sequence, as the model gets them."""
    for row in trainer.train_dataset:
        batch = trainer.data_collator([row])
        yield [_of_batch(batch, place, words) for place in (0, 1)]


def _of_batch(batch: Any, place: int, words: Any) -> list[Result]:
    there = batch["attention_mask"][place].bool()
    ids = batch["input_ids"][place][there].tolist()
    return segments(ids, batch["completion_mask"][place][there].bool().tolist(), words)


def kto(trainer: Any, words: Any) -> Iterator[Result]:
    for row in trainer.train_dataset:
        ids = row["prompt_ids"] + row["completion_ids"]
        trained = [False] * len(row["prompt_ids"]) + [True] * len(row["completion_ids"])
        yield {"label": row["label"], "segments": segments(ids, trained, words)}


TRAINERS: dict[str, tuple[Any, Any, Callable[[Any, Any], Iterator[Any]]]] = {
    "sft": (SFTTrainer, SFTConfig, sft),
    "dpo": (DPOTrainer, DPOConfig, dpo),
    "kto": (KTOTrainer, KTOConfig, kto),
}


def train(job: Result, folder: Path) -> Result:
    """What a trainer makes of the rows, and how some steps with them go."""
    words = tokenizer()
    start = model(len(words))
    make, config, shown = TRAINERS[job["kind"]]
    with_reference = {} if job["kind"] == "sft" else {"ref_model": copy.deepcopy(start)}
    trainer = make(
        model=start,
        args=config(
            output_dir=str(folder / job["name"]),
            use_cpu=True,
            bf16=False,
            dataloader_pin_memory=False,
            per_device_train_batch_size=2,
            max_steps=job.get("steps", 1),
            max_length=8192,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            **job.get("options", {}),
        ),
        train_dataset=read(job["path"]),
        processing_class=words,
        **with_reference,
    )
    result: Result = {"rows": list(shown(trainer, words))}
    if "steps" in job:
        before = [weights.clone() for weights in trainer.model.parameters()]
        result["loss"] = trainer.train().training_loss
        after = list(trainer.model.parameters())
        result["finite"] = math.isfinite(result["loss"]) and all(
            bool(weights.isfinite().all()) for weights in after
        )
        result["learnt"] = any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    return result


def template(job: Result) -> Result:
    """The rows' answers as another model's template writes them, or the first error."""
    place = Path(trl.__file__).parent / "chat_templates" / f"{job['template']}.jinja"
    words = tokenizer(place.read_text("utf-8"))
    answers = []
    for number, row in enumerate(read(job["path"])):
        tools = row.get("tools") or None
        try:
            prompt = words.apply_chat_template(
                row["prompt"], tools=tools, tokenize=False, add_generation_prompt=True
            )
            whole = words.apply_chat_template(
                row["prompt"] + row["completion"], tools=tools, tokenize=False
            )
        except Exception as error:  # noqa: BLE001  # a template raises what it likes
            return {"error": f"row {number}: {type(error).__name__}: {error}"}
        # A template may end a prompt otherwise than it goes on after it.
        same = next(
            (at for at, (a, b) in enumerate(zip(prompt, whole, strict=False)) if a != b),
            len(prompt),
        )
        answers.append(whole[same:])
    return {"answers": answers}


def do(job: Result, folder: Path) -> Result:
    simple = {"load": load, "template": template, "other": other}
    return simple[job["kind"]](job) if job["kind"] in simple else train(job, folder)


def main(jobs: Path, results: Path) -> None:
    folder = results.parent
    torch.set_num_threads(1)
    datasets.config.HF_DATASETS_CACHE = folder / "cache"
    datasets.disable_progress_bars()
    found = {job["name"]: do(job, folder) for job in json.loads(jobs.read_text("utf-8"))}
    results.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
