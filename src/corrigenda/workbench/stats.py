"""Statistics, from the counts that are kept with every change."""

from collections import Counter
from typing import Any

from corrigenda.core.decisions import Status
from corrigenda.store import Database, counts

_SHOWN = (counts.TOTAL, counts.MODEL, counts.TASK_TYPE, counts.EXPORTABLE)


def stats(database: Database) -> dict[str, Any]:
    """How many candidates there are, and of what kind.

    Candidates without a model, task type or category are not in that breakdown.

    Example:
        {"total": 3, "by_status": {"needs_review": 1, "approved": 2, "discarded": 0,
         "model_rejected": 0}, "by_model": {"Qwen2.5-3B": 3}, "by_task_type": {"code": 3},
         "by_failure_category": {"wrong_answer": 1}, "export_ready": 2}
    """
    with database.reading() as connection:
        kept = counts.read(connection, *_SHOWN)
    statuses: Counter[str] = Counter()
    exportable = 0
    for (dimension, _, status, _), n in kept.items():
        if dimension == counts.TOTAL:
            statuses[status] += n
        elif dimension == counts.EXPORTABLE:
            exportable += n
    by_status = {status.value: statuses[status.value] for status in Status}
    return {
        "total": sum(by_status.values()),
        "by_status": by_status,
        "by_model": _breakdown(kept, counts.MODEL),
        "by_task_type": _breakdown(kept, counts.TASK_TYPE),
        "by_failure_category": _categories(kept),
        "export_ready": exportable,
    }


def _breakdown(kept: Counter[counts.Key], dimension: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for (name, value, _, _), n in sorted(kept.items()):
        if name == dimension and value:
            found[value] = found.get(value, 0) + n
    return found


def _categories(kept: Counter[counts.Key]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (name, _, _, category), n in kept.items():
        if name == counts.TOTAL and category:
            found[category] += n
    return dict(sorted(found.items()))
