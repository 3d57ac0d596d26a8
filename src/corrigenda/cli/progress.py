"""The bar that shows how far something long is."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from corrigenda.cli.text import plain

_LABEL = 40


@contextlib.contextmanager
def progress_bar(
    label: str = "candidates", *, in_bytes: bool = False
) -> Iterator[Callable[[int, int], bool]]:
    """A bar on standard error, where somebody is there to see it.

    Yields:
        What takes (done, total), and never asks to stop.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: False
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    name = TextColumn("{task.description}", markup=False)
    counted = DownloadColumn() if in_bytes else MofNCompleteColumn()
    parts = (name, BarColumn(), counted, Remaining())
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(plain(label, _LABEL), total=None)

        def show(done: int, total: int) -> bool:
            bar.update(task, completed=min(done, total), total=total or None)
            return False

        yield show
