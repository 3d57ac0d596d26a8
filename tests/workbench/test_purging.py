"""Removing for good, as a user does it: database, files, copies, and what still holds it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import parse
from corrigenda.core.postings import packed, pages, unpaged
from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import Selection
from corrigenda.errors import UnknownCandidate, UnknownRun, WorkspaceInUse
from corrigenda.mirror.candidates_file import NAME as CANDIDATES
from corrigenda.store import passes
from corrigenda.store.schema import facts, search_words
from corrigenda.workbench import Workspace
from corrigenda.workbench.recovery import restore
from tests.workbench.desk import assert_counts, fill, opened, record

SECRET = "qzxsecretword"


def secret(candidate_id: str = "gone", **fields: Any) -> dict[str, Any]:
    prompt = [{"role": "user", "content": f"My name is {SECRET}."}]
    return record(candidate_id, prompt_messages=prompt, **fields)


def holding(place: Path, word: str = SECRET) -> list[str]:
    """The files below a folder in which a word stands, in plain bytes."""
    found = (path for path in place.rglob("*") if path.is_file())
    return sorted(path.name for path in found if word.encode() in path.read_bytes())


def ids(workspace: Workspace) -> list[str]:
    return [found["id"] for found in workspace.candidates()]


def test_nothing_of_it_is_left_on_the_disk(tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    with Workspace.open(place) as workspace:
        fill(workspace, record("kept"), secret())
        workspace.submit("gone", "correct", corrected_response=f"{SECRET} again")
        workspace.undo("gone")
        workspace.submit("gone", "correct", corrected_response="five")
        workspace.submit("kept", "correct", corrected_response="4")
        workspace.sync()
        # A copy that was kept of the file, and lines that another program added.
        kept = place / "sft_candidates.kept-20260407T100000Z.jsonl"
        kept.write_text(f"{json.dumps(secret())}\nno JSON\n", encoding="utf-8")
        report = workspace.purge(["gone"], reviewer="kim")
        assert (report.candidates, report.decisions, report.lines) == (1, 3, 3)
        assert report.snapshots == report.backups == report.remarks == []
        assert holding(place) == []
        assert holding(place, "gone") == []
        assert ids(workspace) == ["kept"]
        assert kept.read_text("utf-8") == "no JSON\n"
        assert_counts(workspace.database)
        assert all(finding.ok for finding in workspace.check())
        with pytest.raises(UnknownCandidate):
            workspace.get("gone")
    with Workspace.open(place) as workspace:
        assert ids(workspace) == ["kept"]
        assert all(finding.ok for finding in workspace.check())
    assert holding(place) == []


def test_it_does_not_come_back(tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    with Workspace.open(place) as workspace:
        fill(workspace, record("kept"), secret())
        workspace.sync()
        before = (place / CANDIDATES).read_text("utf-8")
        workspace.purge(["gone"])
        # By the file, by an import, and by another run's name for it.
        (place / CANDIDATES).write_text(before, encoding="utf-8")
        assert ids(workspace) == ["kept"]
        fill(workspace, secret())
        assert ids(workspace) == ["kept"]
        fill(workspace, secret(benchmark_run_id="run-2"))
        assert ids(workspace) == ["kept", "run-2:gone"]
        workspace.purge(["run-2:gone", "gone"])
        assert SECRET not in (place / CANDIDATES).read_text("utf-8")


def test_a_run_goes_with_its_passes(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(
            workspace, record("kept"), *(secret(f"g{n}", benchmark_run_id="R") for n in range(500))
        )
        target = workspace.find_purge(runs=["R"])
        assert (len(target.candidates), target.runs) == (500, ("R",))
        seen: list[tuple[int, int]] = []
        report = workspace.purge(runs=["R"], progress=lambda *how_far: seen.append(how_far))
        assert (report.candidates, report.runs) == (500, 1)
        assert seen == [(200, 500), (400, 500), (500, 500)]
        assert ids(workspace) == ["kept"]
        assert workspace.browse(Selection(text=SECRET)).total == 0
        fill(workspace, secret("new", benchmark_run_id="R"), secret("g1", benchmark_run_id="R"))
        assert ids(workspace) == ["kept"]
        again = workspace.purge(runs=["R"])
        assert again.candidates == 0, "it may be asked for again, to end what a crash cut short"


def test_what_a_crash_left_is_removed_by_asking_again(tmp_path: Path) -> None:
    place = tmp_path / "workspace"
    with Workspace.open(place) as workspace:
        fill(workspace, record("kept"), secret())
        workspace.submit("gone", "correct", corrected_response="5")
        workspace.sync()
        left = {path: path.read_bytes() for path in place.glob("sft_*")}
        workspace.purge(["gone"])
    for path, data in left.items():
        path.write_bytes(data)
    with Workspace.open(place) as workspace:
        assert ids(workspace) == ["kept"]
        workspace.purge(["gone"])
        assert holding(place) == []


def test_snapshots_and_backups_that_hold_it_are_named(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        fill(workspace, record("kept"))
        early = workspace.backup(tmp_path / "early.tar.zst")
        workspace.submit("kept", "correct", corrected_response="4")
        workspace.make_export(Recipe(format="messages"), name="without")
        fill(workspace, secret())
        workspace.submit("gone", "correct", corrected_response="5")
        workspace.make_export(Recipe(format="messages"), name="with")
        late = workspace.backup(tmp_path / "late.tar.zst")
        lost = workspace.backup(tmp_path / "lost.tar.zst")
        lost.path.unlink()
        report = workspace.purge(["gone"])
        assert report.snapshots == ["with"]
        assert report.backups == [str(late.path)]
        assert workspace.purge(["kept"]).backups == [str(early.path), str(late.path)]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("rows.jsonl", b"\xff{no JSON"),
        ("rows.jsonl", b"[]"),
        ("rows.jsonl", b'{"id": ["gone"], "origin": "correction"}'),
        ("rows.jsonl", b""),
        ("rows.jsonl", None),
        ("left_out.jsonl", b'{"id": {}}'),
        ("left_out.jsonl", b"null"),
    ],
)
def test_a_snapshot_whose_list_is_damaged_is_named(
    tmp_path: Path, name: str, line: bytes | None
) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        fill(workspace, record("kept"), secret())
        workspace.submit("kept", "correct", corrected_response="4")
        workspace.make_export(Recipe(format="messages"), name="odd")
        path = workspace.export_folder("odd") / name
        path.unlink(missing_ok=True)
        if line is not None:
            path.write_bytes(line)
        report = workspace.purge(["gone"])
        assert report.snapshots == ["odd"]
        [remark] = report.remarks
        assert remark.startswith("The export `odd` counts as one that holds it")
        assert ids(workspace) == ["kept"]
        assert holding(tmp_path / "workspace") == []


def test_a_snapshot_that_was_deleted_holds_nothing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "workspace") as workspace:
        fill(workspace, secret())
        workspace.submit("gone", "correct", corrected_response="5")
        workspace.make_export(Recipe(format="messages"), name="away")
        shutil.rmtree(workspace.export_folder("away"))
        report = workspace.purge(["gone"])
        assert report.snapshots == report.remarks == []


def test_workspaces_that_a_restore_has_put_aside_are_named(tmp_path: Path) -> None:
    place, other = tmp_path / "ws", tmp_path / "ws-2.before-restore-20260407T100000Z"
    with Workspace.open(place) as workspace:
        fill(workspace, secret("both"))
        made = workspace.backup(tmp_path)
        fill(workspace, secret("late"))
    with Workspace.open(other) as stranger:
        fill(stranger, secret("both"))
    first = restore(made.path, place, force=True).kept
    second = restore(made.path, place, force=True).kept
    assert first is not None
    assert second is not None
    before = {path: path.read_bytes() for path in tmp_path.glob("*.before-*/*")}
    with Workspace.open(place) as workspace:
        fill(workspace, secret("late"), record("new"))
        assert workspace.purge(["new"]).backups == []
        assert workspace.purge(["late"]).backups == [str(first)]
        kept = sorted(map(str, (first, second)))
        assert workspace.purge(["both"]).backups == [str(made.path), *kept]
    assert {path: path.read_bytes() for path in tmp_path.glob("*.before-*/*")} == before


@pytest.mark.parametrize("damage", ["database", "log", "gone"])
def test_what_was_put_aside_and_cannot_be_read_is_named(tmp_path: Path, damage: str) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("kept"))
        made = workspace.backup(tmp_path)
    kept = restore(made.path, tmp_path / "ws", force=True).kept
    assert kept is not None
    file = kept / "corrigenda.db"
    match damage:
        case "database":
            file.write_bytes(b"none" * 9999)
        case "log":
            (kept / "corrigenda.db-wal").write_bytes(b"more")
        case _:  # it was of a workspace in PostgreSQL
            file.unlink()
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, secret())
        assert workspace.purge(["gone"]).backups == [str(kept)]


def test_a_candidate_and_a_pass_of_one_id_both_go(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(workspace, record("kept"), secret())
        samples = [parse(secret()), parse(record("fine"))]
        workspace.database.write(lambda connection: passes.arrive(connection, samples))
        report = workspace.purge(["gone", "fine"])
        assert (report.candidates, report.passes) == (1, 2)
        with workspace.database.reading() as connection:
            assert passes.total(connection) == 0
        assert workspace.database.write(lambda c: passes.arrive(c, samples)) == (0, 2)
        later = [parse(secret("later"))]
        workspace.purge(["kept"])
        assert workspace.database.write(lambda c: passes.arrive(c, later)) == (1, 0)


def test_unknown_names_remove_nothing(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(workspace, record("kept"))
        for name in ("nope", "\ud800", "a\x00b", "kept' OR 1=1", "%"):
            with pytest.raises(UnknownCandidate):
                workspace.purge(["kept", name])
        for name in ("nope", "\ud800"):
            with pytest.raises(UnknownRun, match=r"There is no run .* in this workspace"):
                workspace.purge(runs=["run-1", name])
        assert ids(workspace) == ["kept"]


def test_the_files_must_be_ours(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as server:
        fill(server, record("kept"))
        with (
            Workspace.open(tmp_path / "ws") as other,
            pytest.raises(WorkspaceInUse, match="stop it first"),
        ):
            other.purge(["kept"])
        assert ids(server) == ["kept"]


def test_others_write_meanwhile(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        many = [record(f"k{n}") for n in range(50)]
        fill(workspace, *many, *(secret(f"g{n}", benchmark_run_id="R") for n in range(400)))
        waiting = iter(many)

        def decide(_done: int, _total: int) -> None:
            workspace.submit(next(waiting)["id"], "discard")

        workspace.purge(runs=["R"], progress=decide)
        assert len(ids(workspace)) == 50
        assert workspace.stats()["by_status"]["discarded"] == 2


def test_no_page_of_the_index_has_its_words(tmp_path: Path, database_url: str) -> None:
    """Not even one that a program has left behind that was killed while it wrote the index."""
    with opened(tmp_path, database_url) as workspace:
        fill(workspace, record("kept"), secret())
        left = [("a", page) for _, page in pages([(SECRET, packed([1]))])]

        def loose(connection: Connection) -> None:
            connection.execute(insert(facts), {"name": "search_loose_77", "value": "1"})
            rows = [{"part": 77, "word": word, "page": page} for word, page in left]
            connection.execute(insert(search_words), rows)

        workspace.database.write(loose)
        workspace.purge(["gone"])
        with workspace.database.reading() as connection:
            found = connection.execute(select(search_words.c.page)).scalars().all()
        assert SECRET not in {word for page in found for word in unpaged(page)}
