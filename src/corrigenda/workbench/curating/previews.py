"""What a recipe would give, for people to look at before they make it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from corrigenda.workbench import redacting
from corrigenda.workbench.curating.items import Item, LeftOut
from corrigenda.workbench.curating.plan import Plan
from corrigenda.workbench.curating.toolbox import Toolbox

LEFT_OUT = 20
"""How many of each reason are shown."""

CONFLICTS = 20
ROWS = 5

_UNMEASURED: Mapping[str, Any] = {
    "unit": "characters",
    "tokenizer": None,
    "bins": [],
    "median": None,
    "p95": None,
    "max": None,
    "over": 0,
}


def preview(plan: Plan, tools: Toolbox) -> dict[str, Any]:
    """A plan as the export builder shows it.

    Example:
        {"examined": 310, "total": 310, "complete": true,
         "stages": [{"name": "approved", "n": 310}, …],
         "left_out": [{"reason": "duplicate", "n": 2, "examples": [{"id": "a7", "detail": …}]}],
         "counts": {"category": {"wrong_answer": 280, "none": 28}, "task": …},
         "conflicts": {"n": 1, "examples": [["a1", "b1"]]}, "warnings": [],
         "lengths": {"unit": "characters", …}, "examples": [{"id": "a1", "parts": …}],
         "secrets": {"checked": true, "available": true, "n": 0}}
    """
    findings = plan.findings
    return {
        "examined": plan.examined,
        "total": plan.total,
        "complete": plan.complete,
        "stages": [asdict(stage) for stage in findings.stages],
        "left_out": _left_out(findings.left_out),
        "counts": {
            key: dict(findings.counts.get(key, {}))
            for key in ("category", "task", "model", "split")
        },
        "conflicts": {"n": len(plan.conflicts), "examples": plan.conflicts[:CONFLICTS]},
        "warnings": findings.warnings,
        "lengths": dict(plan.lengths or _UNMEASURED),
        "examples": _examples(plan),
        "secrets": {
            "checked": tools.found is not None and tools.found.checked,
            "available": redacting.available(),
            "n": 0 if tools.found is None else tools.found.n,
        },
    }


def _left_out(left_out: list[LeftOut]) -> list[dict[str, Any]]:
    reasons: dict[str, list[LeftOut]] = defaultdict(list)
    for each in left_out:
        reasons[each.reason.value].append(each)
    return [
        {
            "reason": reason,
            "n": len(found),
            "examples": [{"id": each.id, "detail": each.detail} for each in found[:LEFT_OUT]],
        }
        for reason, found in sorted(reasons.items(), key=lambda each: (-len(each[1]), each[0]))
    ]


def _examples(plan: Plan) -> list[dict[str, Any]]:
    """The first rows of each kind and split, as far as there is room."""
    shown = replace(plan, items=_different(plan.items))
    return [
        {
            "id": item.id,
            "origin": item.origin.value,
            "split": item.split,
            "row": row,
            "parts": [asdict(part) for part in plan.form.parts(row)],
        }
        for item, row in shown.rows()
    ]


def _different(items: list[Item]) -> list[Item]:
    first: dict[tuple[str, str], int] = {}
    for place, item in enumerate(items):
        first.setdefault((item.origin.value, item.split), place)
    wanted = list(first.values())[:ROWS]
    wanted += [place for place in range(min(len(items), 2 * ROWS)) if place not in wanted]
    return [items[place] for place in sorted(wanted[:ROWS])]
