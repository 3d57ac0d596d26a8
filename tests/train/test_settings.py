from dataclasses import replace
from pathlib import Path

import pytest

from corrigenda.errors import Conflict, InvalidInput
from corrigenda.train import checkpoints
from corrigenda.train.machine import GIB, Machine, accelerated, peak
from corrigenda.train.options import Lora, TrainOptions
from corrigenda.train.packing import Packed
from corrigenda.train.settings import Size, settle

CPU = Machine("cpu", None, 0, 24 * GIB, 20 * GIB, 70 * GIB, bfloat16=False)
H100 = Machine("cuda", "NVIDIA H100 80GB HBM3", 1, 79 * GIB, 78 * GIB, 500 * GIB, bfloat16=True)
TINY = Size(158336, 158336, 64, 3, 259, 36)
EIGHT = Size(8_030_261_248, 8_030_261_248, 4096, 32, 128256, 2048)


def test_on_a_small_machine() -> None:
    found = settle(TrainOptions(), CPU, TINY, {"sft": 56}, flash=True)
    assert (found.dtype, found.attention, found.packing) == ("float32", None, False)
    assert (found.at_once, found.accumulation, found.checkpointing) == (16, 1, False)
    assert (found.steps, found.save_steps, found.logging_steps) == (
        {"sft": 12},
        {"sft": 2},
        {"sft": 1},
    )


def test_on_a_gpu() -> None:
    lora = TrainOptions(lora=Lora())
    size = replace(EIGHT, trainable=41_943_040)
    found = settle(lora, H100, size, {"sft": 5000}, flash=True)
    assert (found.dtype, found.stored) == ("bfloat16", "bfloat16")
    assert (found.attention, found.packing) == ("flash_attention_2", True)
    assert found.checkpointing
    assert found.at_once * found.accumulation == 16
    assert 15 * GIB < found.memory < 79 * GIB
    assert found.checkpoint == 12 * 41_943_040


def test_packed_rows_are_fewer_and_longer_sequences() -> None:
    lora, size = TrainOptions(lora=Lora(), packing="on"), replace(EIGHT, trainable=41_943_040)
    as_rows = settle(lora, H100, size, {"sft": 5000})
    together = settle(lora, H100, size, {"sft": 5000}, packed=Packed(900, 4096))
    assert (as_rows.steps, together.steps) == ({"sft": 939}, {"sft": 171})
    assert together.save_steps == {"sft": 18}
    # The activations of a sequence twice as long, for at most half as many of them.
    assert together.at_once * 2 <= as_rows.at_once or together.memory > as_rows.memory
    apart = settle(replace(lora, packing="off"), H100, size, {"sft": 5000}, packed=Packed(9, 4096))
    assert apart == replace(as_rows, packing=False)


def test_pairs_are_never_packed() -> None:
    options = TrainOptions(packing="on", device_batch_size=1)
    rows = {"sft": 100, "dpo": 100}
    short = settle(options, H100, TINY, rows, packed=Packed(7, TINY.longest))
    long = settle(options, H100, TINY, rows, packed=Packed(7, 4 * TINY.longest))
    assert short.steps == {"sft": 3, "dpo": 21}
    assert short.memory < long.memory  # until then the two answers of a pair take more


def test_all_weights_of_a_large_model_do_not_fit() -> None:
    found = settle(TrainOptions(), H100, EIGHT, {"sft": 5000})
    assert found.memory > H100.memory
    assert found.at_once == 1
    assert found.stored == "float32"


@pytest.mark.parametrize(
    ("options", "processes", "at_once", "accumulation"),
    [({}, 2, 8, 1), ({"batch_size": 6}, 3, 2, 1), ({"device_batch_size": 2}, 2, 2, 4)],
)
def test_a_batch_is_spread(
    options: dict[str, int], processes: int, at_once: int, accumulation: int
) -> None:
    machine = replace(CPU, processes=processes)
    found = settle(TrainOptions(**options), machine, TINY, {"sft": 56})  # type: ignore[arg-type]
    assert (found.at_once, found.accumulation) == (at_once, accumulation)


@pytest.mark.parametrize(
    ("options", "processes"), [({"batch_size": 5}, 2), ({"device_batch_size": 8}, 4)]
)
def test_a_batch_that_cannot_be_spread(options: dict[str, int], processes: int) -> None:
    machine = replace(CPU, processes=processes)
    with pytest.raises(InvalidInput):
        settle(TrainOptions(**options), machine, TINY, {"sft": 56})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "tera"),
    [
        ("NVIDIA H100 80GB HBM3", 989.0),
        ("NVIDIA H100 PCIe", 756.0),
        ("NVIDIA H200", 989.0),
        ("NVIDIA A100-SXM4-80GB", 312.0),
        ("NVIDIA L40S", 362.0),
        ("NVIDIA L4", 121.0),
        ("Tesla T4", 65.0),
        ("NVIDIA GeForce RTX 4090", 165.0),
        ("Somebody's Card", None),
        (None, None),
    ],
)
def test_the_peak_of_a_gpu(name: str | None, tera: float | None) -> None:
    assert peak(name, "bfloat16") == (None if tera is None else tera * 1e12)


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (["python", "/bin/accelerate", "launch", "--cpu", "--num_processes", "2", "x.py"], 2),
        (["python", "-m", "accelerate.commands.launch", "--num-processes=4", "x.py"], 4),
        (["python", "/bin/accelerate", "launch", "x.py"], None),
        (["python", "train.py", "--num_processes", "2"], None),
    ],
)
def test_what_accelerate_was_asked_for(command: list[str], wanted: int | None) -> None:
    assert accelerated([["bash"], command]) == wanted


def _checkpoint(folder: Path, step: int, *, sealed: bool) -> Path:
    place = folder / f"checkpoint-{step}"
    place.mkdir()
    (place / "weights").write_bytes(b"1234")
    if sealed:
        checkpoints.seal(place, step)
    return place


def test_the_last_whole_checkpoint(tmp_path: Path) -> None:
    assert checkpoints.last(tmp_path) is None
    nine = _checkpoint(tmp_path, 9, sealed=True)
    ten = _checkpoint(tmp_path, 10, sealed=True)
    cut = _checkpoint(tmp_path, 11, sealed=False)
    assert checkpoints.last(tmp_path) == ten
    (ten / "weights").write_bytes(b"123")
    assert checkpoints.last(tmp_path) == nine
    checkpoints.clear(tmp_path)
    assert (nine.exists(), ten.exists(), cut.exists()) == (True, False, False)


def test_what_a_run_began_with(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    assert checkpoints.began_with(tmp_path) is None
    then = {"run": "a", "model": {"m": "b"}, "processes": 1, "versions": {"torch": "2.13.0"}}
    checkpoints.begin(tmp_path, then)
    assert checkpoints.began_with(tmp_path) == then
    assert checkpoints.compare(then, then) == []
    now = then | {"processes": 2, "versions": {"torch": "2.14.0"}}
    assert [each.code for each in checkpoints.compare(then, now)] == ["versions", "processes"]
    with pytest.raises(Conflict):
        checkpoints.compare(then, then | {"model": {"m": "c"}})


def test_what_a_run_began_on(tmp_path: Path) -> None:
    gpu = {"device": "NVIDIA H100 80GB HBM3", "type": "bfloat16", "attention": "default"}
    cpu = {"device": "cpu, AVX512, 1 thread", "type": "float32", "attention": "default"}
    same = {"run": "a", "model": {}, "processes": 1, "versions": {}}
    then = same | {"machine": gpu, "packing": False}
    assert checkpoints.compare(then, then) == []
    found = checkpoints.compare(then, then | {"machine": cpu})
    assert [(each.level, each.code) for each in found] == [("warning", "machine")] * 2
    assert found[0].message == (
        "The run began with the device `NVIDIA H100 80GB HBM3`, and goes on with "
        "`cpu, AVX512, 1 thread`. It is not exactly the same now."
    )
    # One that an earlier version began says nothing of its machine.
    assert checkpoints.compare(same, then) == []
    assert checkpoints.compare(then, then | {"packing": True}) == []
    with pytest.raises(Conflict, match="FlashAttention is missing"):
        checkpoints.compare(then | {"packing": True}, then)
