"""What an evaluation fails: set aside, not reviewed, and brought back when somebody asks for it."""

from typing import Any

import pytest
import sqlalchemy as sa

from corrigenda.errors import InvalidInput
from corrigenda.store import verdicts
from corrigenda.workbench import Workspace, batches
from tests.fixtures.chat_endpoint import ChatEndpoint
from tests.workbench.desk import state
from tests.workbench.evaluating.asking import filled, request, sample


def test_failures_are_set_aside_until_a_comparison_queues_them(
    workspace: Workspace, server: ChatEndpoint
) -> None:
    filled(workspace, [sample("a", "2 and 2?"), sample("b", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server))
    assert [card["id"] for card in workspace.queue().items] == ["a", "b"]
    (aside,) = [each["id"] for each in workspace.candidates() if each["id"] not in "ab"]
    (told,) = workspace.history(aside)
    assert (told["action"], told["reviewer"]) == ("discard", "evaluate")
    found = workspace.compare("before", "after")
    assert found.b.undecided == 1
    batch = workspace.queue_failures(found, "again", reviewer="kim")
    assert batch is not None
    assert batch["size"] == 1
    assert state(workspace, aside)[0] == "needs_review"
    assert workspace.queue_failures(workspace.compare("before", "after"), "once more") is not None


def test_without_a_batch_nothing_comes_back(
    workspace: Workspace, server: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, [sample("a", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server))
    (aside,) = [each["id"] for each in workspace.candidates() if each["id"] != "a"]
    found = workspace.compare("before", "after")
    workspace.create_batch("again", size=1)
    monkeypatch.setattr(batches, "check_name", lambda *_: None)  # taken a moment later
    with pytest.raises(InvalidInput, match="There is a batch `again` already"):
        workspace.queue_failures(found, "again")
    assert state(workspace, aside)[0] == "discarded"


def test_what_a_reviewer_has_decided_in_between_stays(
    workspace: Workspace, server: ChatEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, [sample("a", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server))
    (aside,) = [each["id"] for each in workspace.candidates() if each["id"] != "a"]
    found, asked = workspace.compare("before", "after"), verdicts.set_aside

    def decided_since(connection: Any, ids: Any) -> list[str]:
        known = asked(connection, ids)
        connection.execute(sa.text("UPDATE candidates SET decided_by = '\"kim\"'"))
        return known

    monkeypatch.setattr(verdicts, "set_aside", decided_since)
    assert workspace.queue_failures(found, "again") is None
    assert state(workspace, aside)[0] == "discarded"


def test_failures_can_wait_at_once(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 3?", reference_answer="5")])
    workspace.evaluate(request(server, queue=True))
    assert len(workspace.queue().items) == 2


def test_an_artifact_stays_one(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample("a", "2 and 3?", model_response="4", reference_answer="four")])
    workspace.submit("a", "discard", failure_category="scoring_artifact")
    workspace.evaluate(request(server))
    found = workspace.compare("before", "after")
    assert found.raw.total.of("same_failure") == found.adjusted.total.of("kept") == 1
    assert workspace.queue_failures(found, "again") is None
    assert (found.b.artifacts, found.b.undecided) == (1, 1)
    report = workspace.scoring_artifacts().as_dict()
    assert [each["id"] for each in report["artifacts"]] == ["a"]
    assert [(each["run_id"], each["decided"]) for each in report["runs"]] == [("before", 1)]


def test_nobody_is_called_as_what_sets_aside(workspace: Workspace) -> None:
    filled(workspace, [sample("a", "2 and 2?")])
    with pytest.raises(InvalidInput, match="No reviewer can be called `evaluate`"):
        workspace.submit("a", "discard", reviewer="evaluate")
    assert state(workspace, "a")[0] == "needs_review"


def test_what_is_set_aside_is_not_reviewed(workspace: Workspace, server: ChatEndpoint) -> None:
    filled(workspace, [sample(f"a{n}", f"{n}?", reference_answer="5") for n in range(3)])
    workspace.evaluate(request(server))
    seen = next(e["id"] for e in workspace.candidates() if e["benchmark_run_id"] == "after")
    workspace.undo(seen, reviewer="kim")
    workspace.submit(seen, "discard", failure_category="scoring_artifact", reviewer="kim")
    (run,) = workspace.scoring_artifacts().runs
    assert (run["decided"], run["undecided"], run["artifacts"]) == (1, 2, 1)


def test_the_same_answer_has_the_same_category_and_can_be_queued(
    workspace: Workspace, server: ChatEndpoint
) -> None:
    filled(workspace, [sample("a", "2 and 3?", model_response="4", reference_answer="5")])
    workspace.submit("a", "flag", failure_category="wrong_answer")
    workspace.evaluate(request(server))
    (again,) = [e for e in workspace.candidates() if e["benchmark_run_id"] == "after"]
    assert (again["status"], again["failure_category"]) == ("discarded", "wrong_answer")
    found = workspace.compare("before", "after")
    assert found.b.undecided == 1, "a category that was copied is no review"
    assert found.raw.groups["category"]["wrong_answer"].of("same_failure") == 1
    batch = workspace.queue_failures(found, "again")
    assert batch is not None
    assert batch["size"] == 1
    assert [card["id"] for card in workspace.queue().items] == [again["id"]]
