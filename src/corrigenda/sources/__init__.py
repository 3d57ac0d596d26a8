"""Sources: one module for each format that evaluation harnesses write."""

from corrigenda.sources.base import PassSource, RunFile, Sample, Source

__all__ = ["PassSource", "RunFile", "Sample", "Source"]
