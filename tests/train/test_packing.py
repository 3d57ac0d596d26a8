"""Into how many sequences rows are packed; `tests/trainers` compares it with what TRL does."""

import pytest

from corrigenda.train.packing import TOGETHER, Packed, packed


@pytest.mark.parametrize(
    ("lengths", "limit", "expected"),
    [
        ([], 8, Packed(0, 0)),
        ([3], 8, Packed(1, 3)),
        ([4, 4, 4], 8, Packed(2, 8)),
        ([5, 5, 3, 3], 8, Packed(2, 8)),
        ([20, 1], 8, Packed(2, 8)),  # what is longer is cut
        ([6, 5, 2, 1], 8, Packed(2, 8)),
        ([1] * (TOGETHER + 1), 2 * TOGETHER, Packed(2, TOGETHER)),
    ],
)
def test_packing(lengths: list[int], limit: int, expected: Packed) -> None:
    assert packed(lengths, limit) == expected
