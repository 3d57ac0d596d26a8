"""Text for a terminal."""

from corrigenda.core.plain import amount, columns, plain

__all__ = ["amount", "columns", "plain"]
