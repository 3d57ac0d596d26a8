"""The workbench: importing, reviewing, exporting, statistics; rules meet collections here."""

from corrigenda.workbench.bench_runs import RunInfo
from corrigenda.workbench.evaluating.request import EvaluationRequest
from corrigenda.workbench.finding import Page
from corrigenda.workbench.import_requests import ImportRequest
from corrigenda.workbench.importing import ImportReport
from corrigenda.workbench.reviewing import Answer
from corrigenda.workbench.workspace import Workspace

__all__ = [
    "Answer",
    "EvaluationRequest",
    "ImportReport",
    "ImportRequest",
    "Page",
    "RunInfo",
    "Workspace",
]
