"""Two runs compared: as brute force would; and what is reviewed next."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.candidate import parse
from corrigenda.core.comparison import DIMENSIONS, Comparison
from corrigenda.core.selection import Selection
from corrigenda.errors import InvalidInput, NotFound, UnknownRun
from corrigenda.store import passes
from corrigenda.workbench import Workspace
from tests.store.samples import empty
from tests.workbench.desk import fill, opened, record
from tests.workbench.exports import recipe

ARTIFACT = "scoring_artifact"
SWAPPED = {"fixed": "regressed", "regressed": "fixed", "only_a": "only_b", "only_b": "only_a"}


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def sample(run: str, prompt: str, answer: str = "5", n: int = 0, **fields: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": prompt}]
    name = f"{run}-{prompt[:40]}-{n}-{answer}"
    more = {"benchmark_run_id": run, "prompt_messages": asked, "model_response": answer}
    return record(name, **{**more, **fields})


def put(workspace: Workspace, right: Sequence[dict[str, Any]], *wrong: dict[str, Any]) -> None:
    if wrong:
        fill(workspace, *wrong)
    samples = [parse(each) for each in right]
    workspace.database.write(lambda connection: passes.arrive(connection, samples))


def outcomes(found: Comparison, name: str = "outcome") -> dict[str, str]:
    """Outcome by the prompt's text, as the ids have it."""
    told = {}
    for each in found.prompts:
        ids = [*each["a"]["candidates"], *each["a"]["passes"]]
        ids += [*each["b"]["candidates"], *each["b"]["passes"]]
        told[ids[0].split("-")[1]] = each[name]
    return told


def test_each_outcome(workspace: Workspace) -> None:
    put(
        workspace,
        [sample("b", "fixed"), sample("a", "got worse"), sample("a", "kept"), sample("b", "kept"),
         sample("b", "unsteady"), sample("a", "left"), sample("other", "same")],
        sample("a", "fixed"), sample("b", "got worse"),
        sample("a", "same", "It is 5."), sample("b", "same", "it is **5**"),
        sample("a", "another", "5"), sample("b", "another", "6"),
        sample("a", "unsteady"), sample("b", "unsteady", "7"),
        sample("b", "new"), record("blank", benchmark_run_id="b", prompt_messages=None),
    )  # fmt: skip
    found = workspace.compare("a", "b")
    assert outcomes(found) == {
        "fixed": "fixed",
        "got worse": "regressed",
        "kept": "kept",
        "same": "same_failure",
        "another": "different_failure",
        "unsteady": "flaky",
        "left": "only_a",
        "new": "only_b",
    }
    assert (found.n, found.only_a, found.only_b, found.b.without_prompt) == (6, 1, 1, 1)
    assert found.as_dict()["raw"]["total"]["fixed"] == 1
    assert any("1 samples have no prompt" in each for each in found.remarks)


def test_failures_are_compared_by_what_their_rule_takes(workspace: Workspace) -> None:
    rule = {"kind": "numeric", "params": {"take": "last"}}
    said: dict[str, Any] = {"scoring": rule, "reference_answer": "18"}
    slow = {"kind": "regex", "params": {"use": "extract", "pattern": "(a+)+$", "compare": {}}}
    fill(
        workspace,
        sample("a", "one", "16 - 3 = 13", **said),
        sample("b", "one", "so $13.00", **said),
        sample("a", "two", "It is 13", **said),
        sample("b", "two", "It is 12", **said),
        sample("a", "three", "a" * 50 + "!", scoring=slow),
        sample("b", "three", "a" * 50 + "!", scoring=slow),
        # Of repeats one alike is enough.
        *(sample("a", "four", f"It is {n}", n, **said) for n in (1, 2)),
        *(sample("b", "four", f"{n}, I say", n, **said) for n in (2, 3)),
    )
    assert outcomes(workspace.compare("a", "b")) == {
        "one": "same_failure",
        "two": "different_failure",
        "three": "same_failure",
        "four": "same_failure",
    }


SAMPLES = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(0, 5),
        st.sampled_from(["right", "5", "6", "artifact", "flagged artifact"]),
        st.booleans(),
    ),
    min_size=2,
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(SAMPLES)
def test_as_brute_force(workspace: Workspace, samples: list[tuple[str, int, str, bool]]) -> None:
    workspace.database.write(empty)
    wrong: list[dict[str, Any]] = []
    right: list[dict[str, Any]] = []
    status = {"artifact": "discarded", "flagged artifact": "model_rejected"}
    for n, (run, prompt, verdict, held_out) in enumerate(samples):
        made = sample(
            run, f"q{prompt}", "5" if "artifact" in verdict else verdict, n,
            task_name=f"task {prompt % 2}", held_out=held_out,
            status=status.get(verdict, "needs_review"),
            failure_category=ARTIFACT if "artifact" in verdict else None,
        )  # fmt: skip
        (right if verdict == "right" else wrong).append(made)
    put(workspace, right, *wrong)
    if len({run for run, *_ in samples}) < 2:
        with pytest.raises(UnknownRun):
            workspace.compare("a", "b")
        return
    found, turned = workspace.compare("a", "b"), workspace.compare("b", "a")
    for name, fine in (("outcome", {"right"}), ("adjusted_outcome", {"right", "artifact"})):
        expected = brute_force(samples, fine)
        assert outcomes(found, name) == expected
        assert outcomes(turned, name) == {
            prompt: SWAPPED.get(outcome, outcome) for prompt, outcome in expected.items()
        }
    for table, name in ((found.raw, "outcome"), (found.adjusted, "adjusted_outcome")):
        counts = Counter(brute_force(samples, {"right"} if name == "outcome" else
                                     {"right", "artifact"}).values())  # fmt: skip
        assert table.total.n + found.only_a + found.only_b == len(found.prompts)
        assert (counts["only_a"], counts["only_b"]) == (found.only_a, found.only_b)
        assert all(table.total.of(each) == counts[each] for each in table.total.counts)
        for dimension in set(DIMENSIONS) & table.groups.keys() - {"category"}:
            assert sum(each.n for each in table.groups[dimension].values()) == table.total.n
    apart = {f"q{prompt}" for _, prompt, _, held in samples if held}
    assert {p for p, split in outcomes(found, "split").items() if split == "held_out"} == apart
    assert (found.a.artifacts, found.b.artifacts) == tuple(
        sum((run, verdict) == (each, "artifact") for run, _, verdict, _ in samples) for each in "ab"
    )


def brute_force(samples: list[tuple[str, int, str, bool]], fine: set[str]) -> dict[str, str]:
    """The outcomes, said in another way than the product does."""
    of: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"a": [], "b": []})
    for run, prompt, verdict, _ in samples:
        of[f"q{prompt}"][run].append(verdict)
    found: dict[str, str] = {}
    for asked, sides in of.items():
        rights = {run: sum(v in fine for v in said) for run, said in sides.items()}
        if not sides["a"] or not sides["b"]:
            found[asked] = "only_a" if sides["a"] else "only_b"
        elif any(0 < rights[run] < len(sides[run]) for run in "ab"):
            found[asked] = "flaky"
        elif rights["a"]:
            found[asked] = "kept" if rights["b"] else "regressed"
        elif rights["b"]:
            found[asked] = "fixed"
        else:
            said = [{v if v == "6" else "5" for v in sides[run]} for run in "ab"]
            found[asked] = "same_failure" if said[0] & said[1] else "different_failure"
    return found


def test_by_category_task_and_kind_of_task(workspace: Workspace) -> None:
    put(
        workspace,
        [sample("b", f"q{n}") for n in range(3)],
        *(sample("a", f"q{n}", task_name="sums" if n < 3 else "maps") for n in range(5)),
        *(sample("b", f"q{n}", "8") for n in (3, 4)),
    )
    workspace.submit("a-q0-0-5", "flag", failure_category="wrong_answer")
    groups = workspace.compare("a", "b").raw.groups
    assert {
        dimension: {name: each.n for name, each in figures.items()}
        for dimension, figures in groups.items()
    } == {
        "category": {"none": 4, "wrong_answer": 1},
        "task_type": {"math": 5},
        "task": {"sums": 3, "maps": 2},
        "split": {"neither": 5},
    }
    assert groups["task"]["sums"].of("fixed") == 3


def test_tasks_that_are_samples_are_not_told_apart(workspace: Workspace) -> None:
    put(workspace, [sample("b", f"q{n}") for n in range(9)],
        *(sample("a", f"q{n}", task_id=f"t{n}") for n in range(9)))  # fmt: skip
    assert "task" not in workspace.compare("a", "b").raw.groups


def test_adjusted_for_artifacts(workspace: Workspace) -> None:
    put(workspace, [sample("b", "one"), sample("a", "two")],
        sample("a", "one"), sample("b", "two"))  # fmt: skip
    for name in ("a-one-0-5", "b-two-0-5"):
        workspace.submit(name, "discard", failure_category=ARTIFACT)
    found = workspace.compare("a", "b")
    assert outcomes(found) == {"one": "fixed", "two": "regressed"}
    assert outcomes(found, "adjusted_outcome") == {"one": "kept", "two": "kept"}
    assert (found.a.artifacts, found.b.artifacts, found.a.undecided) == (1, 1, 0)
    assert (found.raw.total.of("kept"), found.adjusted.total.of("kept")) == (0, 2)
    assert found.remarks == ()


def test_the_same_answer_that_is_fine_in_one_run_alone(workspace: Workspace) -> None:
    fill(workspace, *(sample(run, prompt) for prompt in ("one", "two") for run in "ab"))
    workspace.submit("a-one-0-5", "discard", failure_category=ARTIFACT)
    found = workspace.compare("a", "b")
    assert outcomes(found, "adjusted_outcome") == {"one": "regressed", "two": "same_failure"}
    assert [each for each in found.remarks if each.startswith("In 1 prompt")]
    assert [each for each in found.remarks if each.startswith("1 of 2 failing answers of A were")]


def test_it_is_said_whom_reviews_favour(workspace: Workspace) -> None:
    def waiting() -> list[str]:
        remarks = workspace.compare("a", "b").remarks
        return [each.partition(" of B")[2] for each in remarks if "were not looked at" in each]

    fill(workspace, *(sample(run, prompt) for prompt in ("one", "two") for run in "ab"))
    assert waiting() == ["."], "nothing is reviewed"
    workspace.submit("b-one-0-5", "discard", failure_category="wrong_answer")
    assert waiting() == [": the adjusted figures favour B, which was reviewed further."]
    workspace.submit("a-two-0-5", "flag")
    workspace.submit("a-one-0-5", "discard", failure_category=ARTIFACT)
    assert waiting() == [": the adjusted figures favour A, which was reviewed further."]
    workspace.submit("b-two-0-5", "discard", failure_category="wrong_answer")
    assert waiting() == []


def test_what_cannot_be_compared(workspace: Workspace, tmp_path: Path) -> None:
    fill(workspace, sample("2026-04-07", "one"), sample("2026-04-08", "one"))
    put(workspace, [sample("2026-05-01", "one")])
    with pytest.raises(UnknownRun, match=r"`2026-04-09` with samples .*known are .*`2026-04-08`"):
        workspace.compare("2026-04-07", "2026-04-09")
    with pytest.raises(UnknownRun, match=r"`moon`.*`2026-05-01`"):
        workspace.compare("moon", "2026-04-07")
    with pytest.raises(InvalidInput, match="itself"):
        workspace.compare("2026-04-07", "2026-04-07")
    with pytest.raises(NotFound):
        workspace.compare("2026-04-07", "2026-04-08", "set-1")
    with pytest.raises(NotFound):
        workspace.compare("2026-04-07", "2026-04-08", tmp_path / "nowhere")
    workspace.make_export(recipe(format="candidates"), name="whole")
    with pytest.raises(InvalidInput, match="whole candidates"):
        workspace.compare("2026-04-07", "2026-04-08", "whole")


def test_an_empty_workspace(workspace: Workspace) -> None:
    with pytest.raises(UnknownRun) as refused:
        workspace.compare("a", "b")
    assert refused.value.message == "There is no run `a` with samples in this workspace."


def test_runs_of_other_prompts(workspace: Workspace) -> None:
    fill(workspace, sample("a", "one"), sample("b", "two"))
    found = workspace.compare("a", "b")
    assert found.remarks[0].startswith("The runs have no prompt in common")
    assert sum("no passes" in each for each in found.remarks) == 2
    assert (found.n, found.only_a, found.only_b) == (0, 1, 1)


def test_several_models_are_told(workspace: Workspace) -> None:
    fill(workspace, sample("a", "one"), sample("a", "one", "6", model_name="large"),
         sample("b", "one"))  # fmt: skip
    found = workspace.compare("a", "b")
    assert found.a.models == ("large", "small")
    assert any("several models" in each for each in found.remarks)


def test_what_fails_is_queued(workspace: Workspace) -> None:
    put(
        workspace,
        [sample("a", "got worse"), sample("b", "fixed")],
        *(sample("a", prompt) for prompt in ("fixed", "same", "another", "decided")),
        *(sample("b", prompt) for prompt in ("got worse", "same", "decided", "new")),
        sample("b", "another", "6"),
    )
    workspace.submit("b-decided-0-5", "flag")
    found = workspace.compare("a", "b")
    batch = workspace.queue_failures(found, " again ", reviewer="kim")
    assert batch is not None
    assert (batch["name"], batch["size"], batch["remaining"]) == ("again", 3, 3)
    assert (batch["created_by"], batch["filter"]["run_id"]) == ("kim", ["b"])
    queued = workspace.queue(selection=Selection(batch=batch["id"])).items
    assert {each["id"] for each in queued} == {"b-got worse-0-5", "b-same-0-5", "b-another-0-6"}
    for name in ("again", "", "x" * 300):
        with pytest.raises(InvalidInput):
            workspace.queue_failures(found, name)
        with pytest.raises(InvalidInput):
            workspace.check_batch_name(name)
    # Those that were there before are in view.
    siblings = workspace.siblings("b-same-0-5")["items"]
    assert [each["id"] for each in siblings] == ["a-same-0-5"]


def test_nothing_to_queue(workspace: Workspace) -> None:
    put(workspace, [sample("b", "one")], sample("a", "one"))
    assert workspace.queue_failures(workspace.compare("a", "b"), "again") is None
    assert workspace.batches() == []


def test_many_prompts(workspace: Workspace) -> None:
    chance = random.Random(3)
    wrong: list[dict[str, Any]] = []
    right: list[dict[str, Any]] = []
    for n in range(1300):
        for run in "ab":
            made = sample(run, f"q{n}", str(chance.randrange(2)))
            (right if chance.random() < 0.3 else wrong).append(made)
    put(workspace, right, *wrong)
    found = workspace.compare("a", "b")
    failing = {run: {each["prompt_messages"][0]["content"]: each["model_response"] for each in wrong
                     if each["benchmark_run_id"] == run} for run in "ab"}  # fmt: skip
    both = failing["a"].keys() & failing["b"].keys()
    alike = sum(failing["a"][prompt] == failing["b"][prompt] for prompt in both)
    assert found.n == len(found.prompts) == 1300
    assert found.raw.total.of("same_failure") == alike
    assert found.raw.total.of("different_failure") == len(both) - alike
    assert found.raw.total.of("fixed") == len(failing["a"].keys() - failing["b"].keys())
