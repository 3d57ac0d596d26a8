"""Exports: one module for each training format."""

from corrigenda.exports.base import ExportFormat, Format, Kind, Minimum, Part, Row

__all__ = ["ExportFormat", "Format", "Kind", "Minimum", "Part", "Row"]
