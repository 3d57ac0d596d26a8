"""Reports made of blocks: one report is both Markdown and plain text for a terminal."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corrigenda.core.plain import columns, plain


@dataclass(frozen=True)
class Heading:
    """A heading; 1 is the report's own."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Lines:
    """Lines of text; as a list, if they are `items`."""

    lines: Sequence[str]
    items: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; the first column is names, the others are figures and end flush."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]


Block = Heading | Lines | Grid


def as_markdown(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of a report as Markdown."""
    for number, block in enumerate(blocks):
        if number:
            yield ""
        match block:
            case Heading():
                yield f"{'#' * block.level} {block.text}"
            case Lines():
                yield from (f"- {line}" if block.items else line for line in block.lines)
            case Grid():
                yield f"| {' | '.join(block.head)} |"
                yield f"|---|{'--:|' * (len(block.head) - 1)}"
                for row in block.rows:
                    yield f"| {' | '.join(map(str, row))} |"


def as_text(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines of a report for a terminal."""
    for number, block in enumerate(blocks):
        if number:
            yield ""
        match block:
            case Heading():
                yield block.text
                yield ("=" if block.level == 1 else "-") * len(block.text)
            case Lines():
                yield from (f"  {line}" if block.items else line for line in block.lines)
            case Grid():
                head = [each.upper() for each in block.head]
                right = range(1, len(head))
                yield from columns([head, *block.rows], right=[*right])


def inline(value: object) -> str:
    """A name as code, so that nothing in it is Markdown.

    Example:
        >>> inline("a"), inline("tick ` tock")
        ('`a`', '``tick ` tock``')
    """
    text = plain(value, 200).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
