"""Parquet: rows come back as they were, whatever they hold and however they differ."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corrigenda.outputs import open_folder
from corrigenda.outputs.shapes import Kind, Shape
from tests.outputs.rows import PARTS, STRANGE, SUM, Row, call, chat, written

MESSAGE = pa.struct([("role", pa.string()), ("content", pa.string())])


def stored(rows: list[Row]) -> pa.Table:
    file = io.BytesIO()
    written(file, rows, "parquet")
    return pq.read_table(io.BytesIO(file.getvalue()))


def restored(value: Any, type_: Any) -> Any:
    """A value as `datasets` gives it: what is marked as JSON is decoded."""
    if value is None:
        return None
    if isinstance(type_, pa.BaseExtensionType):
        return json.loads(value)
    if pa.types.is_list(type_):
        return [restored(each, type_.value_type) for each in value]
    if pa.types.is_struct(type_):
        return {each.name: restored(value[each.name], each.type) for each in type_}
    return value


def read(table: pa.Table) -> list[Row]:
    """The rows; a column that is null is one that the row lacks."""
    return [
        {
            field.name: restored(row[field.name], field.type)
            for field in table.schema
            if row[field.name] is not None
        }
        for row in table.to_pylist()
    ]


def test_plain_chats_are_plain_columns() -> None:
    table = stored([SUM, STRANGE])
    assert table.schema.field("messages").type.value_type == MESSAGE
    assert table.to_pylist() == [SUM, STRANGE]


@pytest.mark.parametrize(
    "rows",
    [
        [SUM, call(a=1, b=2), call(x="text")],
        [call(a=1), call(a=[1, {"b": None}])],
        [SUM, PARTS],
        [{"a": [{"b": 1}, {"b": "x"}]}, {"a": []}],
        [{"a": {"b": 1}}, {"a": {"c": 1}}, {"a": {}}],
        [{"a": 2**70}, {"a": 1}],
        [{"a": 2**60}, {"a": 0.5}],
        [{"a": None}, {"b": [None]}],
        [{"a": [[1], []]}, {"a": "x"}],
        [{"a": True}, {"a": 1}],
        [{"a": {"\ud800": 1}}],
        [{"a": {"": 1, "b.c": {"d/e": []}}}],
        [{"a": {str(n): n for n in range(500)}}],
    ],
    ids=lambda rows: str(rows)[:40].encode("ascii", "replace").decode(),
)
def test_rows_that_differ_come_back_as_they_were(rows: list[Row]) -> None:
    without_nulls = [{k: v for k, v in row.items() if v is not None} for row in rows]
    assert read(stored(rows)) == without_nulls


def test_the_arguments_of_calls_are_not_filled_up() -> None:
    found = read(stored([call(a=1), call(b=2)]))
    calls = [row["messages"][1]["tool_calls"][0]["function"]["arguments"] for row in found]
    assert calls == [{"a": 1}, {"b": 2}]


def test_an_open_value_is_json_text_that_says_so() -> None:
    file = io.BytesIO()
    written(file, [SUM, call(a=1)], "parquet")
    schema = pq.ParquetFile(file).schema
    kinds = {schema.column(n).path: str(schema.column(n).logical_type) for n in range(len(schema))}
    assert kinds["messages.list.element"] == "JSON"


def test_a_column_may_begin_late() -> None:
    rows = [SUM, {**SUM, "tools": [{"name": "add"}]}, SUM]
    assert [row["tools"] for row in stored(rows).to_pylist()] == [None, [{"name": "add"}], None]


def test_a_lone_surrogate_is_replaced_in_a_text_and_kept_in_json() -> None:
    table = stored([chat("a\ud800", "😀")])
    assert table.to_pylist() == [chat("a\ufffd", "😀")]
    assert read(stored([{"a": "\ud800"}, {"a": 1}])) == [{"a": "\ud800"}, {"a": 1}]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@example([{"a": [None, None]}])
@example([{"a": {"b": None}}, {"a": None}])
@given(st.lists(st.dictionaries(st.sampled_from("abc"), json_values, min_size=1), min_size=1))
def test_whatever_is_json_comes_back(rows: list[Row]) -> None:
    without_nulls = [{k: v for k, v in row.items() if v is not None} for row in rows]
    assert read(stored(rows)) == without_nulls


def test_splits_have_the_same_columns(tmp_path: Path) -> None:
    with (
        open_folder(tmp_path / "set") as folder,
        folder.writers("train.parquet", "validation.parquet", "rows.jsonl") as writers,
    ):
        for writer, row in zip(writers, (SUM, call(a=1), SUM), strict=True):
            writer.write(row)
    train, validation = (
        pq.read_table(tmp_path / f"set/{name}.parquet") for name in ("train", "validation")
    )
    assert train.schema == validation.schema
    assert (read(train), read(validation)) == ([SUM], [call(a=1)])


def test_many_rows_are_several_groups() -> None:
    rows = [chat(f"{n}?", "x" * 10_000) for n in range(8_000)]
    file = io.BytesIO()
    written(file, rows, "parquet")
    groups = pq.ParquetFile(file).metadata.num_row_groups
    assert groups == 3
    assert pq.read_table(file).to_pylist() == rows


def test_a_value_as_large_as_a_group_fits() -> None:
    rows = [SUM, chat("?", "x" * 40_000_000), SUM]
    assert stored(rows).to_pylist() == rows


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], Kind.NULL),
        ([None, None], Kind.NULL),
        ([1, None, 2], Kind.WHOLE),
        ([1, 2.5], Kind.NUMBER),
        ([2**53 + 1, 2.5], Kind.ANY),
        ([2.5, 2**53 + 1], Kind.ANY),
        ([2**63], Kind.ANY),
        ([-(2**63)], Kind.WHOLE),
        ([True, 1], Kind.ANY),
        (["a", ["a"]], Kind.ANY),
        ([{"a": 1}, {"a": 2}], Kind.OBJECT),
        ([{"a": 1, "b": 1}, {"b": 1, "a": 1}], Kind.OBJECT),
        ([{"a": 1}, {"a": 1, "b": 1}], Kind.ANY),
        ([{}], Kind.ANY),
    ],
)
def test_values_have_a_shape_in_common(values: list[Any], kind: Kind) -> None:
    shape = Shape()
    for value in values:
        shape.see(value)
    assert shape.kind is kind
