from typing import Any

import pytest

from corrigenda.errors import InvalidInput
from corrigenda.train.options import Lora, TrainOptions


def test_what_is_not_said_has_its_default() -> None:
    found = TrainOptions.from_json({"epochs": 5, "lora": {}, "seed": None})
    assert found == TrainOptions(epochs=5.0, lora=Lora())


def test_there_and_back() -> None:
    options = TrainOptions(
        lora=Lora(r=8, targets=("q_proj", "v_proj")), report_to=("trackio",), merge=True
    )
    assert TrainOptions.from_json(options.as_json()) == options


@pytest.mark.parametrize(
    ("options", "stage", "rate"),
    [
        (TrainOptions(), "sft", 2e-5),
        (TrainOptions(lora=Lora()), "sft", 2e-4),
        (TrainOptions(), "dpo", 1e-6),
        (TrainOptions(lora=Lora()), "dpo", 1e-5),
        (TrainOptions(learning_rate=0.1), "dpo", 1e-6),
        (TrainOptions(learning_rate=0.1, dpo_learning_rate=0.2), "dpo", 0.2),
    ],
)
def test_learning_rates(options: TrainOptions, stage: str, rate: float) -> None:
    assert options.rate(stage) == rate


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "`option of a training` of a training must be an object, found `[]`."),
        ({"seed": -1}, "`seed` of a training must be a whole number from 0 to 2147483647"),
        ({"seed": True}, "`seed` of a training must be a whole number"),
        ({"epochs": 0}, "`epochs` of a training must be a number above 0 to 10000"),
        ({"epochs": float("nan")}, "`epochs` of a training must be a number"),
        ({"learning_rate": "1"}, "`learning_rate` of a training must be a number above 0 to 10"),
        ({"warmup": 1}, "`warmup` of a training must be a number from 0 to 0.99"),
        ({"scheduler": "wild"}, 'must be one of cosine, linear, constant, found `"wild"`.'),
        ({"lora": {"rank": 8}}, "`rank` is no lora; use r, alpha, dropout, targets."),
        ({"lora": {"targets": []}}, "`targets` of a training must be `all-linear` or a list"),
        ({"report_to": "wandb"}, "`report_to` of a training must be a list of names"),
        ({"quantize": "nf4"}, "give `lora` as well"),
        ({"merge": True}, "give `lora` as well"),
        ({"device_batch_size": 3}, "`batch_size` 16 is no multiple of `device_batch_size` 3."),
        ({"epoch": 1}, "`epoch` is no option of a training; use seed, epochs, "),
    ],
)
def test_what_is_refused(data: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        TrainOptions.from_json(data)
    assert message in refused.value.message
