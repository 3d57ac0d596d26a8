"""What Prometheus may ask for: how the server and its workspace do.

Requests are counted where they are answered. All else is asked of the workspace when somebody
looks, so that several servers of one database say the same of it.
"""

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.types import Scope

from corrigenda.core.decisions import Status
from corrigenda.errors import CorrigendaError
from corrigenda.store.measures import DecisionCounts, Measures
from corrigenda.workbench.measuring import Measured, measure

if TYPE_CHECKING:
    from corrigenda.api.workspaces import WorkspaceProvider

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_STREAMS = frozenset({"/api/sft/events"})
"""Routes that answer for as long as somebody listens: their time says nothing."""

UNKNOWN = "(none)"
"""The template of an address that no route has."""

disable_created_metrics()  # type: ignore[no-untyped-call]


def route_of(scope: Scope) -> str:
    """The template of a request's address, by which it is counted, and told of in the log.

    Example:
        `/api/sft/candidates/{candidate_id}`
    """
    # A route of a router that was included knows only the end of its address.
    included = scope.get("fastapi", {}).get("effective_route_context")
    found: str | None = getattr(included or scope.get("route"), "path", None)
    return UNKNOWN if found is None else found


class Metrics:
    """One application's metrics.

    Attributes:
        in_progress: How many requests are being answered.
    """

    def __init__(self, provider: "WorkspaceProvider") -> None:
        self.in_progress = 0
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "corrigenda_http_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "corrigenda_http_request_seconds",
            "How long answering took.",
            ["method", "route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_OfServer(self))
        self._registry.register(_OfWorkspace(provider))
        # Asking the library for the counter of some labels takes longer than counting.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram | None]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        key = (method, route, status)
        found = self._known.get(key)
        if found is None:
            # A method may be any word that a stranger thinks of.
            name = method if method in _METHODS else "other"
            timed = None if route in _STREAMS else self._seconds.labels(name, route)
            found = self._requests.labels(name, route, str(status)), timed
            if method in _METHODS:
                self._known[key] = found
        counter, histogram = found
        counter.inc()
        if histogram is not None:
            histogram.observe(seconds)

    def text(self) -> bytes:
        """All metrics, in Prometheus' text format."""
        return generate_latest(self._registry)


class _OfServer(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        yield GaugeMetricFamily(
            "corrigenda_http_requests_in_progress",
            "Requests that are being answered, this one among them.",
            value=self._metrics.in_progress,
        )


class _OfWorkspace(Collector):
    def __init__(self, provider: "WorkspaceProvider") -> None:
        self._provider = provider
        self._lock = Lock()
        self._decisions = DecisionCounts()

    def describe(self) -> list[Metric]:
        """Nothing, so that registering looks into no workspace."""
        return []

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        up = GaugeMetricFamily("corrigenda_up", "Whether the workspace could be looked into.")
        try:
            with self._lock:
                found = measure(self._provider(), self._decisions)
        except CorrigendaError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from _of_measures(found.measures)
        yield from _of_measured(found)


def _of_measures(found: Measures) -> Iterator[Metric]:
    candidates = GaugeMetricFamily(
        "corrigenda_candidates",
        "Candidates by status; those that need review are the queue.",
        labels=["status"],
    )
    for status in Status:
        candidates.add_metric([status.value], found.candidates.get(status.value, 0))
    yield candidates
    jobs = GaugeMetricFamily("corrigenda_jobs", "Jobs by kind and state.", labels=["kind", "state"])
    for (kind, state), n in sorted(found.jobs.items()):
        jobs.add_metric([kind, state], n)
    yield jobs
    yield GaugeMetricFamily(
        "corrigenda_claims", "Candidates in somebody's hands.", value=found.claims
    )
    yield GaugeMetricFamily(
        "corrigenda_mirror_pending",
        "Decisions that may not have reached the disk of the approved file.",
        value=found.mirror_pending,
    )


def _of_measured(found: Measured) -> Iterator[Metric]:
    decisions = CounterMetricFamily(
        "corrigenda_decisions", "Decisions, whoever made them.", labels=["action"]
    )
    for action, n in sorted(found.decisions.items()):
        decisions.add_metric([action], n)
    yield decisions
    yield GaugeMetricFamily(
        "corrigenda_search_pending",
        "Candidates that the search does not find yet.",
        value=found.search_pending,
    )
    yield GaugeMetricFamily(
        "corrigenda_database_bytes", "The size of the database.", value=found.database_bytes
    )
    if found.disk_free is not None:
        yield GaugeMetricFamily(
            "corrigenda_disk_free_bytes",
            "Room on the disk of the workspace's directory.",
            value=found.disk_free,
        )
