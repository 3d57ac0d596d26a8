"""An export of whole candidates, imported into an empty workspace, is the same workspace."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.recipe import Recipe
from corrigenda.core.selection import Selection
from corrigenda.errors import CorrigendaError, InvalidInput
from corrigenda.workbench import ImportRequest, Workspace
from tests.fixtures.postgres import Server
from tests.store.samples import empty
from tests.workbench.desk import assert_counts, opened, record

WHOLE = Recipe(format="candidates")
ODD = "\x00 \ud800 \u2028 naïve"
FILES = ("sft_candidates.jsonl", "sft_passes.jsonl", "manifest.json")


def out(workspace: Workspace, folder: Path) -> dict[str, bytes]:
    workspace.make_export(WHOLE, folder)
    return {name: (folder / name).read_bytes() for name in FILES}


def run(
    place: Path, run_id: str, failed: list[dict[str, Any]], passed: list[dict[str, Any]]
) -> Path:
    folder = place / run_id
    folder.mkdir(parents=True)
    for name, records in (("sft_candidates", failed), ("sft_passes", passed)):
        text = "".join(json.dumps(each) + "\n" for each in records)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


def question(n: int) -> list[dict[str, Any]]:
    return [{"role": "user", "content": f"What is {n}?"}]


def full(workspace: Workspace, place: Path) -> None:
    """A workspace in which there is something of everything."""
    failed = [
        record("plain", unknown={"b": [1.5, None], "a": ODD}),
        record("held", prompt_messages=question(1), held_out=True),
        record("thought", model_response="<think>2 and 2</think> 5"),
        record("was approved", status="approved", corrected_response="4"),
        record("blank", status="approved"),
        record("was flagged", status="model_rejected", corrected_response="no use"),
        record("suggested", failure_category="wrong_answer", corrected_response="4?"),
        record("called", tools=[{"function": {"name": "add"}}]),
        record("undone"),
        {"id": "bare"},
    ]
    for each in failed[:3]:
        each.pop("benchmark_run_id")
    workspace.import_path(run(place, "r1", failed, [{"id": "p1"}, record("p2", held_out=True)]))
    held = [record(f"h{n}", benchmark_run_id="r2", prompt_messages=question(n)) for n in range(9)]
    workspace.import_path(run(place, "r2", held, []), held_out=0.5)
    workspace.submit(
        "plain",
        "discard",
        failure_category="scoring_artifact",
        artifact_kind="reference",
        note=f"note {ODD}",
        tags=["b", "a"],
        seconds=2.5,
        reviewer="Zoë 東",
    )
    workspace.submit("thought", "correct", corrected_response="4", reviewer="kim")
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
    workspace.submit("called", "correct", corrected_parts={"tool_calls": [call]}, tags=["t"])
    workspace.submit("called", "amend", corrected_response=ODD, failure_category="wrong_answer")
    workspace.submit("called", "categorise", failure_category="format_error", tags=["u"])
    workspace.submit("undone", "flag", tags=["gone"])
    workspace.undo("undone", note="no")
    workspace.undo("was approved")
    workspace.submit("was approved", "correct", corrected_response="four", reviewer="lee")
    workspace.submit("suggested", "categorise", failure_category="hallucination")
    workspace.change_references("plain", "accept", version=0, answer="four", reviewer="kim")
    workspace.change_references("plain", "replace", version=1, answer="IV", note="Roman")


def told(workspace: Workspace) -> dict[str, Any]:
    """What people see of a workspace."""
    rows = workspace.browse(limit=200).items
    return {
        "records": [workspace.get(row["id"]) for row in rows],
        "histories": [workspace.history(row["id"]) for row in rows],
        "rows": rows,
        "stats": workspace.stats(),
        "references": workspace.references("plain"),
        "siblings": workspace.siblings("plain"),
        "bare": list(workspace.export()),
    }


def test_there_and_back(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path / "a", "sqlite://") as workspace:
        full(workspace, tmp_path / "runs")
        before, first = told(workspace), out(workspace, tmp_path / "first")
    with opened(tmp_path / "b", database_url) as workspace:
        report = workspace.import_path(tmp_path / "first", request=ImportRequest(strict=True))
        assert (report.imported, report.passes, report.problems) == (19, 2, [])
        assert told(workspace) == before
        assert out(workspace, tmp_path / "second") == first
        again = workspace.import_path(tmp_path / "first")
        assert (again.imported, again.skipped, again.changed, again.remarks) == (0, 19, [], [])
        assert told(workspace) == before
        # What else comes of a run of which a share is held out is held out, too.
        late = [
            record(f"late{n}", benchmark_run_id="r2", prompt_messages=question(n)) for n in range(9)
        ]
        assert workspace.import_path(run(tmp_path / "runs", "late", late, [])).held_out > 0
        workspace.make_export(WHOLE, tmp_path / "packed.jsonl.zst", manifest=False)
    with opened(tmp_path / "c", "sqlite://") as workspace:
        assert workspace.import_path(tmp_path / "packed.jsonl.zst").imported == 28
        assert told(workspace)["histories"][:19] == before["histories"]


def test_a_stream_has_the_histories_too(tmp_path: Path) -> None:
    with opened(tmp_path / "a", "sqlite://") as workspace:
        full(workspace, tmp_path / "runs")
        first = out(workspace, tmp_path / "first")
        streamed = b"".join(workspace.stream_export(format="candidates").chunks)
        assert streamed == first["sft_candidates.jsonl"]


def test_a_filter_and_secrets(tmp_path: Path) -> None:
    pytest.importorskip("presidio_analyzer")
    mail = "kim@example.org"
    with opened(tmp_path / "a", "sqlite://") as workspace:
        failed = [record("a", model_response=mail), record("b", model_name="other")]
        passed = [record("p", model_response=mail), record("q", model_name="other")]
        workspace.import_path(run(tmp_path, "r1", failed, passed))
        workspace.submit("a", "correct", corrected_response=f"Ask {mail}", note=f"by {mail}")
        only = Selection(models=("small",))
        workspace.make_export(
            Recipe(format="candidates", selection=only, secrets="redact"), tmp_path / "out"
        )
    files = {name: (tmp_path / "out" / name).read_text() for name in FILES}
    assert mail not in "".join(files.values())
    assert [json.loads(files[name])["id"] for name in FILES[:2]] == ["a", "p"]
    with opened(tmp_path / "b", "sqlite://") as workspace:
        assert workspace.import_path(tmp_path / "out").problems == []
        (decision,) = workspace.history("a")
        assert decision["note"] == "by [EMAIL_ADDRESS]"
        assert decision["corrected_response"] == "Ask [EMAIL_ADDRESS]"


def line(tmp_path: Path) -> dict[str, Any]:
    """A line of an export: approved, by two decisions."""
    with opened(tmp_path / "origin", "sqlite://") as workspace:
        workspace.import_path(run(tmp_path / "runs", "r1", [record("a")], []))
        workspace.submit("a", "correct", corrected_response="4", reviewer="kim", tags=["t"])
        workspace.submit("a", "amend", corrected_response="four", failure_category="wrong_answer")
        workspace.change_references("a", "accept", version=0, answer="four", reviewer="kim")
        (made,) = workspace.export(format="candidates")
    return made


def changed(line: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(line))
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place: Any = copy
    for key in way:
        place = place[key]
    place[last] = value
    return copy


REVIEW = "corrigenda_review"
FIRST = f"{REVIEW}.decisions.0"
HOSTILE: list[tuple[str, Any, str]] = [
    (REVIEW, "yes", "must be an object"),
    (REVIEW, {"decisions": {}}, "`decisions` must be a list"),
    (REVIEW, {"decision": []}, "`it.decision` must be absent"),
    (REVIEW, {"decisions": []}, "the decisions lead to `needs_review`"),
    (f"{REVIEW}.decisions", [None], "`decisions[0]` must be an object"),
    (f"{REVIEW}.held_out_share", 2, "`held_out_share` must be a share"),
    (f"{REVIEW}.held_out_share", True, "`held_out_share` must be a share"),
    (f"{REVIEW}.run_id", "a\x00", "`run_id` must be without U+0000"),
    (f"{REVIEW}.run_id", "x" * 501, "`run_id` must be text of 1 to 500"),
    (f"{REVIEW}.references", [{"version": 2}], "`references[0].version` must be 1"),
    (f"{REVIEW}.references.0.answers", [], "must be 1 to 100 texts"),
    (f"{REVIEW}.references.0.answers", [" "], "must be text"),
    (f"{REVIEW}.references.0.created_at", "tomorrow", "a time until now"),
    ("status", "discarded", "the decisions lead to `approved`, and the line says `discarded`"),
    ("corrected_response", "5", "another correction than the line"),
    ("failure_category", None, "another `failure_category` than the line"),
    (f"{FIRST}.action", "approve", "`decisions[0].action` must be an action"),
    (f"{FIRST}.action", ["correct"], "`decisions[0].action` must be an action"),
    (f"{FIRST}.action", "amend", "decision 1 cannot `amend` what is `needs_review`"),
    (f"{FIRST}.action", "undo", "decision 1 cannot `undo` what is `needs_review`"),
    (f"{FIRST}.decision_id", None, "`decisions[0].decision_id` must be text"),
    (f"{FIRST}.decision_id", "\ud800", "must be without U+0000"),
    (f"{FIRST}.reviewer", "", "`decisions[0].reviewer` must be text"),
    (f"{FIRST}.reviewer", ["kim"], "`decisions[0].reviewer` must be text"),
    (f"{FIRST}.decided_at", "9999-01-01T00:00:00.000000Z", "a time until now"),
    (f"{FIRST}.decided_at", "2026-02-30T00:00:00.000000Z", "a time until now"),
    (f"{FIRST}.decided_at", 0, "a time until now"),
    (f"{FIRST}.failure_category", "typo", "Unknown failure category `typo`"),
    (f"{FIRST}.failure_category", {}, "must be text"),
    (f"{FIRST}.artifact_kind", "scorer", "a kind of `scoring_artifact`"),
    (f"{FIRST}.artifact_kind", ["scorer"], "a kind of `scoring_artifact`"),
    (f"{FIRST}.tags", "t", "must be a list"),
    (f"{FIRST}.tags", [" t"], "tidy"),
    (f"{FIRST}.tags", [{}], "tidy"),
    (f"{FIRST}.tags", ["x" * 101], "A tag must be at most"),
    (f"{FIRST}.seconds", -1, "a number from 0 up"),
    (f"{FIRST}.seconds", 10**400, "a number from 0 up"),
    (f"{FIRST}.guidelines_version", 2**31, "a whole number"),
    (f"{FIRST}.lot", "x" * 33, "text of 1 to 32"),
    (f"{FIRST}.note", ["x"], "text of at most"),
    (f"{FIRST}.corrected_parts", {"turn": -1}, "corrected_parts.turn"),
    (f"{FIRST}.revision", 7, "`decisions[0].revision` must be absent"),
]


def test_what_is_no_history_is_one_problem_and_the_candidate_comes(
    tmp_path: Path, database_url: str
) -> None:
    good = line(tmp_path)
    lines = [
        changed(changed(good, path, value), "id", f"a{n}")
        for n, (path, value, _) in enumerate(HOSTILE)
    ]
    with opened(tmp_path / "b", database_url) as workspace:
        report = workspace.import_path(run(tmp_path / "hostile", "r", lines, []))
        assert report.imported == len(HOSTILE)
        for n, (problem, (path, value, reason)) in enumerate(
            zip(report.problems, HOSTILE, strict=True)
        ):
            assert problem.reason.startswith(f"the decisions on `a{n}` are left out: ")
            assert reason in problem.reason, (path, value, problem.reason)
            assert problem.line == n + 1
            found = workspace.get(f"a{n}")
            assert REVIEW not in found
            (decision,) = workspace.history(f"a{n}")
            assert decision["reviewer"] == "import"
            assert decision["to_status"] == found["status"] == lines[n]["status"]
        assert workspace.references("a0")["version"] == 0
        with pytest.raises(InvalidInput, match=r"Nothing was imported: .*decisions on `a0`"):
            workspace.import_path(tmp_path / "hostile" / "r", request=ImportRequest(strict=True))


def test_a_file_changes_nothing_that_is_here(tmp_path: Path, database_url: str) -> None:
    good = line(tmp_path)
    with opened(tmp_path / "b", database_url) as workspace:
        mine = record("mine")
        workspace.import_path(run(tmp_path / "runs", "r0", [mine, record("a")], []))
        taken = good[REVIEW]["decisions"][0]["decision_id"]
        workspace.submit("mine", "discard", decision_id=taken, reviewer="lee")
        # The same sample: it is here, and nobody has decided on it.
        report = workspace.import_path(run(tmp_path / "again", "r1", [good], []))
        assert (report.imported, report.skipped) == (0, 1)
        assert workspace.get("a")["status"] == "needs_review"
        assert workspace.history("a") == []
        # Another sample with an id that is taken, and with decisions whose ids are taken.
        other = {**good, "benchmark_run_id": "r9", "model_response": "6"}
        twice = {**good, "id": "twice"}
        report = workspace.import_path(run(tmp_path / "more", "r9", [other, twice, twice], []))
        assert (report.imported, report.renamed) == (2, ["r9:a"])
        assert "The decisions on 2 candidates were left out" in report.remarks[0]
        assert [d["reviewer"] for d in workspace.history("r9:a")] == ["import"]
        assert workspace.history("mine")[0]["reviewer"] == "lee"
        # Right answers come only with a prompt that nobody knows here.
        assert workspace.references("a")["version"] == 0


def test_a_renamed_candidate_has_its_history(tmp_path: Path) -> None:
    good = line(tmp_path)
    with opened(tmp_path / "b", "sqlite://") as workspace:
        here = record("a", benchmark_run_id="r0", model_response="7")
        workspace.import_path(run(tmp_path / "runs2", "r0", [here], []))
        report = workspace.import_path(run(tmp_path / "runs2", "r9", [good], []))
        assert report.renamed == ["run-1:a"]
        assert [d["reviewer"] for d in workspace.history("run-1:a")] == ["kim", "local"]
        workspace.undo("run-1:a")
        assert workspace.history("a") == []


ACTIONS = ("correct", "discard", "flag", "amend", "categorise", "undo", "undo")
CATEGORIES = (None, "wrong_answer", "scoring_artifact")
TEXTS = st.text(max_size=20) | st.sampled_from(["4", "<think>x</think> 4", ODD])
STEPS = st.tuples(
    st.integers(0, 5), st.sampled_from(ACTIONS), st.sampled_from(CATEGORIES), TEXTS, TEXTS
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["approved", "discarded", "model_rejected", "needs_review"]),
        "corrected_response": st.none() | TEXTS,
        "failure_category": st.sampled_from(CATEGORIES),
        "benchmark_run_id": st.sampled_from(["r1", "r2", 3, ""]),
        "prompt_messages": st.integers(0, 2).map(question),
        "model_response": TEXTS,
        "held_out": st.booleans(),
        "quality_score": st.floats(0, 1),
        "unknown": st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | TEXTS,
            lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
            max_leaves=4,
        ),
    },
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    failed=st.lists(RECORDS, min_size=1, max_size=6),
    passed=st.lists(RECORDS, max_size=2),
    steps=st.lists(STEPS, max_size=12),
)
def test_any_workspace(
    tmp_path_factory: pytest.TempPathFactory,
    any_database: str,
    failed: list[dict[str, Any]],
    passed: list[dict[str, Any]],
    steps: list[tuple[int, str, str | None, str, str]],
) -> None:
    place = tmp_path_factory.mktemp("any")
    named = [{"id": f"c{n}", **each} for n, each in enumerate(failed)]
    right = [{"id": f"p{n}", **each} for n, each in enumerate(passed)]
    with Workspace.open(place / "a") as workspace:
        workspace.import_path(run(place, "runs", named, right))
        for n, action, category, text, note in steps:
            with contextlib.suppress(CorrigendaError):
                decide(workspace, f"c{n % len(named)}", action, category, text, note)
        first = out(workspace, place / "first")
    url = None if any_database == "sqlite" else any_database
    with Workspace.open(place / "b", database_url=url) as workspace:
        workspace.database.write(empty)
        report = workspace.import_path(place / "first")
        assert (report.problems, report.imported) == ([], len(named))
        assert out(workspace, place / "second") == first
        assert_counts(workspace.database)


def decide(
    workspace: Workspace, name: str, action: str, category: str | None, text: str, note: str
) -> None:
    said: dict[str, Any] = {"failure_category": category, "note": note, "tags": [note[:5]]}
    if action == "undo":
        workspace.undo(name, **said)
    else:
        workspace.submit(name, action, corrected_response=text, reviewer=note[:9], **said)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def any_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that is emptied for each of many examples."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield url
