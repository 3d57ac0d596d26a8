"""`corrigenda train` as a user runs it: with the small model, in processes of its own."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from corrigenda.train import launching
from tests.fixtures.serving import CORRIGENDA
from tests.trainers.tiny import FAILED, MODEL, PASSED

STEPS = ("--max-steps", "12", "--learning-rate", "2e-3", "--cpu")
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def place(train_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace `data` in it: corrections of the small model, and its passes."""
    folder = tmp_path_factory.mktemp("training")
    run = folder / "r"
    run.mkdir()
    candidates = [
        {"id": f"c{n}", "status": "approved", "corrected_response": right,
         "failure_category": "hallucination" if n % 10 == 0 else "wrong_answer",
         **sample(prompt, said)}
        for n, (prompt, right, said) in enumerate(FAILED)
    ]  # fmt: skip
    passes = [{"id": f"p{n}", **sample(prompt, said)} for n, (prompt, _, said) in enumerate(PASSED)]
    for name, records in (("sft_candidates", candidates), ("sft_passes", passes)):
        text = "".join(json.dumps(each) + "\n" for each in records)
        (run / f"{name}.jsonl").write_text(text, "utf-8")
    assert corrigenda(folder, train_python, "import", "r").returncode == 0
    return folder


def sample(prompt: str, said: str) -> dict[str, Any]:
    return {
        "prompt_messages": [{"role": "user", "content": prompt}],
        "model_response": said,
        "benchmark_run_id": "base",
    }


def environment(python: Path) -> dict[str, str]:
    given = {"CORRIGENDA_TRAIN_PYTHON": str(python), "OMP_NUM_THREADS": "1"}
    return {**os.environ, **given}


def corrigenda(place: Path, python: Path, *words: str | Path) -> Done:
    return subprocess.run(
        [CORRIGENDA, *words],
        cwd=place,
        env=environment(python),
        capture_output=True,
        text=True,
        check=False,
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_from_a_filter_to_a_model_with_its_card(place: Path, train_python: Path) -> None:
    filters = ("--include-category", "wrong_answer", "--name", "v1")
    done = corrigenda(
        place, train_python, "train", "--model", MODEL, *filters, *STEPS, "-o", "one"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "sft: 12 steps, loss" in done.stderr
    assert f"corrigenda evaluate base --model {place}/one" in done.stderr
    prompts = {json.dumps(row["prompt"]) for row in lines(place / "one/data/corrections.jsonl")}
    out = {json.dumps(sample(FAILED[n][0], "")["prompt_messages"]) for n in range(0, 40, 10)}
    assert len(prompts) == 36
    assert not prompts & out
    card = (place / "one/README.md").read_text("utf-8")
    assert "12 of 12 steps" in card
    assert "`hallucination`" not in card
    assert (place / "one/model/README.md").read_text("utf-8") == card
    assert (place / "one/model/model.safetensors").is_file()
    again = corrigenda(place, train_python, "train", "--resume", "one", "--json")
    assert json.loads(again.stdout)["finished"] is True


def test_stopping_keeps_a_checkpoint_and_resume_comes_to_the_same_end(
    place: Path, train_python: Path
) -> None:
    corrigenda(place, train_python, "export", "--format", "prompt_completion", "--name", "all")
    words = ("train", "--model", MODEL, "--export", "all", *STEPS, "--max-steps", "30")
    whole = corrigenda(place, train_python, *words, "-o", "whole", "--json", "--quiet")
    assert whole.returncode == 0, whole.stderr
    assert whole.stderr == ""
    process = subprocess.Popen(
        [CORRIGENDA, *words, "-o", "two"],
        cwd=place,
        env=environment(train_python),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(place / "two/attempt-1.jsonl", '"event": "log"')
    process.terminate()  # as Ctrl-C, which a test in the background would not get
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert "corrigenda train --resume" in said
    assert not (place / "two/model").exists()
    resumed = corrigenda(place, train_python, "train", "--resume", "two", "--json")
    assert resumed.returncode == 0, resumed.stderr
    hashes = {json.loads(done.stdout)["weights_sha256"] for done in (whole, resumed)}
    assert len(hashes) == 1


def test_what_stands_against_it_is_said_and_nothing_is_kept(
    place: Path, train_python: Path
) -> None:
    words = ("train", "--model", MODEL, "--include-category", "wrong_answer")
    long = ("--max-length", "20")
    looked = corrigenda(place, train_python, *words, *long, "--check")
    assert looked.returncode == 3, looked.stderr
    assert "Rows: corrections 36" in looked.stdout
    assert "Error: 51 rows: longer than `max_length`" in looked.stderr
    refused = corrigenda(place, train_python, *words, *long, "--name", "v3", "-o", "long")
    assert refused.returncode == 1
    assert last_line(refused.stderr).startswith("Error: The run cannot be trained: ")
    assert not (place / "long/model").exists()


def test_the_tokens_that_are_learned_are_the_answer_s(place: Path, train_python: Path) -> None:
    words = ("train", "--model", MODEL, "--include-category", "wrong_answer", "--show-tokens")
    done = corrigenda(place, train_python, *words)
    assert done.returncode == 0, done.stderr
    before, _, answer = done.stdout.partition("[[")
    prompt = before.split("user\n")[1].split("<|im_end|>")[0]
    right = {asked: answer for asked, answer, _ in FAILED}[prompt]
    assert answer == f"{right}<|im_end|>]]\n"


def test_the_configurations_for_accelerate_are_read_by_it(train_python: Path) -> None:
    program = (
        "import sys\n"
        "from accelerate.commands.config.config_args import load_config_from_file\n"
        "for name in sys.argv[1:]:\n"
        "    found = load_config_from_file(name)\n"
        "    print(found.distributed_type.value, found.fsdp_config['fsdp_version'])\n"
    )
    files = sorted(launching.CONFIGS.glob("*.yaml"))
    done = subprocess.run(
        [train_python, "-c", program, *files], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["FSDP 2"] * 2
    known = subprocess.run(
        [train_python, "-m", "accelerate.commands.launch", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for file in files:
        for name in yaml.safe_load(file.read_text("utf-8"))["fsdp_config"]:
            assert f"--{name} " in known


def wait_for(path: Path, text: str) -> None:
    deadline = time.monotonic() + 300
    while not (path.is_file() and text in path.read_text("utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
