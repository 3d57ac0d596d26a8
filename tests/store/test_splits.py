"""Splits that were given once stay, whoever exports at the same time."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from corrigenda.core.groups import key
from corrigenda.core.recipe import SPLITS, Recipe
from corrigenda.errors import StorageError
from corrigenda.store import Database, splits
from corrigenda.workbench.curating.items import Findings, Item, Origin
from corrigenda.workbench.curating.splitting import GroupSplitter

KEYS = [key("prompt", str(number)) for number in range(300)]


def read(database: Database, seed: int = 0) -> dict[bytes, str]:
    with database.reading() as connection:
        found = splits.read(connection, seed, KEYS)
        assert found == splits.everything(connection, seed)
    return found


def keep(database: Database, assigned: dict[bytes, str], seed: int = 0) -> None:
    database.write(lambda connection: splits.keep(connection, seed, assigned))


def test_what_is_kept_is_read(database: Database) -> None:
    wanted = {name: SPLITS[number % 3] for number, name in enumerate(KEYS)}
    keep(database, wanted)
    keep(database, {KEYS[0]: "test"}, seed=1)
    assert read(database) == wanted
    assert read(database, seed=1) == {KEYS[0]: "test"}
    assert read(database, seed=2) == {}


def test_many_keys_are_read_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(database, dict.fromkeys(KEYS, "train"))
    monkeypatch.setattr(splits, "_MANY", 10)
    with database.reading() as connection:
        assert splits.read(connection, 0, KEYS[:20]) == dict.fromkeys(KEYS[:20], "train")
        assert splits.read(connection, 0, set(KEYS[:20])) == dict.fromkeys(KEYS[:20], "train")


def test_whoever_was_overtaken_writes_nothing(database: Database) -> None:
    keep(database, {KEYS[5]: "test"})
    with pytest.raises(splits.Overtaken):
        keep(database, dict.fromkeys(KEYS[:10], "train"))
    assert read(database) == {KEYS[5]: "test"}
    keep(database, {KEYS[4]: "train", KEYS[5]: "test"})  # what agrees is kept
    assert read(database) == {KEYS[4]: "train", KEYS[5]: "test"}


def test_shares_are_no_key(database: Database) -> None:
    for said in ("0.8", "0.9"):
        database.write(partial(splits.note_shares, seed=0, said=said))
        with database.reading() as connection:
            assert splits.shares(connection, 0) == said
            assert splits.shares(connection, 1) is None
    assert read(database) == {}


def items(*groups: tuple[int, ...]) -> list[Item]:
    """Items by the numbers of their keys; the first is the prompt."""
    return [
        Item(
            *(seq, str(seq), 1, Origin.CORRECTION, KEYS[first], b"", b"", "", "", "task", "", ""),
            groups=tuple(KEYS[number] for number in more),
        )
        for seq, (first, *more) in enumerate(groups)
    ]


def export(database: Database, *groups: tuple[int, ...], **fields: object) -> dict[str, str]:
    recipe = Recipe(**{"splits": (0.34, 0.33, 0.33), **fields})  # type: ignore[arg-type]
    while True:
        using = GroupSplitter(database, recipe, keep=True)
        found = using.assign(items(*groups), {}, Findings())
        try:
            using.commit()
            return {item.id: item.split for item in found}
        except StorageError:
            continue  # as whoever exports would


def test_two_exports_at_once_agree(database: Database) -> None:
    """Each sees other connections between the same prompts; what both have must not differ."""
    ones: list[tuple[int, ...]] = [(number, 100 + number // 3) for number in range(90)]
    others: list[tuple[int, ...]] = [(number, 200 + number // 5) for number in range(90)]
    gate = threading.Barrier(4)

    def run(groups: list[tuple[int, ...]]) -> dict[str, str]:
        gate.wait(timeout=30)
        return export(database, *groups)

    with ThreadPoolExecutor(4) as pool:
        wanted = [ones, others, ones[::-1], others[::-1]]
        found = [each.result(timeout=100) for each in [pool.submit(run, w) for w in wanted]]
    kept = read(database)
    for groups, said in zip(wanted, found, strict=True):
        for number, split in said.items():
            assert {kept[KEYS[each]] for each in groups[int(number)]} == {split}


_PROGRAM = """
import json, sys
from corrigenda.store import Database
from tests.store.test_splits import export
database = Database.open(sys.argv[1])
step = int(sys.argv[2])
for turn in range(10):
    groups = [(number, 100 + number // step) for number in range(9 * turn)]
    print(json.dumps(export(database, *groups)))
database.close()
"""


def test_two_processes_agree(database_url: str) -> None:
    Database.open(database_url).close()
    root = Path(__file__).parents[2]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, database_url, step],
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        for step in ("3", "7")
    ]
    outputs = [process.communicate(timeout=100)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    said: dict[str, str] = {}
    for output in outputs:
        for line in output.splitlines():
            for name, split in json.loads(line).items():
                assert said.setdefault(name, split) == split
    assert said


def test_later_exports_move_nothing(database: Database) -> None:
    first = export(database, *((number,) for number in range(50)))
    more = export(database, *((number, 100 + number // 2) for number in range(80)))
    assert more.items() <= {**more, **first}.items()
    assert len(more) < 80  # those that connect two splits
    assert export(database, *((number,) for number in range(50))) == first


def test_a_preview_keeps_nothing(database: Database) -> None:
    recipe = Recipe(splits=(0.8, 0.1, 0.1))
    for keep_them in False, True:
        using = GroupSplitter(database, recipe, keep=keep_them)
        assert [item.split for item in using.assign(items((1, 2)), {}, Findings())] != ["all"]
        if not keep_them:
            using.commit()
        # Nor does an export that is not there yet.
        assert read(database) == {}


def test_an_export_that_was_overtaken_keeps_nothing(database: Database) -> None:
    using = GroupSplitter(database, Recipe(splits=(1, 0, 0)), keep=True)
    using.assign(items((1, 2), (3,)), {}, Findings())
    keep(database, {KEYS[2]: "test"})
    with pytest.raises(StorageError, match="Another export"):
        using.commit()
    assert read(database) == {KEYS[2]: "test"}


def test_other_shares_are_for_new_groups(database: Database) -> None:
    before = export(database, *((number,) for number in range(50)))
    recipe, findings = Recipe(splits=(1, 0, 0)), Findings()
    everything = items(*((number,) for number in range(90)))
    found = GroupSplitter(database, recipe, keep=True).assign(everything, {}, findings)
    assert {item.id: item.split for item in found[:50]} == before
    assert {item.split for item in found[50:]} == {"train"}
    assert "0.34 / 0.33 / 0.33" in findings.warnings[0]
