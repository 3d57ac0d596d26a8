"""Waiting in an event loop for what the writer's thread does.

`asyncio.wrap_future` wakes the loop for each answer by itself: a system call in which the writer
lets go of the interpreter, and gets it back when the loop has nothing more to do. Here the answers
of a group are given first, and then the loop is woken once.
"""

import asyncio
import contextlib
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")


class Bell:
    """Tells one event loop that something of what it waits for may be done.

    Example:
        bell = Bell.of_running_loop()
        answer = await bell.wait(database.put(together, item, bell))
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = ref(loop)  # as a key that its value holds would never go
        self._waiting: dict[Future[Any], asyncio.Future[Any]] = {}

    @classmethod
    def of_running_loop(cls) -> "Bell":
        """The bell of the loop that this is called in."""
        loop = asyncio.get_running_loop()
        bell = _BELLS.get(loop)
        if bell is None:
            bell = _BELLS[loop] = cls(loop)
        return bell

    async def wait(self, future: "Future[T]") -> T:
        """What becomes of it; whoever does it rings afterwards.

        It is not done any more, if it has not been begun, when the one who waits is cancelled.
        """
        # Whoever is called by the bell is called in this thread, so not before this stands there.
        mine: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting[future] = mine
        try:
            return await mine
        except asyncio.CancelledError:
            future.cancel()
            raise
        finally:
            del self._waiting[future]

    def ring(self) -> None:
        """From any thread: have the loop look."""
        loop = self._loop()
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed, so nobody waits
                loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        for future, mine in self._waiting.items():
            if not future.done() or mine.done():
                continue
            if future.cancelled():
                mine.cancel()
            elif (error := future.exception()) is not None:
                mine.set_exception(error)
            else:
                mine.set_result(future.result())


_BELLS: WeakKeyDictionary[asyncio.AbstractEventLoop, Bell] = WeakKeyDictionary()
