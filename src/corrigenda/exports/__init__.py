"""Exports: one module for each training format."""

from corrigenda.exports.base import ExportFormat

__all__ = ["ExportFormat"]
