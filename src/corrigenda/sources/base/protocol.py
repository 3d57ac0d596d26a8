"""What a source is: something that reads one format of evaluation results.

A source is an ordinary class behind the entry point `corrigenda.sources`; it reads, and knows
nothing of the store. To add one, write a module like `native`, and name it in `pyproject.toml`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from corrigenda.core.problem import Problem
from corrigenda.inputs import File


class Verdict(StrEnum):
    """What the harness says of a sample.

    `ERROR` is a failure of the provider or the harness, not of the model; `UNSCORED` says that
    the log holds no judgement.
    """

    FAILED = "failed"
    PASSED = "passed"
    ERROR = "error"
    UNSCORED = "unscored"


@dataclass(frozen=True)
class ReadOptions:
    """How a user wants a log to be read.

    `metric` is judged instead of the format's main one; a score below `threshold` fails (`None`
    is the format's own rule); `model` names the model where the log does not. `mapping` is for
    tables, see `corrigenda.sources.plain`; other formats do not look at it.
    """

    metric: str | None = None
    threshold: float | None = None
    model: str | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFile:
    """A file with samples of one run; several files may belong to one run."""

    run_id: str
    file: File


@dataclass(frozen=True)
class Sample:
    """One response of a model, with the harness's verdict.

    Attributes:
        verdict: What the harness says of it.
        record: Fields of a candidate (see `corrigenda.core.candidate`). A record with an `id`
            is taken as it is; for others the id is made of the run, `key` and the content.
        key: What tells it from the other samples of its run: task, sample, epoch, model.
        number: Its line, or its place in the file's list, from 1.
        history: What stood under `core.history.FIELD`, as it stood there; `None`: nothing.
    """

    verdict: Verdict
    record: dict[str, Any]
    key: tuple[str | int | None, ...] = ()
    number: int = 0
    history: Any = None


@dataclass(frozen=True)
class Guide:
    """What a user must know of a format; `docs/sources.md` is written from it.

    Attributes:
        versions: Of which versions of the harness files are read.
        metric: What decides whether a sample failed.
        fields: Field of our record → where it comes from, in the harness's words.
        left_out: What of a file is not taken over.
    """

    versions: str
    metric: str
    fields: Mapping[str, str]
    left_out: str


@runtime_checkable
class Source(Protocol):
    """Reads one format. Implementations have no state, and never import the harness."""

    name: str
    """The name on the command line, such as `lm-eval`."""

    title: str
    """What people call it: `lm-evaluation-harness samples`."""

    guide: Guide
    """What it reads and what becomes of it."""

    def sniff(self, file: File) -> str | None:
        """By what this file is of the format, in a few words, or `None`; reads `file.head()`.

        Never raises for content of any kind.
        """

    def runs(self, file: File) -> list[RunFile]:
        """The runs in a file that was recognised: nearly always one."""

    def read(self, run: RunFile, options: ReadOptions) -> Iterator[Sample | Problem]:
        """The samples as a stream, in constant memory; what cannot be used is a `Problem`.

        Raises:
            InvalidInput: The file as a whole cannot be read as this format, or an option does
                not fit it (such as a `metric` that it does not have).
        """
