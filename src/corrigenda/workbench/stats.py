"""Statistics, from the counts that are kept with every change."""

from collections import Counter
from typing import Any

from corrigenda.core.decisions import Status
from corrigenda.store import Database, counts


def stats(database: Database) -> dict[str, Any]:
    """How many candidates there are, and of what kind.

    Candidates without a model, task type or category are not in that breakdown.

    Example:
        {"total": 3, "by_status": {"needs_review": 1, "approved": 2, "discarded": 0,
         "model_rejected": 0}, "by_model": {"Qwen2.5-3B": 3}, "by_task_type": {"code": 3},
         "by_failure_category": {"wrong_answer": 1}, "export_ready": 2}
    """
    with database.reading() as connection:
        kept = counts.read(connection)
    by_status = {status.value: kept[counts.TOTAL, "", status.value] for status in Status}
    return {
        "total": sum(by_status.values()),
        "by_status": by_status,
        "by_model": _breakdown(kept, counts.MODEL),
        "by_task_type": _breakdown(kept, counts.TASK_TYPE),
        "by_failure_category": _breakdown(kept, counts.CATEGORY),
        "export_ready": kept[counts.EXPORTABLE, "", Status.APPROVED.value],
    }


def _breakdown(kept: Counter[counts.Key], dimension: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for (name, value, _), n in sorted(kept.items()):
        if name == dimension and value:
            found[value] = found.get(value, 0) + n
    return found
