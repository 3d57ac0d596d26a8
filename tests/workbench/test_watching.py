"""What changes is told: by whomever, in any process, on both databases."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from corrigenda.errors import StorageError
from corrigenda.workbench import Workspace
from corrigenda.workbench.watcher import Told, Watcher, stop_all, watcher_of
from corrigenda.workbench.watching import IDS, Look, changes, look
from tests.store.samples import candidate, put


def fill(workspace: Workspace, *ids: str) -> None:
    put(workspace.database, [candidate(name) for name in ids])


@pytest.fixture
def workspace(tmp_path: Any) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "ws") as opened:
        fill(opened, "a", "b", "c")
        yield opened


@pytest.fixture
def both(database_url: str, tmp_path: Any) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "ws", database_url=database_url) as opened:
        fill(opened, "a", "b", "c")
        yield opened


class Story:
    """What happens in a workspace, look by look."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.last: Look = look(workspace.database)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        after = look(self.workspace.database, self.last)
        found = [(event.name, event.data) for event in changes(self.last, after)]
        self.last = after
        return found


def test_each_thing_is_told_once(both: Workspace) -> None:
    story = Story(both)
    assert story.told() == []
    held = both.claim(holder="h", n=2, reviewer="kim")
    assert story.told() == [("claimed", {"ids": ["a", "b"], "reviewer": "kim"})]
    both.submit("a", "flag", reviewer="kim")
    by_status = {"needs_review": 2, "approved": 0, "discarded": 0, "model_rejected": 1}
    assert story.told() == [
        ("decided", {"ids": ["a"], "n": 1}),
        ("counts", {"total": 3, "by_status": by_status}),
    ]
    both.release_claims([each["token"] for each in held.claims], holder="h", reviewer="kim")
    assert story.told() == [("released", {"ids": ["b"]})]
    both.undo("a")
    [(name, data), *_] = story.told()
    assert (name, data) == ("decided", {"ids": ["a"], "n": 1, "returned": ["a"]})
    fill(both, "d")
    assert ("imported", {"n": 1}) in story.told()
    assert story.told() == []


def test_a_card_that_another_takes_over_is_told(both: Workspace) -> None:
    both.lease_seconds = -1
    both.claim(holder="h", reviewer="kim")
    story = Story(both)
    both.lease_seconds = 60
    both.claim(holder="h", reviewer="ada")
    assert story.told() == [("claimed", {"ids": ["a"], "reviewer": "ada"})]
    both.claim(holder="h", reviewer="ada")
    assert story.told() == []  # a lease that is renewed is no news


def test_what_is_decided_several_times_is_named_once(both: Workspace) -> None:
    story = Story(both)
    both.submit("a", "flag")
    both.undo("a")
    both.submit("a", "discard")
    [(_, data), *_] = story.told()
    assert data == {"ids": ["a"], "n": 3}


def test_many_decisions_are_counted_and_some_are_named(workspace: Workspace) -> None:
    fill(workspace, *(f"m{n}" for n in range(IDS + 20)))
    story = Story(workspace)
    for n in range(IDS + 20):
        workspace.submit(f"m{n}", "flag")
    [(_, data), *_] = story.told()
    assert (len(data["ids"]), data["n"]) == (IDS, IDS + 20)
    assert data["ids"][0] == f"m{IDS + 19}"


# ---- the thread


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corrigenda.workbench.watcher.SECONDS", 0.02)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_listeners_are_told_until_they_leave(workspace: Workspace, quick: None) -> None:
    watcher = watcher_of(workspace)
    assert watcher is watcher_of(workspace)
    told: list[Told] = []

    def listener(each: Told | None) -> None:
        if each is not None:  # `None` is the end, when the workspace closes
            told.append(each)

    at, missed = watcher.listen(listener)
    assert missed == []
    time.sleep(0.1)
    workspace.submit("a", "flag")
    until(lambda: len(told) >= 2)
    assert [each[1].name for each in told] == ["decided", "counts"]
    watcher.leave(listener)
    workspace.submit("b", "flag")
    time.sleep(0.1)
    assert len(told) == 2
    # Who comes back is told what happened meanwhile.
    now, missed = watcher.listen(listener, told[0][0])
    assert missed is not None
    assert [each[1].name for each in missed][:2] == ["counts", "decided"]
    assert missed[-1][0] == now
    # Also who had heard of nothing yet: the id of the beginning will do.
    assert watcher.listen(listener, at).missed == [*told, *missed[1:]]
    assert watcher.listen(listener, now).missed == []
    for strange in ("elsewhere-3", f"{now}0", "", "\x00"):
        assert watcher.listen(listener, strange).missed is None


def test_the_thread_ends_when_nobody_has_listened_for_long(
    workspace: Workspace, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corrigenda.workbench.watcher.LINGER_SECONDS", 0.05)
    watcher = watcher_of(workspace)
    told: list[Told | None] = []
    watcher.listen(told.append)
    time.sleep(0.1)
    workspace.submit("a", "flag")
    until(lambda: len(told) >= 2)
    for listener in list(watcher._listeners):
        watcher.leave(listener)
    until(lambda: watcher._thread is None)
    assert told[-1] is not None
    assert watcher.listen(told.append, told[-1][0]).missed is None, (
        "what happens now nobody has seen"
    )


def test_at_the_end_everybody_is_told(workspace: Workspace, quick: None) -> None:
    told: list[Told | None] = []
    watcher_of(workspace).listen(told.append)
    stop_all()
    until(lambda: told == [None])
    late: list[Told | None] = []
    watcher_of(workspace).listen(late.append)
    assert late == [None]
    workspace.close()


@pytest.mark.parametrize("error", [StorageError("away"), RuntimeError("a mistake of ours")])
def test_after_a_look_that_failed_comes_another(
    workspace: Workspace, quick: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    broken = [True]

    def sometimes(*args: Any) -> Look:
        if broken[0]:
            raise error
        return look(*args)

    monkeypatch.setattr("corrigenda.workbench.watcher.look", sometimes)
    told: list[Told | None] = []
    watcher = Watcher(workspace.database)
    watcher.listen(told.append)
    time.sleep(0.1)
    broken[0] = False
    time.sleep(0.1)
    workspace.submit("a", "flag")
    until(lambda: bool(told))
    broken[0] = True
    time.sleep(0.1)
    workspace.undo("a")
    broken[0] = False
    until(lambda: any(each and "returned" in each[1].data for each in told))
    watcher.close()


def test_nobody_waits_for_a_look_that_takes_long(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = threading.Event(), threading.Event()

    def slow(*args: Any) -> Look:
        looking.set()
        assert go_on.wait(20)
        return look(*args)

    monkeypatch.setattr("corrigenda.workbench.watcher.look", slow)
    told: list[Told | None] = []
    watcher = Watcher(workspace.database)
    coming = threading.Thread(target=watcher.listen, args=(told.append,))
    coming.start()
    assert looking.wait(10)
    # As an event loop does, which must not stand still.
    leaving = threading.Thread(target=watcher.leave, args=(told.append,))
    leaving.start()
    leaving.join(5)
    stood_still = leaving.is_alive()
    go_on.set()
    coming.join()
    watcher.close()
    assert not stood_still


def test_what_happens_right_after_listening_began_is_told(workspace: Workspace) -> None:
    heard: list[str] = []
    watcher = watcher_of(workspace)
    watcher.listen(lambda told: heard.append(told[1].name) if told else None)
    workspace.submit("a", "flag")  # long before the watcher's first look
    deadline = time.monotonic() + 30
    while "decided" not in heard:
        assert time.monotonic() < deadline, heard
        time.sleep(0.02)
