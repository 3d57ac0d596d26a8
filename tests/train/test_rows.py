import hashlib
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import Conflict, CorrigendaError, InvalidInput, NotFound
from corrigenda.train import rows
from corrigenda.train.order import Sampler, Share, replayed
from corrigenda.train.plan import BaseModel, Data, DataFile, TrainPlan
from corrigenda.train.rows import Row

LINE = (
    '{"prompt": [{"role": "user", "content": "\u2028"}], '
    '"completion": [{"role": "assistant", "content": "b"}]}\n'
)


def plan(folder: Path, text: str, digest: str | None = None) -> TrainPlan:
    (folder / "rows.jsonl").write_text(text, "utf-8")
    digest = digest or hashlib.sha256(text.encode()).hexdigest()
    file = DataFile("rows.jsonl", text.count("\n"), digest)
    return TrainPlan("a", "2026-04-07", "sft", BaseModel("m"), Data(corrections=file))


def said(role: str, content: str) -> list[dict[str, str]]:
    return [{"role": role, "content": content}]


def row(**data: Any) -> Row:
    return Row("corrections", "rows.jsonl", 7, data)


def test_rows_are_read_line_by_line(tmp_path: Path) -> None:
    found = rows.read(tmp_path, plan(tmp_path, LINE * 2))["corrections"]
    assert [each.place for each in found] == ["rows.jsonl:1", "rows.jsonl:2"]


@pytest.mark.parametrize(
    ("text", "digest", "kind", "message"),
    [
        (LINE, "00", Conflict, "`rows.jsonl` was changed after the plan"),
        (LINE + "{\n", None, InvalidInput, "`rows.jsonl:2` is not JSON"),
        ("[]\n", None, InvalidInput, "`rows.jsonl:1` is not an object."),
        ('{"prompt": "a"}\n', None, InvalidInput, "`prompt` of `rows.jsonl:1` is not a list"),
        (
            LINE.replace("]}", '], "tools": {}}'),
            None,
            InvalidInput,
            "`tools` of `rows.jsonl:1` is not a list.",
        ),
    ],
)
def test_what_is_refused(
    tmp_path: Path, text: str, digest: str | None, kind: type[CorrigendaError], message: str
) -> None:
    with pytest.raises(kind) as refused:
        rows.read(tmp_path, plan(tmp_path, text, digest))
    assert message in refused.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    wanted = plan(tmp_path, LINE)
    (tmp_path / "rows.jsonl").unlink()
    with pytest.raises(NotFound):
        rows.read(tmp_path, wanted)


def test_tools_are_a_column_for_all_or_none() -> None:
    one, other = row(prompt=[], completion=[]), row(prompt=[], completion=[], tools=[{"a": None}])
    assert rows.columns([one], ["completion"]) == [{"prompt": [], "completion": []}]
    assert [each["tools"] for each in rows.columns([one, other], ["completion"])] == [
        None,
        [{"a": None}],
    ]


@pytest.mark.parametrize(("n", "batch"), [(56, 16), (5, 16), (16, 16), (1, 3)])
def test_an_epoch_has_every_row_in_whole_batches(n: int, batch: int) -> None:
    step = 0
    sampler = Sampler(n, batch, 0, lambda: step)
    first = list(sampler)
    assert len(first) == len(sampler)
    assert len(first) % batch == 0
    assert sorted(first[:n]) == list(range(n))
    assert set(first) == set(range(n))
    assert list(sampler) == first
    step = len(sampler) // batch
    assert n < 3 or list(sampler)[:n] != first[:n]


def test_passes_are_the_same_over_one_process_and_two() -> None:
    one = [replayed(16, 3, step, 0, Share(8)) for step in range(6)]
    two = [
        replayed(16, 3, step, 0, Share(4, 1, 2, 0)) + replayed(16, 3, step, 0, Share(4, 1, 2, 1))
        for step in range(6)
    ]
    assert one == two
    assert sorted(one[0] + one[1]) == list(range(16))
    assert [replayed(16, 3, 0, micro, Share(4, 2)) for micro in (0, 1)] == [
        one[0][:4],
        one[0][4:],
    ]


def test_what_is_trained_on_several_times_is_said() -> None:
    asked, four, five = said("user", "2 + 2?"), said("assistant", "4"), said("assistant", "5")
    once = {"prompt": asked, "completion": four}
    found = rows.check(
        [
            Row("corrections", "c.jsonl", 1, once),
            Row("corrections", "c.jsonl", 2, {"tools": None, **once}),
            Row("corrections", "c.jsonl", 3, {"prompt": asked, "completion": five}),
            Row("corrections", "c.jsonl", 4, {**once, "tools": [{"type": "function"}]}),
            Row("replay", "r.jsonl", 1, once),
            Row("validation", "v.jsonl", 1, once),
            Row("pairs", "p.jsonl", 1, {"prompt": asked, "chosen": four, "rejected": five}),
            Row("pairs", "p.jsonl", 2, {"prompt": asked, "chosen": four, "rejected": five}),
        ]
    )
    assert [(each.level, each.code, each.rows) for each in found] == [
        ("warning", "repeated", ("c.jsonl:2", "r.jsonl:1", "p.jsonl:2"))
    ]
