"""The figures as Markdown: each beside its limit, and whether it is what is to be reached."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.scale.clients import Figures
from benchmarks.scale.places import DATABASES, SQLITE
from benchmarks.scale.results import Results

Check = Callable[[Figures, Figures | None], str | None]
"""What is missed, of the largest size and the smallest one; `None`: nothing."""

_SPREAD = 1.5
_TITLES = {SQLITE: "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    name: str
    title: str
    goal: str
    show: Callable[[Figures], str]
    limit: Callable[[Figures], str]
    checks: Sequence[Check] = ()
    databases: Sequence[str] = DATABASES


def rows(results: Results) -> list[Row]:
    """The rows of what can be measured, those of the export formats that there are among them."""
    formats = [_format(name) for name in results.rows("export_")]
    return [*_READS, *_DECISIONS, *_IMPORTS, *formats, *_REST]


def table(results: Results) -> str:
    """A table for each database."""
    parts = [f"{results.machine}\n"]
    for database in DATABASES:
        sizes = results.sizes(database)
        if not sizes:
            continue
        titles = " | ".join(f"{size:,}" for size in sizes)
        parts.append(f"| {_TITLES[database]} | {titles} | its limit | to reach | |")
        parts.append("|---|" + "---:|" * (len(sizes) + 1) + "---|---|")
        parts += _lines(results, database, sizes)
        parts.append("")
    return "\n".join(parts)


def _lines(results: Results, database: str, sizes: Sequence[int]) -> Iterator[str]:
    for row in rows(results):
        found = [results.of(row.name, database, size) for size in sizes]
        measured = [each for each in found if each is not None]
        if database not in row.databases or not measured:
            continue
        last = measured[-1]
        shown = " | ".join("" if each is None else row.show(each) for each in found)
        first = measured[0] if len(measured) > 1 else None
        missed = [said for check in row.checks if (said := check(last, first)) is not None]
        verdict = "; ".join(missed) or ("yes" if row.checks else "")
        yield f"| {row.title} | {shown} | {row.limit(last)} | {row.goal} | {verdict} |"


def _percentile(name: str, most: float) -> Check:
    def check(large: Figures, _: Figures | None) -> str | None:
        found = large[name]
        return None if found <= most else f"**{name} {found:.0f} ms**"

    return check


def _same(large: Figures, small: Figures | None) -> str | None:
    if small is None or (ratio := large["p50"] / small["p50"]) <= _SPREAD:
        return None
    return f"**p50 {ratio:.1f} times that of the smallest**"


def _share(least: float) -> Check:
    def check(large: Figures, _: Figures | None) -> str | None:
        found = large["rate"] / large["limit"]
        return None if found >= least else f"**{found:.2f} of the limit**"

    return check


def _rate(least: float) -> Check:
    def check(large: Figures, _: Figures | None) -> str | None:
        found = large["rate"]
        return None if found >= least else f"**{found:,.0f} a second**"

    return check


def _memory(large: Figures, _: Figures | None) -> str | None:
    return None if large["peak"] <= 250 else f"**{large['peak']:.0f} MB**"


def _kept(large: Figures, _: Figures | None) -> str | None:
    return f"**{large['lost']:.0f} lost**" if large.get("lost") else None


def _seconds(most: float) -> Check:
    def check(large: Figures, _: Figures | None) -> str | None:
        return None if large["seconds"] <= most else f"**{large['seconds']:.2f} s**"

    return check


def _times_raw(large: Figures, _: Figures | None) -> str | None:
    found = large["bytes"] / large["limit"]
    return None if found <= 1.6 else f"**{found:.2f} times**"


def _times(figures: Figures) -> str:
    return f"{figures['p50']:.1f} / {figures['p99']:.1f}"


def _search_times(figures: Figures) -> str:
    return f"{figures['p50']:.1f} / {figures['p95']:.1f}"


def _nothing(figures: Figures) -> str:
    return f"{figures['limit']:.2f} ms"


def _a_second(figures: Figures) -> str:
    return f"{figures['rate']:,.0f}"


def _limit_rate(figures: Figures) -> str:
    return f"{figures['limit']:,.0f}"


def _rate_and_memory(figures: Figures) -> str:
    return f"{figures['rate']:,.0f} ({figures['peak']:.0f} MB)"


def _read(name: str, title: str, most: float = 20) -> Row:
    checks: list[Check] = [_percentile("p99", most), _same]
    goal = f"p99 ≤ {most:.0f} ms, p50 ≤ {_SPREAD} times"
    return Row(name, f"{title}, p50 / p99 ms", goal, _times, _nothing, checks)


def _search(kind: str) -> Row:
    return Row(
        f"search_{kind}",
        f"search, {kind} words, p50 / p95 ms",
        "p95 ≤ 100 ms",
        _search_times,
        _nothing,
        [_percentile("p95", 100)],
    )


def _format(name: str) -> Row:
    form, _, container = name.removeprefix("export_").rpartition("_")
    return Row(
        name,
        f"export `{form}`, `.{container}`, rows a second (peak)",
        "half of the loop, ≤ 250 MB",
        _rate_and_memory,
        _limit_rate,
        [_share(0.5), _memory],
    )


_READS = [
    _read("page", "queue, first page"),
    _read("one_filter", "queue, one filter"),
    _read("two_filters", "queue, two filters"),
    _read("far", "queue, the 50,000th by cursor"),
    _read("stats", "statistics, every breakdown", 10),
    _read("dashboard", "dashboard, unfiltered", 10),
    *map(_search, ("rare", "medium", "common")),
]
_THIRD = "a third of the empty route"
_DECISIONS = [
    _read("submit", "submit"),
    _read("undo", "undo"),
    *(
        Row(
            f"{name}_together",
            f"{name}, eight clients, a second",
            f"≥ 1,500, {_THIRD}" if database == SQLITE else _THIRD,
            _a_second,
            _limit_rate,
            [_share(1 / 3), _kept, *([_rate(1_500)] if database == SQLITE else [])],
            (database,),
        )
        for name in ("submit", "undo")
        for database in DATABASES
    ),
]
_IMPORTS = [
    Row(
        "import",
        "import, candidates a second (peak)",
        "half of the loop, ≤ 250 MB",
        _rate_and_memory,
        _limit_rate,
        [_share(0.5), _memory],
    ),
    Row(
        "index",
        "search index after it, candidates a second (peak)",
        "≥ 10,000, ≤ 250 MB",
        _rate_and_memory,
        lambda _: "",
        [_rate(10_000), _memory],
    ),
]
_REST = [
    Row(
        "ready",
        "server ready, s",
        "2 s",
        lambda found: f"{found['seconds']:.2f}",
        lambda found: f"{found['limit']:.2f} s",
        [_seconds(2)],
    ),
    Row(
        "help",
        "`corrigenda --help`, s",
        "0.3 s",
        lambda found: f"{found['seconds']:.2f}",
        lambda found: f"{found['limit']:.2f} s",
        [_seconds(0.3)],
        (SQLITE,),
    ),
    Row(
        "disk",
        "database ÷ raw JSONL",
        "≤ 1.6",
        lambda found: f"{found['bytes'] / found['limit']:.2f}",
        lambda found: f"{found['limit'] / 1e6:,.0f} MB",
        [_times_raw],
    ),
]
