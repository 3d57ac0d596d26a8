"""Any record with a usable id comes out as it went in."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.candidate import parse, prompt_key, record_digest, with_state
from corrigenda.jsonl import dumps, loads

# Any code point, U+0000 and lone surrogates included.
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)
IDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)
NUMBERS = st.integers() | st.integers(min_value=2**64) | st.floats(allow_nan=False)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS.filter(lambda n: n not in (float("inf"), -float("inf")))
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": TEXT}, optional={"content": TEXT | st.none(), "x": JSON})
)
OUR_FIELDS = {
    "prompt_messages": MESSAGES,
    "model_response": TEXT,
    "failure_reason": TEXT,
    "reference_answer": JSON,
    "tools": JSON,
    "metadata": JSON,
}
UNKNOWN = st.dictionaries(TEXT.map(lambda text: f"x_{text}"), JSON, max_size=4)
RECORDS: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda known, unknown: {**unknown, **known},
    st.fixed_dictionaries({"id": IDS}, optional=OUR_FIELDS),
    UNKNOWN,
)


@given(RECORDS)
def test_a_record_survives_line_and_parse(record: dict[str, Any]) -> None:
    line = dumps(record)
    assert line.isascii()
    assert "\n" not in line
    back = loads(line.encode("ascii"))
    found = parse(back)
    assert repr(found.record) == repr(record)  # repr tells 1 from 1.0, and the order of keys
    assert dumps(found.record) == line
    assert repr({**with_state(found.record, found.state), **record}) == repr(
        {**record, "status": "needs_review", "corrected_response": None, "failure_category": None}
    )


@given(RECORDS)
def test_what_other_programs_write_reads_the_same(record: dict[str, Any]) -> None:
    assert repr(loads(json.dumps(record, indent=1).encode("ascii"))) == repr(record)
    if _encodable(record):
        assert repr(loads(json.dumps(record, ensure_ascii=False).encode("utf-8"))) == repr(record)


@given(RECORDS)
def test_hashes_do_not_depend_on_the_order_of_keys(record: dict[str, Any]) -> None:
    turned = dict(reversed(record.items()))
    assert record_digest(turned) == record_digest(record)
    assert prompt_key(turned) == prompt_key(record)


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
