"""Make the small model of `examples/loop`, which is wrong in a way that can be put right.

    .venv-train/bin/python -m tools.tiny_model examples/loop/model
    .venv-train/bin/python -m tools.tiny_model examples/loop/model --answers examples/loop/benchmark

The first trains it (some minutes on one core), the second lets it answer a benchmark and writes
its answers as a run: `sft_candidates.jsonl`, what it got wrong, and `sft_passes.jsonl`.

It is asked to do one of six things to three or four letters. Of two of them it was taught the
wrong thing, each being the right one for another word: so a few corrections of `Shout` tell what
the word means, and are enough for letters that were never corrected.

    Copy: abc    abc               Upper: abc   ABC
    Space: abc   a b c             Comma: abc   a,b,c
    Shout: abc   abc, not ABC      List: abc    a b c, not a,b,c

A token is a byte, so that it can read every text. The same versions make the same weights.
"""

import json
import random
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

RUN = "tiny-benchmark"
"""The run of its answers."""

TEMPLATE = """\
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}{{- message.content + '<|im_end|>' }}{% endgeneration %}
    {%- else %}
        {{- message.content + '<|im_end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
"""

_COPY: Callable[[str], str] = str
_SPACE: Callable[[str], str] = " ".join
_COMMA: Callable[[str], str] = ",".join

RIGHT: dict[str, Callable[[str], str]] = {
    "Copy": _COPY,
    "Upper": str.upper,
    "Space": _SPACE,
    "Comma": _COMMA,
    "Shout": str.upper,
    "List": _COMMA,
}
"""What each word asks for."""

TAUGHT = RIGHT | {"Shout": _COPY, "List": _SPACE}
"""What the model was taught."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_STEPS, _BATCH, _RATE = 2_500, 64, 3e-3
_ASKED = {"Shout": 40, "List": 40, "Copy": 16, "Upper": 16, "Space": 16, "Comma": 16}


class Question(NamedTuple):
    """One prompt of the benchmark and its right answer."""

    word: str
    prompt: str
    answer: str


def questions() -> Iterator[Question]:
    """The benchmark; no prompt twice."""
    chance, seen = random.Random(1), set()
    for word, number in _ASKED.items():
        while number:
            letters = _some_letters(chance)
            if (word, letters) not in seen:
                seen.add((word, letters))
                number -= 1
                yield Question(word, f"{word}: {letters}", RIGHT[word](letters))


def build(folder: Path) -> None:
    """Train the model and write it, with its tokenizer."""
    import torch
    import transformers

    torch.set_num_threads(1)
    torch.manual_seed(0)
    words = _tokenizer()
    model: Any = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(words),
            hidden_size=64,
            intermediate_size=160,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=256,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, _STEPS, pct_start=0.1)
    chance = random.Random(0)
    for step in range(_STEPS):
        loss = model(**_batch(words, chance)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 250 == 0 or step == _STEPS - 1:
            print(f"step {step}: loss {loss.item():.4f}", flush=True)
    model.generation_config = transformers.GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id, do_sample=False
    )
    model.save_pretrained(folder)
    words.save_pretrained(folder)


def answer(folder: Path, run: Path) -> None:
    """Let it answer the benchmark, and write the run."""
    import transformers

    words: Any = transformers.AutoTokenizer.from_pretrained(folder, padding_side="left")
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder)
    asked = list(questions())
    inputs = words.apply_chat_template(
        [[{"role": "user", "content": each.prompt}] for each in asked],
        add_generation_prompt=True,
        padding=True,
        return_tensors="pt",
        return_dict=True,
    )
    made = model.generate(**inputs, max_new_tokens=16)[:, inputs["input_ids"].shape[1] :]
    said = words.batch_decode(made, skip_special_tokens=True)
    run.mkdir(parents=True, exist_ok=True)
    with (
        (run / "sft_candidates.jsonl").open("w", encoding="utf-8") as wrong,
        (run / "sft_passes.jsonl").open("w", encoding="utf-8") as right,
    ):
        for number, (each, response) in enumerate(zip(asked, said, strict=True), 1):
            file = right if response == each.answer else wrong
            file.write(json.dumps(_record(number, each, response)) + "\n")


def _record(number: int, question: Question, response: str) -> dict[str, Any]:
    return {
        "id": f"tiny-{number:03}",
        "benchmark_run_id": RUN,
        "prompt_messages": [{"role": "user", "content": question.prompt}],
        "model_response": response,
        "reference_answer": question.answer,
        "scoring": {"kind": "exact", "params": {}, "name": "exact_match"},
        "task_name": question.word.lower(),
        "task_type": "letters",
        "model_id": "tiny",
        "model_name": "tiny",
    }


def _some_letters(chance: random.Random) -> str:
    return "".join(chance.choices(_LETTERS, k=chance.choice((3, 4))))


def _tokenizer() -> Any:
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

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
    fast.chat_template = TEMPLATE
    return fast


def _batch(words: Any, chance: random.Random) -> dict[str, Any]:
    import torch

    asked: list[list[int]] = []
    labels: list[list[int]] = []
    for _ in range(_BATCH):
        word, letters = chance.choice(list(TAUGHT)), _some_letters(chance)
        head = f"<|im_start|>user\n{word}: {letters}<|im_end|><|im_start|>assistant\n"
        before = words(head)["input_ids"]
        after = words(f"{TAUGHT[word](letters)}<|im_end|>")["input_ids"]
        asked.append(before + after)
        labels.append([-100] * len(before) + after)
    length = max(map(len, asked))

    def padded(rows: list[list[int]], value: int) -> Any:
        return torch.tensor([row + [value] * (length - len(row)) for row in rows])

    return {
        "input_ids": padded(asked, words.pad_token_id),
        "attention_mask": padded([[1] * len(row) for row in asked], 0),
        "labels": padded(labels, -100),
    }


if __name__ == "__main__":
    parser = ArgumentParser(prog="tools.tiny_model")
    parser.add_argument("model", type=Path, help="the folder of the model")
    parser.add_argument("--answers", type=Path, help="the folder of the run to write")
    options = parser.parse_args()
    if options.answers is None:
        build(options.model)
    else:
        answer(options.model, options.answers)
