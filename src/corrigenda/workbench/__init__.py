"""The workbench: importing, reviewing, exporting, statistics; rules meet collections here."""

from corrigenda.workbench.finding import Page
from corrigenda.workbench.importing import ImportReport, RunInfo
from corrigenda.workbench.reviewing import Answer
from corrigenda.workbench.workspace import Workspace

__all__ = ["Answer", "ImportReport", "Page", "RunInfo", "Workspace"]
