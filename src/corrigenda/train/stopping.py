"""Asked to stop: the signal is noted, and the run ends after the step it is in."""

import signal
import threading
from types import FrameType

_asked = threading.Event()


class Stopped(Exception):
    """The run was asked to stop, and has kept what it has."""

    def __init__(self, stage: str, step: int) -> None:
        super().__init__(stage, step)
        self.stage = stage
        self.step = step


def listen() -> None:
    """Take SIGTERM and SIGINT as a wish to stop; they may come more than once."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _note)


def asked() -> bool:
    """Whether somebody wants this process to stop."""
    return _asked.is_set()


def _note(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
