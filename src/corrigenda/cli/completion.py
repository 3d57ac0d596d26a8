"""What the shell completes: names that are cheap to find out, without the database."""

import typer

from corrigenda.cli.options import settings_of


def categories(ctx: typer.Context) -> list[tuple[str, str]]:
    """The workspace's failure categories, and `none`."""
    from corrigenda.core.taxonomy import UNCATEGORISED, Taxonomy
    from corrigenda.errors import CorrigendaError
    from corrigenda.settings import read_config

    try:
        directory = settings_of(ctx, ctx.params.get("workspace"), None).workspace
        taxonomy = read_config(directory).taxonomy
    except CorrigendaError:
        taxonomy = Taxonomy()
    found = [(category.name, category.definition) for category in taxonomy.categories]
    return [*found, (UNCATEGORISED, "Without a category.")]


def formats() -> list[str]:
    """The export formats that are installed."""
    return _installed("corrigenda.exports")


def sources() -> list[str]:
    """The sources that are installed."""
    return _installed("corrigenda.sources")


def _installed(group: str) -> list[str]:
    from importlib.metadata import entry_points

    return sorted(entry_points(group=group).names)
