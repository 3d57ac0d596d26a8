"""How far a training is, from nothing but the files in its folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from corrigenda.train import standing
from corrigenda.train.standing import curve

STAGES = ("sft", "dpo")
CHECK = {"event": "check", "findings": [], "facts": {"steps": {"sft": 4, "dpo": 10}}}


def log(stage: str, step: int, **numbers: Any) -> dict[str, Any]:
    most = CHECK["facts"]["steps"][stage]  # type: ignore[index]
    return {"event": "log", "stage": stage, "step": step, "max_steps": most, **numbers}


def write(folder: Path, attempt: int, *events: dict[str, Any]) -> None:
    lines = [json.dumps({"t": float(n), **each}) + "\n" for n, each in enumerate(events)]
    (folder / f"attempt-{attempt}.jsonl").write_text("".join(lines), "utf-8")


def report(folder: Path, **said: Any) -> None:
    (folder / "report.json").write_text(json.dumps(said), "utf-8")


def where(folder: Path) -> tuple[str, int | None, int | None]:
    found = standing.standing(folder, STAGES)
    return found.state, found.step, found.max_steps


def test_before_the_first_step(tmp_path: Path) -> None:
    assert where(tmp_path) == ("prepared", None, None)
    write(tmp_path, 1, CHECK)
    assert where(tmp_path) == ("failed", None, 14)
    assert curve(tmp_path, STAGES) == []


def test_steps_are_counted_over_all_stages(tmp_path: Path) -> None:
    write(tmp_path, 1, CHECK, log("sft", 4, loss=1.0), log("dpo", 5, loss=0.5, eta_s=2.0))
    assert where(tmp_path) == ("failed", 9, 14)
    report(tmp_path, finished=False, attempt=1)
    found = standing.standing(tmp_path, STAGES)
    assert (found.state, found.last["loss"], found.last["eta_s"]) == ("stopped", 0.5, 2.0)
    # Another attempt was begun, and has not come as far as to say anything.
    write(tmp_path, 2)
    assert where(tmp_path) == ("failed", 9, 14)


def test_what_is_left_counts_the_stages_that_come(tmp_path: Path) -> None:
    write(tmp_path, 1, CHECK, log("sft", 2, loss=1.0, eta_s=4.0))
    assert standing.standing(tmp_path, STAGES).eta == 24.0  # two seconds each for twelve steps
    write(tmp_path, 2, CHECK, log("dpo", 5, loss=1.0, eta_s=4.0))
    assert standing.standing(tmp_path, STAGES).eta == 4.0
    write(tmp_path, 3, CHECK, log("dpo", 10, loss=1.0, eta_s=0.0))
    assert standing.standing(tmp_path, STAGES).eta == 0.0
    write(tmp_path, 4, CHECK, log("dpo", 1, loss=1.0))
    assert standing.standing(tmp_path, STAGES).eta is None


def test_it_is_finished_only_with_its_model(tmp_path: Path) -> None:
    write(tmp_path, 1, CHECK, log("sft", 4), log("dpo", 10))
    report(tmp_path, finished=True, attempt=1, stages=[{"steps": 4}, {"steps": 10}])
    assert where(tmp_path) == ("stopped", 14, 14)
    (tmp_path / "model").mkdir()
    assert where(tmp_path) == ("finished", 14, 14)


def test_steps_that_are_done_again_count_once_in_the_curve(tmp_path: Path) -> None:
    first = (log("sft", 2, loss=1.0), log("sft", 3, loss=0.9), log("sft", 3, eval_loss=0.8))
    write(tmp_path, 1, CHECK, *first)
    write(tmp_path, 2, CHECK, log("sft", 3, loss=0.95), log("dpo", 1, loss=0.7, eta_s=1.0))
    found = curve(tmp_path, STAGES)
    assert found == [
        {"stage": "sft", "step": 2, "loss": 1.0, "at": 2, "attempt": 1},
        {"stage": "sft", "step": 3, "loss": 0.95, "at": 3, "attempt": 2},
        {"stage": "dpo", "step": 1, "loss": 0.7, "at": 5, "attempt": 2},
    ]


def test_numbers_of_one_step_are_one_point(tmp_path: Path) -> None:
    write(tmp_path, 1, log("sft", 3, loss=0.9), log("sft", 3, eval_loss=0.8))
    (point,) = curve(tmp_path, STAGES)
    assert (point["loss"], point["eval_loss"]) == (0.9, 0.8)


def test_a_long_curve_is_thinned_out_evenly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "POINTS", 5)
    write(tmp_path, 1, *(log("dpo", step, loss=1.0) for step in range(1, 102)))
    assert [point["step"] for point in curve(tmp_path, ("dpo",))] == [1, 26, 51, 76, 101]


def test_what_is_no_event_of_ours_counts_for_nothing(tmp_path: Path) -> None:
    odd = (
        {"event": "check", "facts": [1]},
        {"event": "log"},
        {"event": "log", "stage": "x", "step": 3},
        {"event": "check"},
    )
    more = ({"event": "log", "stage": "sft", "step": "3"}, {"event": "log", "stage": ["sft"]})
    write(tmp_path, 1, CHECK, *odd, *more)
    (tmp_path / "report.json").write_text("[1]", "utf-8")
    assert where(tmp_path) == ("failed", None, 14)
    assert curve(tmp_path, STAGES) == []
