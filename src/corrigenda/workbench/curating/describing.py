"""What a manifest says of an export that was written."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corrigenda.outputs import RowWriter
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.items import UNNAMED, Item, LeftOut
from corrigenda.workbench.curating.plan import Plan


@dataclass(frozen=True)
class Facts:
    """What a manifest says beside the plan.

    Attributes:
        tokenizer: `{"name", "sha256"}` of what measured the lengths.
        protected: `{"name", "prompts"}` of each protected benchmark.
        licences: Run → the licences that its records name.
    """

    tokenizer: Mapping[str, Any] | None = None
    protected: Sequence[Mapping[str, Any]] = ()
    licences: Callable[[str], list[str]] = lambda run_id: []  # noqa: ARG005


@dataclass
class Counted:
    """The rows that were written, by what they are."""

    by: dict[str, Counter[str]] = field(
        default_factory=lambda: {key: Counter() for key in ("category", "task", "model", "split")}
    )
    runs: Counter[str] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        """Count a row."""
        for key, counter in self.by.items():
            counter[getattr(item, key) or UNNAMED] += 1
        self.runs[item.run_id] += 1


def manifest_of(
    plan: Plan,
    facts: Facts,
    counted: Counted,
    files: Sequence[Mapping[str, Any]],
    rows: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The manifest of an export; what lies beside its rows is added by whoever writes that."""
    return {
        "manifest": manifests.VERSION,
        "tool": manifests.tool(),
        "recipe": plan.recipe.as_json(),
        "tokenizer": facts.tokenizer,
        "protected": list(facts.protected),
        "contaminated": None if plan.contaminated is None else dict(plan.contaminated),
        "stages": [{"name": stage.name, "n": stage.n} for stage in plan.findings.stages],
        "left_out": _by_reason(plan.findings.left_out),
        "counts": {key: _sorted(counter) for key, counter in counted.by.items()},
        "runs": [
            {"run_id": run_id or None, "rows": n, "licenses": facts.licences(run_id)}
            for run_id, n in sorted(counted.runs.items())
        ],
        "warnings": list(plan.findings.warnings),
        "files": list(files),
        "beside": [],
        "rows": rows,
    }


def _by_reason(left_out: Iterable[LeftOut]) -> dict[str, int]:
    return _sorted(Counter(each.reason.value for each in left_out))


def _sorted(counter: Counter[str]) -> dict[str, int]:
    # In an order that depends on nothing but what is counted.
    return {key: counter[key] for key in sorted(counter)}


def files_of(names: Mapping[str, str], writers: Mapping[str, RowWriter]) -> list[dict[str, Any]]:
    """The files of rows, as the manifest names them."""
    return [
        {
            "name": names[split],
            "split": split,
            "rows": writer.rows,
            "bytes": writer.bytes,
            "sha256": writer.sha256,
        }
        for split, writer in writers.items()
    ]


def file_of(name: str, writer: RowWriter) -> dict[str, Any]:
    """A file beside them."""
    return {"name": name, "bytes": writer.bytes, "sha256": writer.sha256}


def list_of(name: str, writer: RowWriter) -> dict[str, Any]:
    """The list of rows."""
    return {"name": name, "rows": writer.rows, "sha256": writer.sha256}


def data_of(name: str, data: bytes) -> dict[str, Any]:
    """A small file beside them."""
    return {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
