"""The answers of a model, by batches: run in the Python that has torch and transformers.

A folder tells what is asked, and takes what is answered:

    request.json      {"base": "/models/qwen", "adapter": null, "tokenizer": "/models/qwen",
                       "temperature": 0.0, "max_new_tokens": 1024, "seed": 0, "batch_size": 16}
    questions.jsonl   {"key": "5f0c…", "messages": […], "tools": […]}
    answers.jsonl     {"key": "5f0c…", "text": "4", "finish_reason": "stop", "prompt_tokens": 12,
                       "new_tokens": 2, "seconds": 0.1, "at": "2026-11-23T10:00:00Z"}
                      or {"key": "5f0c…", "error": "The prompt of …"}
    generated.json    {"device": "cpu", "dtype": "float32", "versions": {"torch": "2.13.0", …}}

Answers are appended batch by batch, so that nothing is lost with the process. The longest prompts
come first: what does not fit into memory is known at the beginning, and halves the batch.
"""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from corrigenda.errors import CorrigendaError, InvalidInput, shorten

REQUEST, QUESTIONS, ANSWERS = "request.json", "questions.jsonl", "answers.jsonl"
GENERATED = "generated.json"

_THOUGHT = ("<think>", "<thinking>")
_NO_LIMIT = 1 << 40

_Asked = tuple[str, list[int]]  # a key, and the tokens of a prompt


def main(folder: Path) -> int:
    """Answer what is asked in a folder; the exit code is 0 if all of it was.

    The process ends with whoever started it: when its standard input ends.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        request = json.loads((folder / REQUEST).read_text("utf-8"))
        model = Model.load(request)
        _write_whole(folder / GENERATED, model.told())
        with (folder / ANSWERS).open("ab") as file:
            for batch in _batches(folder / QUESTIONS, request["batch_size"]):
                for answer in model.answers(batch):
                    file.write(json.dumps(answer).encode("ascii") + b"\n")
                file.flush()
    except CorrigendaError as error:
        print(f"Error: {error.message}", file=sys.stderr)  # noqa: T201  # its log
        return 1
    return 0


@dataclass
class Model:
    """A model that was loaded, with its tokenizer."""

    request: Mapping[str, Any]
    inner: Any = field(repr=False)
    tokenizer: Any = field(repr=False)

    @classmethod
    def load(cls, request: Mapping[str, Any]) -> "Model":
        """Load what a request names, from this machine alone; no code of a model is run.

        Raises:
            InvalidInput: A library is missing, the model cannot be read, or it has no chat
                template.
        """
        try:
            import torch
            from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
        except ImportError as error:
            raise InvalidInput(
                f"`{sys.executable}` cannot generate: {error}; install `corrigenda[train]` there."
            ) from error
        cuda = torch.cuda.is_available()
        options: dict[str, Any] = {"device_map": "auto"} if cuda else {}
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                request["tokenizer"], trust_remote_code=False, local_files_only=True
            )
            inner: Any = AutoModelForCausalLM.from_pretrained(
                request["base"],
                dtype="auto" if cuda else torch.float32,
                trust_remote_code=False,
                local_files_only=True,
                use_safetensors=True,
                **options,
            )
            if request["adapter"] is not None:
                from peft import PeftModel

                inner = PeftModel.from_pretrained(inner, request["adapter"])
        except Exception as error:  # of several libraries, of any kind
            raise _refused(request["adapter"] or request["base"], error) from error
        if not tokenizer.chat_template:
            raise InvalidInput(
                f"`{request['tokenizer']}` has no chat template, so it cannot be asked."
            )
        tokenizer.padding_side = "left"
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        # What a model brings of its own (a penalty, beams) would tell apart what training did not.
        settings: Any = GenerationConfig
        inner.generation_config = settings(eos_token_id=inner.generation_config.eos_token_id)
        return cls(request, inner.eval(), tokenizer)

    def told(self) -> dict[str, Any]:
        """Where and by what it runs."""
        import torch
        import transformers

        versions = {
            "python": sys.version.split()[0],
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        }
        device = str(self.inner.device)
        if device.startswith("cuda"):
            device = torch.cuda.get_device_name(self.inner.device)
        dtype = str(self.inner.dtype).removeprefix("torch.")
        return {"device": device, "dtype": dtype, "versions": versions}

    def answers(self, questions: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """The answers to some questions, in any order, together as far as memory allows."""
        asked: list[_Asked] = []
        for question in questions:
            try:
                asked.append((question["key"], self._tokens(question)))
            except InvalidInput as error:
                yield {"key": question["key"], "error": error.message}
        for some in self._by_allowance(asked):
            yield from self._generated(some)

    def _tokens(self, question: Mapping[str, Any]) -> list[int]:
        """A prompt in the model's chat template.

        Raises:
            InvalidInput: The template does not take it, or it leaves no room for an answer.
        """
        messages = question["messages"]
        begun = bool(messages) and messages[-1]["role"] == "assistant"
        try:
            found = self.tokenizer.apply_chat_template(
                messages,
                tools=question["tools"] or None,
                add_generation_prompt=not begun,
                continue_final_message=begun,
                tokenize=True,
                return_dict=True,
            )["input_ids"]
        except Exception as error:  # a template may raise anything
            reason = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
            raise InvalidInput(
                f"The chat template does not take the prompt: {shorten(reason, 200)}."
            ) from error
        if len(found) >= self._context:
            raise InvalidInput(
                f"The prompt of {len(found)} tokens leaves no room in a context of {self._context}."
            )
        return list(found)

    def _by_allowance(self, asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
        """Those together that may say as much: next to a long prompt others would be cut short."""
        found: dict[int, list[_Asked]] = {}
        for each in asked:
            found.setdefault(self._allowance(each[1]), []).append(each)
        yield from found.values()

    def _allowance(self, prompt: Sequence[int]) -> int:
        """The most tokens that the answer to a prompt may have."""
        return min(int(self.request["max_new_tokens"]), self._context - len(prompt))

    @property
    def _context(self) -> int:
        config = self.inner.config.get_text_config()
        return getattr(config, "max_position_embeddings", None) or _NO_LIMIT

    def _generated(self, asked: Sequence[_Asked]) -> Iterator[dict[str, Any]]:
        import torch

        made: list[list[int]] | None = None
        seconds = 0.0
        with contextlib.suppress(torch.cuda.OutOfMemoryError):
            made, seconds = self._generate(asked)
        if made is None:
            # Only now, when the error with its frames is gone, is their memory free.
            torch.cuda.empty_cache()
            if len(asked) == 1:
                said = f"The prompt of {len(asked[0][1])} tokens does not fit into memory."
                yield {"key": asked[0][0], "error": said}
                return
            half = len(asked) // 2
            yield from self._generated(asked[:half])
            yield from self._generated(asked[half:])
            return
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        for (key, prompt), ids in zip(asked, made, strict=True):
            ended = next((n for n, each in enumerate(ids) if each in self._ends), None)
            kept = ids if ended is None else ids[:ended]
            yield {
                "key": key,
                "text": self._text(prompt, kept),
                "finish_reason": "length" if ended is None else "stop",
                "prompt_tokens": len(prompt),
                "new_tokens": len(kept) + (ended is not None),
                "seconds": round(seconds, 4),
                "at": at,
            }

    def _generate(self, asked: Sequence[_Asked]) -> tuple[list[list[int]], float]:
        """The new tokens of each, and how long all of them took together.

        All have the same allowance.
        """
        import torch

        longest = max(len(ids) for _, ids in asked)
        padded = self.tokenizer.pad({"input_ids": [ids for _, ids in asked]}, return_tensors="pt")
        settings: dict[str, Any] = {"do_sample": False}
        if temperature := self.request["temperature"]:
            settings = {"do_sample": True, "temperature": temperature, "top_p": 1.0, "top_k": 0}
            said = f"{self.request['seed']} {asked[0][0]}".encode()
            torch.manual_seed(int.from_bytes(sha256(said).digest()[:8]))
        begun = time.monotonic()
        with torch.inference_mode():
            found = self.inner.generate(
                **padded.to(self.inner.device),
                max_new_tokens=self._allowance(asked[0][1]),
                pad_token_id=self.tokenizer.pad_token_id,
                **settings,
            )
        return found[:, longest:].tolist(), time.monotonic() - begun

    @property
    def _ends(self) -> set[int]:
        """The tokens that end an answer."""
        ends = self.inner.generation_config.eos_token_id
        found = set(ends if isinstance(ends, list) else [ends]) | {self.tokenizer.eos_token_id}
        return found - {None}

    def _text(self, prompt: Sequence[int], ids: Sequence[int]) -> str:
        """An answer as text; the tag stays that a template writes to let the model think."""
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        before = self.tokenizer.decode(prompt[-10:]).rstrip()
        opened = next((tag for tag in _THOUGHT if before.endswith(tag)), None)
        return f"{opened}{text}" if opened else text


def _batches(path: Path, size: int) -> Iterator[list[dict[str, Any]]]:
    """The questions of a file, the longest first; only their places are kept in memory."""
    places: list[tuple[int, int]] = []
    with path.open("rb") as file:
        offset = 0
        for line in file:
            places.append((len(line), offset))
            offset += len(line)
        places.sort(reverse=True)
        for start in range(0, len(places), size):
            batch = []
            for _, place in places[start : start + size]:
                file.seek(place)
                batch.append(json.loads(file.readline()))
            yield batch


def _write_whole(path: Path, value: object) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(value), "utf-8")
    temporary.replace(path)


def _refused(name: str, error: Exception) -> InvalidInput:
    reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    return InvalidInput(f"The model `{name}` cannot be read: {shorten(reason, 300)}.")


def _end_with_parent() -> None:
    # Unbuffered: a thread that holds a buffer's lock would hinder the interpreter's end.
    while os.read(0, 1):
        pass
    os._exit(1)
