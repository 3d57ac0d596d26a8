"""A command with many options: its help has a section for each group of them."""

from typing import Any

from typer.core import TyperCommand


class GroupedCommand(TyperCommand):
    """Shows the options under the names that their `rich_help_panel` gives."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each group, in the order in which they come."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for option in self.get_params(ctx):
            shown = option.get_help_record(ctx)
            if shown is not None:
                name = getattr(option, "rich_help_panel", None) or "Options"
                groups.setdefault(name, []).append(shown)
        for name, rows in groups.items():
            with formatter.section(name):
                formatter.write_dl(rows)
