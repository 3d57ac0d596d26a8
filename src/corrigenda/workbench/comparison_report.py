"""A comparison of two runs as a report: for people, and as JSON."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from corrigenda.core.comparison import Comparison, Run, Table
from corrigenda.core.document import Block, Grid, Heading, Lines, as_markdown, as_text, inline
from corrigenda.core.estimates import Share
from corrigenda.core.plain import amount
from corrigenda.jsonl import json_lines

NAMED = 20
"""Prompts that are named."""

_NAMES = 50
_OUTCOMES = {
    "fixed": ("fixed", "of A's failures"),
    "same_failure": ("same failure", "of A's failures"),
    "different_failure": ("different failure", "of A's failures"),
    "regressed": ("regressed", "of A's passes"),
    "kept": ("kept", "of A's passes"),
    "flaky": ("flaky", "of all"),
}
_TITLES = {
    "split": "By split",
    "category": "By failure category of A",
    "task_type": "By task type",
    "task": "By task",
}
_SHORT = ("prompts", "fixed", "same", "different", "regressed", "kept", "flaky")


def report(found: Comparison, form: Literal["text", "markdown", "json"]) -> Iterable[str]:
    """The lines of a comparison's report; the JSON has every prompt, one a line."""
    if form == "json":
        return json_lines(found.head(), "prompts", found.prompts)
    return as_markdown(blocks(found)) if form == "markdown" else as_text(blocks(found))


def blocks(found: Comparison) -> Iterator[Block]:
    """What it says for people."""
    yield Heading("Comparison of two runs", 1)
    yield Lines([*_about(found)], items=True)
    if found.remarks:
        yield Heading("To know first")
        yield Lines(found.remarks, items=True)
    if not found.n:
        return
    yield Heading("Outcomes")
    yield _outcomes(found)
    yield Heading("Pass rates")
    yield _rates(found)
    for dimension, title in _TITLES.items():
        yield from _groups(found, dimension, title)
    yield from _named(found)


def _about(found: Comparison) -> Iterator[str]:
    yield f"A: {_run(found.a)}"
    yield f"B: {_run(found.b)}"
    if found.trained is not None:
        rows = amount(found.trained.corrections, "row")
        missing = (
            f"; {found.trained.missing} of them are not in this workspace any more"
            if found.trained.missing
            else ""
        )
        yield (
            f"Trained on: {inline(found.trained.name)}, {rows} of corrections and "
            f"{amount(found.trained.passes, 'pass', 'passes')}{missing}"
        )
    yield (
        f"Both have {amount(found.n, 'prompt')}; {found.only_a} are in A alone and "
        f"{found.only_b} in B alone, and not compared"
    )


def _run(run: Run) -> str:
    models = f" ({', '.join(map(inline, run.models))})" if run.models else ""
    return (
        f"{inline(run.run_id)}{models}, {amount(run.passes, 'sample')} passed, {run.candidates} "
        f"failed, {run.artifacts} of them found to be scoring artifacts"
    )


def _outcomes(found: Comparison) -> Grid:
    raw, adjusted = found.raw.total, found.adjusted.total
    rows = []
    for name, (title, of) in _OUTCOMES.items():
        row: list[object] = [title, of]
        for figures in (raw, adjusted):
            row += [figures.of(name), _percent(figures.rates[f"{name}_rate"])]
        rows.append(row)
    return Grid(("outcome", "its rate", "as scored", "rate", "adjusted", "rate"), rows)


def _rates(found: Comparison) -> Grid:
    tables = (found.raw.total, found.adjusted.total)
    return Grid(
        ("", "as scored", "adjusted"),
        [
            ["A", *(_percent(each.rates["pass_rate_a"]) for each in tables)],
            ["B", *(_percent(each.rates["pass_rate_b"]) for each in tables)],
            ["B less A, in points", *(_points(each.difference) for each in tables)],
            ["McNemar's exact p", *(_p(each.test.exact) if each.test else "-" for each in tables)],
            ["mid-p", *(_p(each.test.mid) if each.test else "-" for each in tables)],
        ],
    )


def _groups(found: Comparison, dimension: str, title: str) -> Iterator[Block]:
    if not _tells(dimension, found.raw.groups.get(dimension, {})):
        return
    artifacts = found.raw.total != found.adjusted.total
    tables = [(title, found.raw)]
    if artifacts:
        tables.append((f"{title}, adjusted", found.adjusted))
    for heading, table in tables:
        yield Heading(heading)
        yield _grid(table, dimension)
        more = len(table.groups[dimension]) - _NAMES
        if more > 0:
            yield Lines([f"{more} more are in the JSON."])


def _tells(dimension: str, groups: Mapping[str, Any]) -> bool:
    """Whether a table says more than the whole."""
    if dimension == "split":
        return bool(set(groups) - {"neither"})
    return len(groups) > 1


def _grid(table: Table, dimension: str) -> Grid:
    rows = []
    for name, each in [*table.groups[dimension].items()][:_NAMES]:
        shown = name.replace("_", " ") if dimension == "split" else inline(name)
        rows.append(
            [
                shown,
                each.n,
                *(each.of(outcome) for outcome in _OUTCOMES),
                _percent(each.rates["fixed_rate"]),
                _percent(each.rates["regressed_rate"]),
                _points(each.difference),
                _p(each.test.exact) if each.test else "-",
            ]
        )
    head = ["", *_SHORT, "fixed of failed", "regressed of passed", "B less A", "p"]
    if dimension == "category":  # of prompts that A failed: nothing is tested by them
        head, rows = head[:-2], [row[:-2] for row in rows]
    return Grid(head, rows)


def _named(found: Comparison) -> Iterator[Block]:
    wanted = {
        "regressed": found.raw.total.of("regressed"),
        "contaminated": found.contaminated,
    }
    named: dict[str, list[str]] = {name: [] for name in wanted}
    if not any(wanted.values()):
        return
    for prompt in found.prompts:
        for name in wanted:
            if name in (prompt["outcome"], prompt["split"]) and len(named[name]) < NAMED:
                named[name].append(_prompt(prompt))
    if named["regressed"]:
        yield Heading("Regressed")
        yield Lines([*named["regressed"], *_rest(wanted["regressed"])], items=True)
    if named["contaminated"]:
        yield Heading("Contaminated")
        yield Lines(
            ["Held out, but in the training rows all the same; not among the held out figures."]
        )
        yield Lines([*named["contaminated"], *_rest(wanted["contaminated"])], items=True)


def _prompt(prompt: Mapping[str, Any]) -> str:
    sides = []
    for name in ("a", "b"):
        ids = [*prompt[name]["candidates"], *prompt[name]["passes"]]
        sides.append(f"{name.upper()} {', '.join(map(inline, ids[:3]))}")
    how = prompt["contaminated"]
    words = {"exact": "the same words", "overlap": "at least half of its words in a row"}
    return f"{'; '.join(sides)}{f' ({words[how]})' if how else ''}"


def _rest(n: int) -> list[str]:
    return [f"and {n - NAMED} more, which are in the JSON"] if n > NAMED else []


def _percent(share: Share | None) -> str:
    if share is None:
        return "-"
    return f"{share.share:.1%} ({share.low * 100:.1f} to {share.high * 100:.1f})"


def _points(share: Share | None) -> str:
    if share is None:
        return "-"
    return f"{share.share * 100:+.1f} ({share.low * 100:+.1f} to {share.high * 100:+.1f})"


def _p(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else f"{p:.1e}"
