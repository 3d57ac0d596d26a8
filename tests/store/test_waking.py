"""Many who wait in an event loop are told by one call, and each gets what is theirs."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from corrigenda.errors import NotFound
from corrigenda.store import Bell, Database


def double(_: Connection, items: Sequence[int]) -> list[Any]:
    return [NotFound("odd") if item % 2 else item * 2 for item in items]


def test_each_gets_their_own_and_the_loop_is_woken_for_groups(database: Database) -> None:
    rung = 0

    class Counting(Bell):
        def ring(self) -> None:
            nonlocal rung
            rung += 1
            super().ring()

    async def ask(bell: Bell, item: int) -> Any:
        try:
            return await bell.wait(database.put(double, item, bell))
        except NotFound as refusal:
            return refusal.message

    async def many() -> list[Any]:
        bell = Counting(asyncio.get_running_loop())
        return await asyncio.gather(*(ask(bell, item) for item in range(200)))

    found = asyncio.run(many())
    assert found == ["odd" if item % 2 else item * 2 for item in range(200)]
    assert 1 <= rung < 100, "groups, not items"


def test_whoever_stops_waiting_takes_what_is_not_begun_with_them() -> None:
    async def stop() -> tuple[bool, bool]:
        bell, future = Bell.of_running_loop(), Future[int]()
        assert bell is Bell.of_running_loop()
        task = asyncio.create_task(bell.wait(future))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        bell.ring()
        await asyncio.sleep(0.01)
        return future.cancelled(), bell._waiting == {}

    assert asyncio.run(stop()) == (True, True)


def test_a_future_that_somebody_cancels_ends_the_waiting() -> None:
    async def cancelled() -> None:
        bell, future = Bell.of_running_loop(), Future[int]()
        task = asyncio.create_task(bell.wait(future))
        await asyncio.sleep(0)
        future.cancel()
        bell.ring()
        await asyncio.sleep(0.01)
        assert task.cancelled()

    asyncio.run(cancelled())


def test_a_loop_that_is_closed_is_not_woken() -> None:
    async def own() -> Bell:
        return Bell.of_running_loop()

    loop = asyncio.new_event_loop()
    bell = loop.run_until_complete(own())
    loop.close()
    bell.ring()
    assert bell._loop() is loop
