"""A stream taken in parts."""

import pytest

from corrigenda.core.parts import in_parts


@pytest.mark.parametrize("n", [0, 1, 4, 5, 6, 11])
def test_nothing_is_lost(n: int) -> None:
    parts = list(in_parts(iter(range(n)), 5))
    assert [each for part in parts for each in part] == list(range(n))
    assert all(len(part) == 5 for part in parts[:-1])
    assert all(parts)
