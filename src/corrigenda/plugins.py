"""Sources and export formats, found by their entry points.

A third party adds one in its own package:

    [project.entry-points."corrigenda.sources"]
    my_harness = "my_package.source:MySource"

A plug-in that cannot be loaded is a warning with its name, not a crash.
"""

import warnings
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from corrigenda.errors import UnknownFormat

SOURCES = "corrigenda.sources"
EXPORTS = "corrigenda.exports"


@lru_cache(maxsize=8)
def installed(group: str) -> dict[str, Any]:
    """The plug-ins of a group by name, instances of their classes; ours come first."""
    found: dict[str, Any] = {}
    points = sorted(
        entry_points(group=group),
        key=lambda point: (not point.value.startswith("corrigenda."), point.name),
    )
    for point in points:
        try:
            found.setdefault(point.name, point.load()())
        except Exception as error:  # noqa: BLE001 - a stranger's code may raise anything
            warnings.warn(
                f"The plug-in `{point.name}` ({point.value}) cannot be loaded: {error!r}",
                RuntimeWarning,
                stacklevel=2,
            )
    return found


def named(group: str, name: str) -> Any:
    """One plug-in.

    Raises:
        UnknownFormat: None of this name is installed.
    """
    found = installed(group)
    if name not in found:
        kind = "source" if group == SOURCES else "export format"
        raise UnknownFormat(kind, name, tuple(found))
    return found[name]
