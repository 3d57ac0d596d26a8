"""From the words of `corrigenda export` to a recipe."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from corrigenda.core.recipe import Recipe
    from corrigenda.core.selection import Selection
    from corrigenda.workbench import Workspace

OFF = "off"
"""What turns a step off which the recipe begins with."""


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given.

    Example:
        >>> given({"seed": 0, "strict": None, "cap": [], "text": ""})
        {'seed': 0}
    """
    return {name: value for name, value in values.items() if value not in (None, [], (), "")}


def selection_of(
    start: "Selection", filters: Mapping[str, Any], workspace: "Workspace"
) -> "Selection":
    """A filter with what was asked for on the command line instead of what it begins with.

    What is excluded adds up, unless it is asked for by name.

    Raises:
        InvalidInput: A value cannot be one of a filter's, or there is no such batch.
    """
    from corrigenda.core.selection import Selection

    asked = dict(filters)
    if "batch" in asked:
        asked["batch"] = _batch(asked["batch"], workspace)
    excluded = [
        *(name for name in start.exclude_categories if name not in asked.get("category", ())),
        *asked.get("exclude_category", ()),
    ]
    asked["exclude_category"] = list(dict.fromkeys(excluded))
    return Selection.from_json({**start.as_json(), **asked})


def recipe_of(
    workspace: "Workspace",
    *,
    curated: bool,
    file: Path | None,
    filters: Mapping[str, Any],
    fields: Mapping[str, Any],
    tokenizer: str | None,
) -> "Recipe":
    """The recipe that the options make.

    Args:
        workspace: Whose configuration names the longest example that training takes.
        curated: Whether to begin with what the export builder begins with.
        file: A recipe to begin with.
        filters: The filters given, by their names in JSON.
        fields: The other options given, by the names of a recipe's fields.
        tokenizer: The tokenizer given.

    Raises:
        InvalidInput: The file or a value cannot be used.
    """
    from corrigenda.core.recipe import BARE, CURATED, Recipe

    start = CURATED if curated else BARE
    if file is not None:
        start = Recipe.from_json(read_recipe(file), start)
    start = replace(start, selection=selection_of(start.selection, filters, workspace))
    asked = dict(fields)
    if asked.get("near_duplicates") == OFF:
        start = replace(start, near_duplicates=None)
        del asked["near_duplicates"]
    if asked.get("splits") == OFF:
        start = replace(start, splits=None)
        del asked["splits"]
    if "near_duplicates" in asked:
        asked["near_duplicates"] = _number("--near-duplicates", asked["near_duplicates"])
    if "splits" in asked:
        asked["splits"] = [_number("--split", each) for each in asked["splits"].split(",")]
    if "caps" in asked:
        asked["caps"] = {**start.caps, **_caps(asked["caps"])}
    recipe = Recipe.from_json(asked, start)
    if curated and recipe.max_length is None:
        recipe = _with_length(recipe, workspace, tokenizer)
    return recipe


def read_recipe(file: Path) -> dict[str, Any]:
    """A recipe as YAML or JSON.

    Raises:
        InvalidInput: The file cannot be read or has no recipe in it.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from corrigenda.errors import InvalidInput

    try:
        text = file.read_text("utf-8")
        found = YAML(typ="safe", pure=True).load(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidInput(f"Cannot read the recipe `{file}`: {reason}.") from error
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "no YAML or JSON"
        raise InvalidInput(f"The recipe `{file}`{where}: {problem}.") from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise InvalidInput(f"The recipe `{file}` must be a mapping (`key: value`).")
    return found


def _with_length(recipe: "Recipe", workspace: "Workspace", tokenizer: str | None) -> "Recipe":
    """With the workspace's longest example, which is in tokens: only where these are counted."""
    from corrigenda.settings import read_config
    from corrigenda.workbench.curating import tokens

    config = read_config(workspace.config_dir)
    counted = tokenizer is not None or (config.tokenizer is not None and tokens.available())
    return replace(recipe, max_length=config.max_length) if counted else recipe


def _batch(text: str, workspace: "Workspace") -> int:
    from corrigenda.errors import NotFound, shorten

    for batch in workspace.batches():
        if text in (batch["name"], str(batch["id"])):
            found: int = batch["id"]
            return found
    raise NotFound(f"There is no batch `{shorten(text)}`.")


def _caps(words: list[str]) -> dict[str, int]:
    found = {}
    for word in words:
        name, equals, number = word.partition("=")
        if not equals or not number.strip().isdecimal():
            raise typer.BadParameter(f"`{word}` is not NAME=ROWS", param_hint="--cap")
        found[name.strip()] = int(number)
    return found


def _number(option: str, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise typer.BadParameter(f"`{word}` is no number", param_hint=option) from None
