"""Long work that a request must not wait for: run, progress, cancel."""

from corrigenda.jobs.runner import JobRunner, runner_of
from corrigenda.jobs.training import abilities

__all__ = ["JobRunner", "abilities", "runner_of"]
