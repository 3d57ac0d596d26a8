"""What `corrigenda train` refuses, and what it makes without a Python that has torch."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from corrigenda.cli import train_texts as texts
from corrigenda.train import launching
from tests.cli.conftest import Corrigenda, approved, record, write_run
from tests.fixtures.serving import CORRIGENDA

MODEL = Path(__file__).parents[2] / "examples/loop/model"


@pytest.fixture(autouse=True)
def exported(here: Path, corrigenda: Corrigenda) -> None:
    """A workspace with the exports `v1` and `pairs`, and a model beside it."""
    answers = ["ABC", "a,b", "XY", "x,y"]
    corrigenda(
        "import", write_run(here / "r", *(approved(f"c{n}", a) for n, a in enumerate(answers)))
    )
    corrigenda("export", "--format", "prompt_completion", "--name", "v1")
    corrigenda("export", "--format", "preference", "--name", "pairs")
    shutil.copytree(MODEL, here / "base")


def python_without(here: Path, lacking: list[str]) -> Path:
    """What says of itself that it lacks packages."""
    path = here / "python"
    path.write_text(f"#!/bin/sh\necho '{json.dumps(lacking)}'\n", "utf-8")
    path.chmod(0o755)
    return path


def test_prepares_a_folder_and_says_how_to_launch_it(here: Path, corrigenda: Corrigenda) -> None:
    words = ("--model", "base", "--export", "v1", "--prepare", "--processes", "4", "--lora")
    done = corrigenda("train", *words, "-o", "run-1")
    plan = json.loads((here / "run-1/run.json").read_text("utf-8"))
    assert (plan["method"], plan["options"]["lora"]["r"]) == ("sft", 16)
    resume, torchrun, accelerate = done.stdout.splitlines()
    assert resume == f"corrigenda train --resume {here}/run-1"
    assert "--nproc_per_node=4" in torchrun
    assert "fsdp2.yaml --num_processes 4" in accelerate
    assert all(each.endswith(f"__main__.py train {here}/run-1") for each in (torchrun, accelerate))
    found = json.loads(corrigenda("train", *words, "-o", "run-2", "--json").stdout)
    assert found["launch"].keys() == {"torchrun", "accelerate"}


def test_makes_the_export_from_a_filter(here: Path, corrigenda: Corrigenda) -> None:
    words = ("--model", "base", "--task-type", "math", "--name", "v2", "--seed", "7")
    done = corrigenda("train", *words, "-o", "run-1", "--prepare")
    assert "Wrote 4 rows as the export `v2`." in done.stderr
    said = json.loads(corrigenda("exports", "show", "v2", "--json").stdout)["manifest"]["recipe"]
    assert said["filter"]["exclude_category"] == ["scoring_artifact"]
    assert (said["format"], said["seed"]) == ("prompt_completion", 7)
    corrigenda("train", *words, "-o", "run-2", "--prepare", code=5)
    assert not (here / "run-2").exists()


def test_a_recipe_without_passes_has_none(here: Path, corrigenda: Corrigenda) -> None:
    for name in ("r/sft_passes.jsonl", "recipe.yaml"):
        assert not (here / name).exists()
    passes = [record(f"p{n}", status="pass", model_response="right") for n in range(4)]
    text = "".join(json.dumps(each) + "\n" for each in passes)
    (here / "r/sft_passes.jsonl").write_text(text, "utf-8")
    corrigenda("import", here / "r")
    for name, said, rows in (("none", "replay: 0", 0), ("some", "seed: 1", 2)):
        (here / "recipe.yaml").write_text(said, "utf-8")
        words = ("--model", "base", "--recipe", "recipe.yaml", "--name", name, "--prepare")
        corrigenda("train", *words, "-o", name)
        found = json.loads((here / name / "run.json").read_text("utf-8"))["data"]["replay"]
        assert (0 if found is None else found["rows"]) == rows, name


def test_a_refusal_comes_before_the_export(here: Path, corrigenda: Corrigenda) -> None:
    (here / "run-1").mkdir()
    (here / "run-1/mine").touch()
    words = ("--task-type", "math", "--name", "v2", "--prepare")
    corrigenda("train", "--model", "base", *words, "-o", "run-1", code=5)
    corrigenda("train", "--model", "nothing/here/at-all", *words, "-o", "run-2", code=4)
    assert "v2" not in corrigenda("exports").stdout


def test_writes_for_other_trainers(here: Path, corrigenda: Corrigenda) -> None:
    words = ("--model", "base", "--export", "v1")
    done = corrigenda("train", *words, "-o", "a", "--emit", "axolotl")
    assert "axolotl train axolotl.yml" in done.stderr
    found = corrigenda("train", *words, "-o", "l", "--emit", "llama-factory", "--json")
    assert json.loads(found.stdout) == {"folder": str(here / "l"), "remarks": []}
    refused = corrigenda("train", *words, "-o", "x", "--emit", "unsloth", code=1)
    assert "`unsloth` is no trainer" in refused.stderr
    assert not (here / "x").exists()
    again = corrigenda("train", *words, "-o", "a", "--emit", "axolotl", code=5)
    assert "`a` is there already" in again.stderr.replace(f"{here}/", "")


def test_one_of_many_processes_opens_no_workspace(corrigenda: Corrigenda) -> None:
    env = {"RANK": "1", "WORLD_SIZE": "2"}
    words = ("train", "--model", "base", "--export", "v1", "-o", "run-1")
    said = corrigenda(*words, env=env, code=1).stderr
    assert "--prepare" in said
    assert str(launching.PROGRAM) in said


def test_a_python_without_torch_is_one_sentence(here: Path, corrigenda: Corrigenda) -> None:
    python = python_without(here, ["torch", "trl"])
    words = ("train", "--model", "base", "--export", "v1", "-o", "run-1")
    for done in (
        corrigenda(*words, "--python", python, code=1),
        corrigenda(*words, env={"CORRIGENDA_TRAIN_PYTHON": str(python)}, code=1),
    ):
        assert done.stderr.count("\n") == 1
        assert f"`{python}` has no torch, trl." in done.stderr
        assert 'pip install "corrigenda[train]"' in done.stderr
    assert not (here / "run-1").exists()
    assert "no Python" in corrigenda(*words, "--python", "no-such-python", code=1).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--export v1 -o x", "give the model to train"),
        ("--model base --export v1", "give the folder to make"),
        ("--model base -o x", "say what to train on"),
        ("--model base -o x --task t", "give the export a name"),
        ("--model base -o x --export v1 --name v2", "choose by --export or by a filter"),
        ("--model base -o x --export v1 --check --prepare", "give one of --check"),
        ("--resume run-1 --epochs 2", "the plan in the folder decides"),
        ("--resume run-1 --emit axolotl", "the plan in the folder decides"),
        ("--model base -o x --export v1 --processes 0", "greater than or equal to 1"),
    ],
)
def test_words_that_do_not_go_together(corrigenda: Corrigenda, words: str, said: str) -> None:
    assert said in " ".join(corrigenda("train", *words.split(), code=2).output.split())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--model base -o x --export v9", 4, "no export `v9`"),
        ("--model base -o x --export pairs", 1, "has no use for"),
        ("--model base -o x --export v1 --method rlhf", 1, "is no method"),
        ("--model base -o x --export v1 --batch-size 0", 1, "`batch_size`"),
        ("--model base -o x --export v1 --merge", 1, "is for adapters"),
        ("--model base -o x --export v1 --scheduler step", 1, "`scheduler`"),
        ("--resume nowhere", 4, "no training run"),
    ],
)
def test_refusals(corrigenda: Corrigenda, words: str, code: int, said: str) -> None:
    done = corrigenda("train", *words.split(), *_prepare(words), code=code)
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def _prepare(words: str) -> list[str]:
    return [] if "--resume" in words else ["--prepare"]


STAND_IN = """#!/bin/sh
case $1 in -c) echo "[]"; exit;; esac
report() { echo "$1" > report.json; }
finish() { report '{"finished": true, "attempt": 1}'; exit 0; }
keep() { report '{"finished": false, "attempt": 1, "stopped_at": 9}'; exit 3; }
fail() { echo "Error: The disk is full."; echo =====; exit 1; }
trap END TERM
echo '{"event": "check", "findings": [{"level": "warning", "message": "up"}]}' > attempt-1.jsonl
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize(
    ("end", "number", "code", "said"),
    [
        ("finish", signal.SIGTERM, 0, "The model is in"),
        ("keep", signal.SIGHUP, 130, "Stopped at step 9; `corrigenda train --resume"),
        ("fail", signal.SIGTERM, 1, "Error: The disk is full. ("),
    ],
)
def test_a_stop_says_what_came_of_it(
    here: Path, corrigenda: Corrigenda, end: str, number: int, code: int, said: str
) -> None:
    corrigenda("train", "--model", "base", "--export", "v1", "--prepare", "-o", "run-1")
    earlier = {"finished": False, "attempt": 0, "stopped_at": 5}
    (here / "run-1/report.json").write_text(json.dumps(earlier), "utf-8")
    python = here / "python"
    python.write_text(STAND_IN.replace("END", end), "utf-8")
    python.chmod(0o755)
    with started(here, python) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "Warning: up\n"
        process.send_signal(number)
        _, heard = process.communicate(timeout=60)
    assert process.returncode == code, heard
    assert heard.startswith("Stopping with a checkpoint")
    assert said in heard
    assert "step 5" not in heard


def test_nothing_trains_on_unseen(here: Path, corrigenda: Corrigenda) -> None:
    corrigenda("train", "--model", "base", "--export", "v1", "--prepare", "-o", "run-1")
    python = here / "python"
    python.write_text(STAND_IN.replace("END", "keep"), "utf-8")
    python.chmod(0o755)
    with started(here, python) as process:
        assert process.stderr is not None
        process.stderr.close()
        process.wait(60)
    assert json.loads((here / "run-1/report.json").read_text("utf-8"))["stopped_at"] == 9


def started(here: Path, python: Path) -> subprocess.Popen[str]:
    words = ("train", "--resume", "run-1", "--python", python)
    return subprocess.Popen([CORRIGENDA, *words], cwd=here, stderr=subprocess.PIPE, text=True)


# ---- what is said


def test_tokens_are_marked_in_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = [("<user>", 0), ("2+2\x1b[31m\n", 0), ("4", 1), ("<end>", 1), ("\n", 0), ("!", 1)]
    texts.tokens({"tokens": [{"text": text, "loss": bool(loss)} for text, loss in tokens]})
    out, err = capsys.readouterr()
    assert out == "<user>2+2\\x1b[31m\n[[4<end>]]\n[[!]]\n"
    assert err == "3 of 6 tokens are learned.\n"


def test_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    event = {"event": "log", "stage": "sft", "max_steps": 300, "tokens_per_s": 5400.2, "eta_s": 75}
    with texts.Following(quiet=False) as following:
        for step in range(1, 301):
            following.show({**event, "step": step, "loss": 1 / step})
    first, last = capsys.readouterr().err.splitlines()
    assert first == "sft 1/300 loss 1, 5,400 tokens/s, 1 min 15 s left"
    assert last.startswith("sft 300/300 loss 0.00333")


def test_events_of_any_shape_are_survived(capsys: pytest.CaptureFixture[str]) -> None:
    with texts.Following(quiet=False) as following:
        for event in ({}, {"event": "log"}, {"event": "check"}, {"step": 1, "max_steps": 0}):
            following.show(event)
    assert capsys.readouterr().err == ""


def test_a_quiet_training_still_says_what_stops_it(capsys: pytest.CaptureFixture[str]) -> None:
    levels = ["warning", "error", "error"]
    findings = [{"level": level, "message": f"No {n}."} for n, level in enumerate(levels)]
    with texts.Following(quiet=True) as following:
        following.show({"event": "check", "findings": findings})
    assert capsys.readouterr().err == "Error: No 1.\nError: No 2.\n"


def test_facts_that_are_not_known_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    texts.findings([], {"memory": 3 * 2**30, "machine": {"free": 2**44, "device": "cuda"}})
    assert capsys.readouterr().out == "Memory: about 3.0 GiB, and 16384 GiB are free\n"


def test_the_end_names_the_cause(here: Path) -> None:
    assert re.search(r"killed by signal 9 \(out of memory", texts.how_it_failed(here, -9))
    assert "ended with the code 7" in texts.how_it_failed(here, 7)
    (here / launching.LOG).write_text("noise\nError: It is so.\n\n", "utf-8")
    assert texts.how_it_failed(here, 1).startswith("It is so. (")
