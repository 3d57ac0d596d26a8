"""What holds rows together in one split, and what goes to the test split as a whole."""

from typing import Any

import pytest

from corrigenda.core.example import of_correction
from corrigenda.core.recipe import SPLITS, Recipe
from corrigenda.store import Database
from corrigenda.workbench.curating.items import Findings, Item, Origin, Reason
from corrigenda.workbench.curating.splitting import GroupSplitter

N = 40
THIRDS = (0.34, 0.33, 0.33)


@pytest.fixture
def database(database_url: str) -> Any:
    opened = Database.open(database_url)
    yield opened
    opened.close()


def splitter(database: Database, *, keep: bool = True, **fields: Any) -> GroupSplitter:
    recipe = Recipe.from_json({"splits": list(THIRDS), **fields})
    return GroupSplitter(database, recipe, keep=keep)


def made(
    using: GroupSplitter,
    number: int,
    *,
    task: str = "sums",
    origin: Origin = Origin.CORRECTION,
    **fields: Any,
) -> Item:
    asked = {"role": "user", "content": f"What is {number} + 1?"}
    record = {"id": f"c{number}", "prompt_messages": [asked], **fields}
    prompt = number.to_bytes(16)
    item = Item(number, record["id"], 1, origin, prompt, prompt, prompt, "", "none", task, "m", "r")
    item.groups = using.groups(item, of_correction(record))
    return item


def assigned(using: GroupSplitter, items: list[Item], **clusters: Any) -> tuple[Any, Findings]:
    findings = Findings()
    kept = using.assign(items, clusters.get("clusters", {}), findings)
    using.commit()
    return {item.id: item.split for item in kept}, findings


def number_of_splits(found: dict[str, str]) -> int:
    assert set(found.values()) <= set(SPLITS)
    return len(set(found.values()))


def test_prompts_alone_fall_into_all_splits(database: Database) -> None:
    using = splitter(database, group_by=["prompt"])
    found, findings = assigned(using, [made(using, number) for number in range(N)])
    assert number_of_splits(found) == 3
    assert (findings.left_out, findings.warnings) == ([], [])


@pytest.mark.parametrize(
    ("group_by", "fields"),
    [
        ("document", {"metadata": {"document": "d"}}),
        ("template", {}),
        ("task", {}),
    ],
)
def test_what_is_shared_holds_together(
    database: Database, group_by: str, fields: dict[str, Any]
) -> None:
    using = splitter(database, group_by=[group_by])
    found, findings = assigned(using, [made(using, number, **fields) for number in range(N)])
    assert (len(found), number_of_splits(found)) == (N, 1)
    assert f"{N} of {N} rows hang together" in findings.warnings[0]


def test_near_duplicates_hold_together(database: Database) -> None:
    together = {number.to_bytes(16): (number // 20).to_bytes(16) for number in range(N)}
    for group_by, wanted in (["cluster"], 2), (["prompt"], N):
        using = splitter(database, keep=False, group_by=group_by)
        items = [made(using, number) for number in range(N)]
        found, _ = assigned(using, items, clusters=together)
        clusters = {(place // 20, found[f"c{place}"]) for place in range(N)}
        assert (len(clusters) == wanted) is (group_by == ["cluster"])


def test_a_task_that_is_held_out_is_in_the_test_split(database: Database) -> None:
    using = splitter(database, holdout_tasks=["facts"], group_by=["document"])
    tasks = ["facts" if number % 2 else "sums" for number in range(N)]
    # A document of both tasks goes with the task that is held out.
    fields: dict[int, dict[str, Any]] = {n: {"metadata": {"document": "both"}} for n in (3, 4)}
    items = [made(using, n, task=tasks[n], **fields.get(n, {})) for n in range(N)]
    found, findings = assigned(using, items)
    assert {found[f"c{n}"] for n in range(1, N, 2)} == {"test"}
    assert found["c4"] == "test"
    assert number_of_splits(found) == 3
    assert findings.left_out == []


def test_what_was_trained_on_is_not_held_out_later(database: Database) -> None:
    before = splitter(database)
    first, _ = assigned(before, [made(before, number) for number in range(N)])
    using = splitter(database, holdout_tasks=["sums"])
    found, findings = assigned(using, [made(using, number) for number in range(N)])
    assert found == {name: split for name, split in first.items() if split == "test"}
    assert {left.id for left in findings.left_out} == first.keys() - found.keys()
    assert {left.reason for left in findings.left_out} == {Reason.BRIDGES_SPLITS}
    assert "held out for `test`" in findings.left_out[0].detail


def test_a_row_between_two_groups_is_left_out_and_named(database: Database) -> None:
    before = splitter(database, group_by=["document"])
    first, _ = assigned(before, [made(before, n, metadata={"document": f"d{n}"}) for n in range(N)])
    other = next(n for n in range(N) if first[f"c{n}"] != first["c0"])
    both = {"document": "d0", "source_document": f"d{other}"}
    later = splitter(database, group_by=["document"])
    items = [made(later, n, metadata={"document": f"d{n}"}) for n in range(N)]
    found, findings = assigned(later, [*items, made(later, N, metadata=both)])
    assert found == first
    (left,) = findings.left_out
    assert (left.id, left.reason) == (f"c{N}", Reason.BRIDGES_SPLITS)
    assert "groups of `" in left.detail


def test_passes_are_trained_on_unless_their_group_is_elsewhere(database: Database) -> None:
    using = splitter(database, group_by=["document"], holdout_tasks=["facts"])
    found, _ = assigned(using, [made(using, n, metadata={"document": f"d{n}"}) for n in range(N)])
    for n in range(N):
        of_document = made(using, 100 + n, origin=Origin.PASS, metadata={"document": f"d{n}"})
        assert using.trainable(of_document) is (found[f"c{n}"] == "train")
    assert not using.trainable(made(using, 0, origin=Origin.PASS, task="facts"))
    alone = [made(using, n, origin=Origin.PASS) for n in range(200, 200 + N)]
    chosen = [item for item in alone if using.trainable(item)]
    assert 0 < len(chosen) < N
    using.settle(chosen)
    using.commit()
    # A correction of the same prompt comes later: it goes where the pass is.
    later = splitter(database, splits=[0.01, 0.0, 0.99])
    corrected, _ = assigned(later, [made(later, item.seq) for item in chosen])
    assert set(corrected.values()) == {"train"}


def test_a_split_without_rows_is_said(database: Database) -> None:
    using = splitter(database, splits=[0.999, 0.001, 0])
    _, findings = assigned(using, [made(using, 1), made(using, 2)])
    assert findings.warnings == ["No row fell into the split `validation`."]
