"""Sources: one module for each format that evaluation harnesses write."""

from corrigenda.sources.base import RunFile, Sample, Source

__all__ = ["RunFile", "Sample", "Source"]
