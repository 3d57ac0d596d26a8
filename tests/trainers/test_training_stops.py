"""Trainings that are stopped, killed or tampered with, and go on exactly or not at all."""

import json
import signal
import subprocess
from pathlib import Path

from corrigenda.workbench.training_model import digests
from tests.trainers import tiny
from tests.trainers.tiny import Trainer


def stopped(trainer: Trainer, folder: Path, *, stage: str, step: int, attempt: int = 1) -> int:
    """Train until a step is done, and ask it to stop; returns the step at which it did."""
    process = trainer.start("train", folder)
    tiny.wait_for(
        lambda: (
            process.poll() is not None
            or any(
                (each.get("stage"), each["event"]) == (stage, "log") and each["step"] >= step
                for each in tiny.events(folder, attempt)
            )
        )
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 3, last_line(folder)
    found = tiny.report(folder)
    assert (found["finished"], found["stopped_in"]) == (False, stage)
    assert step <= found["stopped_at"] < found["stages"][-1]["max_steps"]
    assert not (folder / "model").exists()
    return int(found["stopped_at"])


def last_line(folder: Path) -> str:
    return (folder / "output.log").read_text("utf-8").rstrip("\n").rpartition("\n")[2]


def started(folder: Path, attempt: int) -> int:
    """The step at which an attempt began."""
    found = [each for each in tiny.events(folder, attempt) if each["event"] == "start"]
    return int(found[0]["step"])


def same(folder: Path, straight: Path) -> None:
    """What was trained in pieces is what was trained at once."""
    pieces, whole = tiny.report(folder), tiny.report(straight)
    assert pieces["weights_sha256"] == whole["weights_sha256"]
    for one, other in zip(pieces["stages"], whole["stages"], strict=True):
        for key in ("stage", "steps", "tokens", "loss_first", "loss_last"):
            assert one[key] == other[key], key


def test_a_stopped_training_goes_on_exactly_or_not_at_all(
    trainer: Trainer, runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = tiny.planned(tmp_path / "run", "full")
    step = stopped(trainer, folder, stage="sft", step=8)

    plan = (folder / "run.json").read_bytes()
    changed = json.loads(plan)
    changed["options"]["learning_rate"] = 0.002
    (folder / "run.json").write_text(json.dumps(changed), "utf-8")
    trainer.train(folder, ends=1)
    assert last_line(folder) == (
        "Error: The run cannot go on: `run.json` is not what it began with. Start another run."
    )
    (folder / "run.json").write_bytes(plan)

    rows = (folder / "data/replay.jsonl").read_bytes()
    (folder / "data/replay.jsonl").write_bytes(rows + b"{}\n")
    trainer.train(folder, ends=1)
    assert last_line(folder) == (
        "Error: `data/replay.jsonl` was changed after the plan of this run was made; "
        "start another run."
    )
    (folder / "data/replay.jsonl").write_bytes(rows)

    # Where it goes on elsewhere, it says what is no longer the same, and goes on.
    start = json.loads((folder / "checkpoints/start.json").read_bytes())
    assert start["machine"]["device"].startswith("cpu, ")
    start["machine"]["device"] = "NVIDIA H100"
    (folder / "checkpoints/start.json").write_text(json.dumps(start), "utf-8")
    trainer.train(folder)
    assert started(folder, attempt=4) == step
    (check,) = [each for each in tiny.events(folder, 4) if each["event"] == "check"]
    (said,) = [each for each in check["findings"] if each["code"] == "machine"]
    assert said["message"].startswith("The run began with the device `NVIDIA H100`, and goes on ")
    assert f"warning: {said['message']}" in (folder / "output.log").read_text("utf-8")
    same(folder, runs["full"])


def test_two_who_go_on_at_once_train_once(trainer: Trainer, tmp_path: Path) -> None:
    """The second has looked whether it is trained, and the first is done before it has the lock."""
    folder = tiny.planned(tmp_path / "run", "full")
    race = Path(__file__).with_name("racing.py")
    done = subprocess.run(
        [trainer.python, race, tiny.MAIN, folder],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=tiny.environment(),
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "`run` is trained already."
    assert tiny.report(folder)["attempt"] == 1
    assert not (folder / "attempt-2.jsonl").exists()
    assert not (folder / "checkpoints").exists()


def test_adapters_stopped_in_each_stage(
    trainer: Trainer, runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = tiny.planned(tmp_path / "run", "both")
    stopped(trainer, folder, stage="sft", step=5)
    step = stopped(trainer, folder, stage="dpo", step=5, attempt=2)
    trainer.train(folder)
    assert started(folder, attempt=3) == step
    same(folder, runs["both"])


def test_a_checkpoint_that_was_cut_off_is_not_used(
    trainer: Trainer, runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = tiny.planned(tmp_path / "run", "full")
    process = trainer.start("train", folder)
    newest = folder / "checkpoints/sft/checkpoint-12"
    tiny.wait_for(lambda: newest.exists() or process.poll() is not None)
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    # Wherever the kill has hit, a part of the checkpoint is missing now.
    for path in [path for path in newest.iterdir() if path.name != "complete.json"][-1:]:
        path.write_bytes(path.read_bytes()[:-7])
    trainer.train(folder)
    assert started(folder, attempt=2) == 8
    same(folder, runs["full"])


def test_a_model_with_a_file_more_than_the_plan_knows_is_another_one(
    trainer: Trainer, tmp_path: Path
) -> None:
    folder = tiny.planned(tmp_path / "run", "full")
    plan = json.loads((folder / "run.json").read_bytes())
    plan["model"]["sha256"] = {
        name: digest for name, digest in digests(tiny.MODEL).items() if name[-6:] != ".jinja"
    }
    (folder / "run.json").write_text(json.dumps(plan), "utf-8")
    trainer.train(folder, ends=1)
    assert last_line(folder).startswith("Error: `chat_template.jinja` of the model ")
