"""The quick hashes are those that the core defines."""

from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core import candidate as core
from corrigenda.store.digests import prompt_key, record_digest

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.text(st.characters(max_codepoint=127)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
MESSAGES = st.lists(
    st.dictionaries(st.sampled_from(["role", "content", "name", "tool_calls"]), VALUES), max_size=3
)


@given(st.dictionaries(st.sampled_from("abcdef") | st.text(), VALUES), MESSAGES)
def test_the_same_hash(fields: dict[str, object], messages: list[dict[str, object]]) -> None:
    record = {**fields, "prompt_messages": messages, "id": "a", "status": "approved"}
    assert record_digest(record) == core.record_digest(record)
    assert prompt_key(record) == core.prompt_key(record)
