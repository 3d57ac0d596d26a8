"""Obstacles: why a correction of a candidate would not be exported, said before the work."""

import logging
from dataclasses import replace
from pathlib import Path

from corrigenda import settings
from corrigenda.core.example import Example, of_correction
from corrigenda.core.lots import reference_of
from corrigenda.core.recipe import Recipe
from corrigenda.errors import ConfigError, InvalidInput
from corrigenda.exports import Kind
from corrigenda.store import Database, Stored, candidates
from corrigenda.workbench.curating.items import Item, Origin, Reason
from corrigenda.workbench.curating.lengths import measuring
from corrigenda.workbench.protected_index import index_of

_log = logging.getLogger(__name__)


def of(database: Database, config_dir: Path, candidate_id: str) -> list[dict[str, str]]:
    """What keeps a candidate out of an export for training; empty if nothing does.

    Example:
        [{"reason": "held_out", "message": "It is held out of training, to measure …"}]

    Raises:
        UnknownCandidate: There is none of this id.
    """
    with database.reading() as connection:
        stored = candidates.get(connection, candidate_id)
    example = _example(stored)
    found = []
    if match := index_of(database).find(example.prompt):
        found.append((Reason.PROTECTED, f"{match.message} It is not exported for training."))
    if stored.dimensions.held_out:
        found.append((Reason.HELD_OUT, "It is held out of training, to measure the next model by."))
    if stored.state.held_back:
        found.append(
            (
                Reason.HELD_BACK,
                "Its correction is held back until somebody says what becomes of the reasoning "
                "that led to the wrong answer.",
            )
        )
    if long := _too_long(config_dir, stored, example):
        found.append((Reason.TOO_LONG, long))
    return [{"reason": reason.value, "message": message} for reason, message in found]


def _example(stored: Stored) -> Example:
    """What would go out: until it is corrected, with the reference for an answer."""
    record = stored.as_record()
    example = of_correction(record)
    if record.get("corrected_response") is not None:
        return example
    reference = reference_of(record) or ""
    return replace(example, answer={"role": "assistant", "content": reference})


def _too_long(config_dir: Path, stored: Stored, example: Example) -> str | None:
    """A sentence where training would cut it off; only a configured length is known."""
    try:
        config = settings.read_config(config_dir)
        if config.max_length is None:
            return None
        recipe = Recipe(max_length=config.max_length)
        lengths, _ = measuring(recipe, Kind.SFT, configured=config.tokenizer)
    except (ConfigError, InvalidInput) as error:
        _log.warning("%s", error)
        return None
    item = Item(
        stored.seq,
        stored.id,
        stored.state.revision,
        Origin.CORRECTION,
        b"",
        b"",
        b"",
        "",
        "",
        "",
        "",
        "",
    )
    objection = lengths.examine(item, example, {})
    if objection is None:
        return None
    return (
        f"With its answer it has {item.length} {lengths.unit}; training takes {config.max_length}."
    )
