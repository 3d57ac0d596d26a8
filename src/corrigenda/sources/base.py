"""What a source is: something that reads one format of evaluation results.

A source is an ordinary class behind the entry point `corrigenda.sources`; it reads, and knows
nothing of the store. To add one, write a module like `native`, and name it in `pyproject.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from corrigenda.core.candidate import Candidate
from corrigenda.core.problem import Problem
from corrigenda.core.taxonomy import Taxonomy


@dataclass(frozen=True)
class RunFile:
    """One run that can be imported: its name, where it lies, and its size in bytes."""

    run_id: str
    path: Path
    size: int


@dataclass(frozen=True)
class Sample:
    """One line read: a candidate, or what is wrong with it; `offset` bytes were read so far."""

    found: Candidate | Problem
    offset: int


@runtime_checkable
class PassSource(Protocol):
    """A source that also gives the samples that a model got right."""

    def read_passes(self, run: RunFile, taxonomy: Taxonomy) -> Iterator[Sample]:
        """The run's passes as a stream, as `Source.read` gives the candidates."""


@runtime_checkable
class Source(Protocol):
    """Reads one format. Implementations have no state."""

    name: str
    """The name on the command line, such as `native`."""

    def sniff(self, path: Path) -> bool:
        """Whether this file or directory looks like the format; reads little."""

    def runs(self, path: Path) -> list[RunFile]:
        """The runs in a file, a run's directory, or a directory of runs."""

    def read(self, run: RunFile, taxonomy: Taxonomy) -> Iterator[Sample]:
        """The run's samples as a stream, in constant memory; bad lines are given out, too."""
