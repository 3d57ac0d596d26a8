"""A workspace with one run to ask again, and how it is asked."""

from typing import Any

from corrigenda.core.candidate import parse
from corrigenda.store import passes
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating.request import EvaluationRequest
from tests.fixtures.chat_endpoint import ChatEndpoint
from tests.workbench.desk import fill


def sample(name: str, prompt: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": name,
        "benchmark_run_id": "before",
        "prompt_messages": [{"role": "user", "content": prompt}],
        "model_response": "5",
        "reference_answer": "4",
        "scoring": {"kind": "exact", "params": {}},
        "task_type": "math",
        "task_name": "sums",
        **fields,
    }


def filled(
    workspace: Workspace, wrong: list[dict[str, Any]], right: list[dict[str, Any]] | None = None
) -> None:
    fill(workspace, *wrong)
    made = [parse({"model_response": each["reference_answer"], **each}) for each in right or []]
    if made:
        workspace.database.write(lambda connection: passes.arrive(connection, made))


def request(endpoint: ChatEndpoint, **fields: Any) -> EvaluationRequest:
    return EvaluationRequest(**{
        "runs": ("before",),
        "run_id": "after",
        "model": "small",
        "endpoint": endpoint.address,
        "concurrency": 2,
        **fields,
    })  # fmt: skip
