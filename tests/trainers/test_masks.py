"""What TRL's trainers put loss on is what Corrigenda says."""

from typing import Any

import pytest

from tests.trainers.conftest import Trainers, parts

Segment = dict[str, Any]


def seen(segments: list[Segment]) -> list[tuple[str, str, bool]]:
    """Segments as parts."""
    assert {segment["trained"] for segment in segments} <= {"all", "none"}
    return [(each["role"], each["text"], each["trained"] == "all") for each in segments]


def rejected(segments: list[Segment]) -> list[tuple[str, str, bool]]:
    *_, (_, text, trained) = seen(segments)
    return [("rejected", text, trained)]


def heads(segments: list[Segment]) -> set[str]:
    """How much of what precedes the messages' texts carries loss."""
    return {segment["head"] for segment in segments}


def test_prompt_completion_trains_the_answer_alone(trainers: Trainers) -> None:
    rows = trainers.rows("prompt_completion")
    made = trainers.results["train prompt_completion"]["rows"]
    assert len(made) == len(rows)
    for row, segments in zip(rows, made, strict=True):
        assert seen(segments) == parts("prompt_completion", row)
        assert [segment["trained"] for segment in segments[:-1]] == ["none"] * (len(segments) - 1)
        assert segments[-1]["trained"] == "all"
        assert heads(segments) == {"none"}, "the model is given the beginning of its turn"


def test_parquet_trains_the_same(trainers: Trainers) -> None:
    made = trainers.results["train prompt_completion"]["rows"]
    assert trainers.results["train from parquet"]["rows"] == made


def test_messages_train_on_everything(trainers: Trainers) -> None:
    for row, segments in _messages(trainers, "train messages"):
        assert seen(segments) == parts("messages", row)
        assert heads(segments) == {"all"}


def test_messages_with_loss_on_answers_train_every_answer(trainers: Trainers) -> None:
    for row, segments in _messages(trainers, "answers of messages"):
        expected = [(role, text, role == "assistant") for role, text, _ in parts("messages", row)]
        assert seen(segments) == expected


def _messages(trainers: Trainers, job: str) -> list[tuple[dict[str, Any], list[Segment]]]:
    made = trainers.results[job]["rows"]
    for segments in made:
        for segment in segments:
            # The rows have the record's roles; the parts call them what templates do.
            segment["role"] = {"developer": "system"}.get(segment["role"], segment["role"])
    return list(zip(trainers.rows("messages"), made, strict=True))


def test_preference_trains_both_answers(trainers: Trainers) -> None:
    rows, made = trainers.rows("preference"), trainers.results["train preference"]["rows"]
    for row, (better, worse) in zip(rows, made, strict=True):
        assert seen(better) + rejected(worse) == parts("preference", row)
        assert better[:-1] == worse[:-1], "one prompt"
        assert heads(better) | heads(worse) == {"none"}


def test_kto_trains_the_answer_either_way(trainers: Trainers) -> None:
    rows, made = trainers.rows("kto"), trainers.results["train kto"]["rows"]
    assert {row["label"] for row in rows} == {True, False}
    for row, result in zip(rows, made, strict=True):
        segments = result["segments"]
        answer = seen(segments[-1:]) if row["label"] else rejected(segments)
        assert result["label"] == row["label"]
        assert seen(segments[:-1]) + answer == parts("kto", row)
        assert heads(segments) == {"none"}


@pytest.mark.parametrize("form", ["messages", "prompt_completion", "preference", "kto"])
def test_some_steps_of_training(trainers: Trainers, form: str) -> None:
    result = trainers.results[f"train {form}"]
    assert result["loss"] > 0
    assert result["finite"]
    assert result["learnt"], "the weights have changed"
