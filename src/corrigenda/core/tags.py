"""Quick tags of a decision: short texts that one can filter by."""

from collections.abc import Iterable

from corrigenda.core.candidate import storable
from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput

MOST = 20
"""Tags of one decision."""

LIMIT = 100
"""Characters of one tag."""


def clean(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without white space around them, each once, blank ones left out.

    Raises:
        InvalidInput: There are more than `MOST`, or one is too long or not storable.

    Example:
        >>> clean([" unit", "unit", ""])
        ('unit',)
    """
    found = tuple(dict.fromkeys(stripped for tag in tags if (stripped := tag.strip())))
    if len(found) > MOST:
        raise InvalidInput(f"`tags` must be at most {MOST}, found {len(found)}.")
    for tag in found:
        if len(tag) > LIMIT or not storable(tag):
            raise InvalidInput(
                f"A tag must be at most {LIMIT} characters, without U+0000 and lone surrogates; "
                f"found {shown(tag)}."
            )
    return found
