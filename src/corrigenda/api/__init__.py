"""The HTTP API and the page, on FastAPI. It holds no rule: those are the workbench's."""

from corrigenda.api.app import create_app

__all__ = ["create_app"]
