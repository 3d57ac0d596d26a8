"""What a new candidate's rows are made of, worked out while its record is at hand.

Whoever reads a long file prepares each candidate as it comes: by the time that a batch is
together, the first records are out of the processor's cache, and going through them again costs
more than the work itself. Whoever does not loses nothing but time.
"""

from typing import Any

from corrigenda.core.candidate import Candidate
from corrigenda.store.bodies import encode
from corrigenda.store.candidates import record_columns
from corrigenda.store.digests import add_digests

_NAME = "_prepared"


def prepare(candidate: Candidate) -> tuple[dict[str, Any], str]:
    """The columns and the body of a candidate's record; a second time they are at hand."""
    found: tuple[dict[str, Any], str] | None = vars(candidate).get(_NAME)
    if found is None:
        add_digests(candidate)
        found = record_columns(candidate), encode(candidate.record)
        vars(candidate)[_NAME] = found  # as a cached property does, and gone with a copy
    return found
