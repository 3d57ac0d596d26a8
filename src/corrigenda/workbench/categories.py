"""The failure categories as a workspace words them, and which of them can go."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from corrigenda import settings
from corrigenda.core.taxonomy import Category, Taxonomy
from corrigenda.errors import CategoryInUse, InvalidInput
from corrigenda.store import Database, activity, counts


def change(
    database: Database, config_dir: Path, before: Taxonomy, wanted: Iterable[Mapping[str, Any]]
) -> Taxonomy:
    """Write what the categories are from now on into `label_tool.yaml`.

    Args:
        database: Where categories are in use.
        config_dir: Where the file is.
        before: What they are now.
        wanted: All of them, with the fields of `core.taxonomy.Category`.

    Raises:
        InvalidInput: A built-in category is missing, or a field is unknown or unusable.
        CategoryInUse: One that is left out is used by a candidate or a decision.
        ConfigError: The file that is there is broken.
        StorageError: It cannot be written.
    """
    try:
        categories = [Category(**{**fields, "built_in": False}) for fields in wanted]
    except TypeError as error:
        raise InvalidInput(f"A failure category cannot be read: {error}.") from None
    for name in sorted(set(before.names) - {category.name for category in categories}):
        if n := uses(database, name):
            raise CategoryInUse(name, n)
    return settings.write_taxonomy(config_dir, categories)


def uses(database: Database, name: str) -> int:
    """How many decisions name a category; without any, how many candidates came with it."""
    with database.reading() as connection:
        kept = counts.read(connection, counts.TOTAL)
        candidates = sum(n for (_, _, _, category), n in kept.items() if category == name)
        return activity.uses_of_category(connection, name) or candidates
