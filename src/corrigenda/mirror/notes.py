"""What is kept about `sft_candidates.jsonl` between processes, as values and as JSON."""

from dataclasses import dataclass
from typing import Any

from corrigenda.core.problem import Problem
from corrigenda.mirror.seen import Seen


@dataclass(frozen=True)
class Written:
    """One state of the file, with the newest decision and candidate that it shows."""

    seen: Seen
    horizon: int
    newest: int


@dataclass(frozen=True)
class Displaced:
    """A file whose place was taken: how far it was read, and when it last grew (Unix time).

    A `flawed` one says something that was not taken over; it is kept under another name.
    """

    name: str
    seen: Seen
    grew_at: float
    flawed: bool


@dataclass(frozen=True)
class Notes:
    """What is kept about the file between processes; `writing` is about to take its place.

    `problems` are what was not taken over of the file as last read, with these `categories`.
    """

    current: Written | None = None
    writing: Written | None = None
    displaced: tuple[Displaced, ...] = ()
    problems: tuple[Problem, ...] = ()
    categories: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "current": _written_as_json(self.current),
            "writing": _written_as_json(self.writing),
            "displaced": [[d.name, d.seen.as_json(), d.grew_at, d.flawed] for d in self.displaced],
            "problems": [problem.as_dict() for problem in self.problems],
            "categories": list(self.categories),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Notes":
        """From what `as_json` gave."""
        return cls(
            current=_written_from_json(value["current"]),
            writing=_written_from_json(value["writing"]),
            displaced=tuple(
                Displaced(name, Seen.from_json(seen), at, flawed)
                for name, seen, at, flawed in value["displaced"]
            ),
            problems=tuple(Problem(**problem) for problem in value["problems"]),
            categories=tuple(value["categories"]),
        )


def _written_as_json(written: Written | None) -> dict[str, Any] | None:
    if written is None:
        return None
    seen = written.seen.as_json()
    return {"seen": seen, "horizon": written.horizon, "newest": written.newest}


def _written_from_json(value: dict[str, Any] | None) -> Written | None:
    if value is None:
        return None
    return Written(Seen.from_json(value["seen"]), value["horizon"], value["newest"])
