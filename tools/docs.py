"""What the documentation says of the code, written by the code (cog blocks call these)."""

import inspect
import json
from typing import Any

from tools.openapi import document

_METHODS = ("get", "post", "put", "delete")


def routes() -> str:
    """The routes as a Markdown table."""
    paths: dict[str, dict[str, Any]] = json.loads(document())["paths"]
    lines = ["| route | what | answers |", "|---|---|---|"]
    for path, operations in paths.items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                answers = ", ".join(sorted(operation["responses"]))
                lines.append(f"| `{method.upper()} {path}` | {operation['summary']} | {answers} |")
    return "\n".join(lines)


def error_codes() -> str:
    """The errors' codes and statuses as a Markdown table."""
    from corrigenda import errors
    from corrigenda.api.errors import status_of

    lines = ["| `code` | status | meaning |", "|---|---|---|"]
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.CorrigendaError) and kind is not errors.CorrigendaError
    ]
    for kind in sorted(kinds, key=lambda kind: (status_of(kind.__new__(kind)), kind.code)):
        meaning = inspect.getdoc(kind) or ""
        summary = meaning.split("\n")[0]
        lines.append(f"| `{kind.code}` | {status_of(kind.__new__(kind))} | {summary} |")
    return "\n".join(lines)


def workspace_methods() -> str:
    """The methods of a workspace, with their signatures and docstrings."""
    from corrigenda.workbench import Workspace

    members: dict[str, Any] = {}
    for kind in Workspace.__mro__:
        members = {**vars(kind), **members}
    own = dict.fromkeys([*vars(Workspace), *members])
    parts = []
    for name, member in ((name, members[name]) for name in own):
        if name.startswith("_") or not inspect.isfunction(member):
            continue
        signature = str(inspect.signature(member)).replace("(self, ", "(").replace("(self)", "()")
        signature = signature.replace("]]]", "]] ]")  # which cog would take for its own
        parts.append(f"### `{name}`\n\n```python\n{_wrapped(name, signature)}\n```\n")
        parts.append(f"{inspect.getdoc(member)}\n")
    return "\n".join(parts)


def categories() -> str:
    """The built-in failure categories as a Markdown table."""
    from corrigenda.core.taxonomy import BUILT_IN

    lines = ["| key | name | what it means | example |", "|---|---|---|---|"]
    for key, category in enumerate(BUILT_IN, 1):
        lines.append(f"| {key} | `{category.name}` | {category.definition} | {category.example} |")
    return "\n".join(lines)


def _wrapped(name: str, signature: str) -> str:
    line = f"{name}{signature}"
    if len(line) <= 100:
        return line
    inside, _, after = signature[1:].rpartition(")")
    arguments = ",\n    ".join(_split(inside))
    return f"{name}(\n    {arguments},\n){after}"


def _split(text: str) -> list[str]:
    """Split at the commas that stand in no brackets."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += (character in "[(") - (character in "])")
        if character == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    return [*parts, current.strip()]
