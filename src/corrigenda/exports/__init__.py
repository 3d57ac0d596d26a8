"""Exports: one module for each training format."""

from corrigenda.exports.base import ExportFormat, Kind, Minimum, Part, Row

__all__ = ["ExportFormat", "Kind", "Minimum", "Part", "Row"]
