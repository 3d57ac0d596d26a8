"""Names that become folders: those of exports, trainings, evaluations. None of them is a path."""

import re

from corrigenda.errors import InvalidInput, shorten

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def can_be_name(text: str) -> bool:
    """Whether a text can be such a name: no path, nothing empty or odd.

    Example:
        >>> can_be_name("rc-1"), can_be_name("../rc-1"), can_be_name("")
        (True, False, False)
    """
    return _NAME.fullmatch(text) is not None


def check_name(text: str, what: str) -> str:
    """Return a name if it can be one.

    Args:
        text: The name.
        what: What it cannot be otherwise, such as `an export's name`.

    Raises:
        InvalidInput: It is a path, empty, too long, or has other characters.
    """
    if not can_be_name(text):
        raise InvalidInput(
            f"`{shorten(text)}` cannot be {what}: use up to 100 letters, digits, `.`, `_` and "
            "`-`, beginning with a letter or a digit."
        )
    return text
