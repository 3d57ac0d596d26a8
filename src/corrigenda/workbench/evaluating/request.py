"""What a user asks of a re-evaluation, as the command line, a job and Python say it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.urls import check_endpoint
from corrigenda.workbench.names import check_name

_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class EvaluationRequest:
    """A re-evaluation; `check` says what cannot be used.

    Attributes:
        runs: The runs whose prompts are asked again.
        run_id: The id of the new run.
        model: A model's folder, adapter's folder or training run's folder; with `endpoint` the
            name of a model there.
        endpoint: The address of an OpenAI-compatible endpoint, such as
            `http://127.0.0.1:8000/v1`.
        python: The Python that has torch and transformers; `None` is this one.
        api_key_env: The environment variable that has the endpoint's key.
        temperature: 0 is greedy.
        max_new_tokens: After so many tokens an answer is cut.
        seed: For sampling; each repeat adds one.
        repeats: How often each prompt is asked.
        batch_size: Prompts together, in process.
        concurrency: Requests together, at an endpoint.
        timeout: Seconds that a request may take.
        held_out: Only the prompts that are held out of training.
        failures_only: Only the prompts that the runs failed.
        limit: At most so many prompts; always the same ones, as if drawn by lot.
        output: The folder to work in; `None` is the workspace's `evaluations/RUN_ID`.
        queue: Whether failures wait for review at once.
        run_code: Whether unit tests of code are run, inside a sandbox.
    """

    runs: tuple[str, ...]
    run_id: str
    model: str
    endpoint: str | None = None
    python: Path | None = None
    api_key_env: str | None = None
    temperature: float = 0.0
    max_new_tokens: int = 1024
    seed: int = 0
    repeats: int = 1
    batch_size: int = 16
    concurrency: int = 8
    timeout: float = 600.0
    held_out: bool = False
    failures_only: bool = False
    limit: int | None = None
    output: Path | None = None
    queue: bool = False
    run_code: bool = False

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InvalidInput: A sentence says what, and what it may be.
        """
        if not self.runs:
            raise InvalidInput("Name at least one run whose prompts are to be asked.")
        check_name(self.run_id, "the new run's id")
        if self.run_id in self.runs:
            raise InvalidInput(f"`{self.run_id}` is one of the runs that are asked again.")
        if not self.model.strip():
            raise InvalidInput("Say which model is to be asked.")
        self._check_numbers()
        if self.endpoint is not None:
            check_endpoint(self.endpoint)

    def _check_numbers(self) -> None:
        for name in ("max_new_tokens", "repeats", "batch_size", "concurrency", "limit"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= _LARGEST:
                raise InvalidInput(f"`{name}` must be a whole number from 1 up, not {value}.")
        if not 0 <= self.seed <= _LARGEST:
            raise InvalidInput(f"`seed` must be from 0 to {_LARGEST}, not {self.seed}.")
        if not (math.isfinite(self.temperature) and 0 <= self.temperature <= 5):
            raise InvalidInput(f"`temperature` must be from 0 to 5, not {self.temperature:g}.")
        if not (math.isfinite(self.timeout) and self.timeout > 0):
            raise InvalidInput(f"`timeout` must be above 0 seconds, not {self.timeout:g}.")

    def settings(self) -> dict[str, Any]:
        """What an answer depends on beside its model and prompt; greedy ones on no seed."""
        said = {"temperature": self.temperature, "max_new_tokens": self.max_new_tokens}
        return {**said, "seed": self.seed} if self.temperature else said

    def chosen(self) -> Mapping[str, Any]:
        """Which prompts are asked, and how often."""
        return {
            "runs": list(self.runs),
            "repeats": self.repeats,
            "held_out": self.held_out,
            "failures_only": self.failures_only,
            "limit": self.limit,
        }


def chosen_before(
    request: EvaluationRequest, manifest: Mapping[str, Any]
) -> tuple[EvaluationRequest, ...]:
    """What was asked of the same model for the same run before, as its manifest tells.

    Raises:
        KeyError, TypeError, ValueError, InvalidInput: It was not written by an evaluation.
    """
    found = []
    for said in (*manifest.get("earlier", ()), *([manifest["prompts"]] if manifest else ())):
        each = replace(request, **{**said, "runs": tuple(said["runs"])})
        each.check()
        if each != request and each not in found:
            found.append(each)
    return tuple(found)
