"""Text for people. What stands in files is a stranger's: its control characters are shown."""

from collections.abc import Iterable, Sequence


def plain(text: object, limit: int | None = None) -> str:
    r"""One line that a terminal shows as it is: control characters are escaped.

    Example:
        >>> plain("a\x1b[31mb\nc"), plain("abcdef", limit=4)
        ('a\\x1b[31mb\\nc', 'abc…')
    """
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in str(text)
    )
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1] + "…"


def columns(rows: Iterable[Sequence[object]], *, right: Sequence[int] = ()) -> list[str]:
    """Rows as aligned lines; the columns whose numbers are in `right` end flush.

    Example:
        >>> columns([("approved", 8), ("discarded", 12)], right=[1])
        ['approved    8', 'discarded  12']
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def amount(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> amount(1, "row"), amount(2, "row"), amount(0, "entry", "entries")
        ('1 row', '2 rows', '0 entries')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
