"""How a value that was refused is shown in a message."""

import json

_LIMIT = 60


def shown(value: object) -> str:
    """A value as JSON in backticks, cut where it is long.

    Example:
        >>> shown({"a": None})
        '`{"a": null}`'
    """
    text = json.dumps(value, default=str)
    return f"`{text if len(text) <= _LIMIT else text[: _LIMIT - 1] + '…'}`"
