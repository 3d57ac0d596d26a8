"""Training runs of the small model, and what becomes of them: the processes that a user runs."""

import hashlib
import json
import os
import random
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
MODEL = _ROOT / "examples/loop/model"
MAIN = _ROOT / "src/corrigenda/train/__main__.py"

_SECONDS = 300

Row = dict[str, Any]

_RIGHT: dict[str, Callable[[str], str]] = {
    "Shout": str.upper,
    "List": ",".join,
    "Copy": str,
    "Upper": str.upper,
    "Space": " ".join,
    "Comma": ",".join,
}
_WRONG: dict[str, Callable[[str], str]] = {"Shout": str, "List": " ".join}


def words(name: str, n: int) -> list[str]:
    """Prompts of a kind, other ones for each name."""
    chance = random.Random(name)
    found: dict[str, None] = {}
    while len(found) < n:
        length = chance.choice((3, 4))
        found["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=length))] = None
    return list(found)


def asked(kinds: Sequence[str], name: str, n: int) -> list[tuple[str, str, str]]:
    """Prompts of each kind: what is asked, its right answer, and the small model's."""
    found = []
    for kind in kinds:
        for word in words(f"{kind} {name}", n):
            right = _RIGHT[kind](word)
            found.append((f"{kind}: {word}", right, _WRONG.get(kind, _RIGHT[kind])(word)))
    return found


FAILED = asked(["Shout", "List"], "trained", 20)
HELD_OUT = asked(["Shout", "List"], "held out", 20)
PASSED = asked(["Copy", "Upper", "Space", "Comma"], "replayed", 4)


def said(role: str, content: str | None) -> list[Row]:
    return [{"role": role, "content": content}]


def supervised(prompt: str, answer: str | None) -> Row:
    return {"prompt": said("user", prompt), "completion": said("assistant", answer)}


def corrections(*, shuffled: bool = False) -> list[Row]:
    """The failures with their right answers, or with those of others."""
    answers = [right for _, right, _ in FAILED]
    if shuffled:
        random.Random(1).shuffle(answers)
    return [
        supervised(prompt, answer) for (prompt, _, _), answer in zip(FAILED, answers, strict=True)
    ]


def replay() -> list[Row]:
    return [supervised(prompt, right) for prompt, right, _ in PASSED]


def pairs() -> list[Row]:
    return [
        {
            "prompt": said("user", prompt),
            "chosen": said("assistant", right),
            "rejected": said("assistant", wrong),
        }
        for prompt, right, wrong in FAILED
    ]


def plan(
    folder: Path,
    method: str,
    rows: Mapping[str, Sequence[Row]],
    *,
    model: Path = MODEL,
    **options: Any,
) -> Path:
    """Write a run's folder; returns it."""
    data = {}
    (folder / "data").mkdir(parents=True)
    for use, some in rows.items():
        file = folder / "data" / f"{use}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in some), "utf-8")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        data[use] = {"file": f"data/{use}.jsonl", "rows": len(some), "sha256": digest}
    written = {
        "version": 1,
        "name": folder.name,
        "created_at": "2026-04-07T14:30:22+00:00",
        "method": method,
        "model": {"path": str(model)},
        "data": data,
        "exports": [],
        "options": options,
    }
    (folder / "run.json").write_text(json.dumps(written), "utf-8")
    return folder


KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "full": ("sft", {"learning_rate": 0.001, "epochs": 10}),
    "shuffled": ("sft", {"learning_rate": 0.001, "epochs": 10}),
    "lora": (
        "sft",
        {"learning_rate": 0.005, "epochs": 15, "lora": {"r": 16, "alpha": 32}, "merge": True},
    ),
    "dpo": ("dpo", {"dpo_learning_rate": 0.0005, "epochs": 10}),
    "both": (
        "sft-dpo",
        {
            "learning_rate": 0.005,
            "dpo_learning_rate": 0.0005,
            "epochs": 12,
            "lora": {"r": 16, "alpha": 32, "dropout": 0.05},
        },
    ),
}
"""The method and the options of a run of each kind."""


def planned(folder: Path, kind: str) -> Path:
    """Write the folder of a run of a kind; returns it."""
    method, options = KINDS[kind]
    learnt = corrections(shuffled=kind == "shuffled")
    rows = {"corrections": learnt, "replay": replay(), "pairs": pairs()}
    return plan(folder, method, rows, **options)


class Trainer:
    """Runs the trainer of a Python that has torch."""

    def __init__(self, python: Path) -> None:
        self.python = python

    def start(self, command: str, folder: Path, launcher: Sequence[str] = ()) -> Any:
        """Start a command on a folder; its log is the folder's `output.log`."""
        with (folder / "output.log").open("ab") as log:
            return subprocess.Popen(
                [self.python, *launcher, MAIN, command, folder],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(),
            )

    def train(self, folder: Path, launcher: Sequence[str] = (), *, ends: int = 0) -> Path:
        """Train to the end."""
        process = self.start("train", folder, launcher)
        assert process.wait(_SECONDS) == ends, (folder / "output.log").read_text("utf-8")[-4000:]
        return folder

    def asks(self, command: str, folder: Path) -> Any:
        """What a command prints, as JSON."""
        done = subprocess.run(
            [self.python, MAIN, command, folder],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            env=environment(),
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)


def environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "HOME": str(_ROOT / "no home"),
    }


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return found


def events(folder: Path, attempt: int = 1) -> list[dict[str, Any]]:
    path = folder / f"attempt-{attempt}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def losses(folder: Path, attempt: int = 1) -> dict[int, float]:
    """The loss of each step of a run of one stage."""
    return {each["step"]: each["loss"] for each in events(folder, attempt) if "loss" in each}


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something is so, looking often."""
    end = time.monotonic() + _SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


SCORE = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
asked = json.load(open(sys.argv[1]))
found = {}
for folder in sys.argv[2:]:
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    words = AutoTokenizer.from_pretrained(folder, padding_side="left")
    found[folder] = {}
    for name, rows in asked.items():
        chats = [[{"role": "user", "content": row[0]}] for row in rows]
        inputs = words.apply_chat_template(
            chats, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
        )
        inputs.pop("token_type_ids", None)
        made = model.generate(**inputs, max_new_tokens=12, do_sample=False)
        texts = words.batch_decode(made[:, inputs["input_ids"].shape[1]:], skip_special_tokens=True)
        found[folder][name] = sum(text == row[1] for text, row in zip(texts, rows))
print(json.dumps(found))
"""


def scores(python: Path, folder: Path, models: Sequence[Path]) -> list[dict[str, int]]:
    """How many prompts of each kind each model answers right."""
    asked_file = folder / "asked.json"
    kinds = {"trained": FAILED, "held out": HELD_OUT, "replayed": PASSED}
    asked_file.write_text(json.dumps(kinds), "utf-8")
    done = subprocess.run(
        [python, "-c", SCORE, asked_file, *models],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=_SECONDS,
    )
    found = json.loads(done.stdout)
    return [found[str(model)] for model in models]
