"""Long work that a request must not wait for: run, progress, cancel."""

from corrigenda.jobs.runner import JobRunner, runner_of

__all__ = ["JobRunner", "runner_of"]
