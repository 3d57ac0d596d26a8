"""What a user asks of an import, as the command line, a job and Python say it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corrigenda.core.split import checked_share
from corrigenda.errors import InvalidInput, shorten
from corrigenda.settings import Mappings
from corrigenda.sources import ReadOptions
from corrigenda.sources.plain.mapping import ROLES
from corrigenda.workbench.importing import ImportOptions
from corrigenda.workbench.redacting import redactor


@dataclass(frozen=True)
class ImportRequest:
    """The options of an import, all of them plain values; see `importing.ImportOptions`.

    `format` names the source, where it is not to be recognised; `mapping_name` a mapping that
    is saved in the workspace, over which `mapping` goes.
    """

    format: str | None = None
    metric: str | None = None
    threshold: float | None = None
    model: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    mapping_name: str | None = None
    failures_only: bool = False
    include_errors: bool = False
    include_unscored: bool = False
    held_out: float | None = None
    strict: bool = False
    allow_purged: bool = False
    redact: bool = False

    def options(self, saved: Mappings) -> ImportOptions:
        """What the importer is to do.

        Raises:
            InvalidInput: A mapping is not known, a field of one is not, the share is no part of
                a whole, or nothing is installed that could redact.
        """
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise InvalidInput(f"A threshold is a number, not {self.threshold}.")
        return ImportOptions(
            read=ReadOptions(
                metric=self.metric or None,
                threshold=self.threshold,
                model=self.model or None,
                mapping=self._mapping(saved),
            ),
            failures_only=self.failures_only,
            include_errors=self.include_errors,
            include_unscored=self.include_unscored,
            held_out=checked_share(self.held_out),
            strict=self.strict,
            allow_purged=self.allow_purged,
            redact=redactor() if self.redact else None,
        )

    def source(self) -> str | None:
        """The source to read with: a mapping is for tables."""
        if self.format:
            return self.format
        return "plain" if self.mapping or self.mapping_name else None

    def _mapping(self, saved: Mappings) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.mapping_name:
            if self.mapping_name not in saved:
                there = ", ".join(f"`{name}`" for name in saved) or "none"
                raise InvalidInput(
                    f"There is no mapping `{shorten(self.mapping_name)}`; saved are: {there}."
                )
            found |= saved[self.mapping_name]
        found |= self.mapping
        for key in found:
            if key not in ROLES:
                raise InvalidInput(
                    f"`{shorten(key)}` is no field that a column can be mapped to: "
                    f"{', '.join(f'`{name}`' for name in sorted(ROLES))}."
                )
        return found
