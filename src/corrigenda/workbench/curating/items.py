"""What curating works on: one small item for each row that an export may have.

An item holds what choosing needs, and no text: a million of them fit into memory. The texts are
read again when the rows are written.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

UNNAMED = "none"
"""What a task or model without a name is counted as."""


class Origin(StrEnum):
    """What of a sample an item is."""

    CORRECTION = "correction"
    NEGATIVE = "negative"
    """The model's own answer, as an example of what is not wanted."""

    PASS = "pass"


class Reason(StrEnum):
    """Why something that the filter found is not in the export."""

    HELD_OUT = "held_out"
    HELD_BACK = "held_back"
    INVALID = "invalid"
    ARTIFACT = "scoring_artifact"
    FORMAT_ONLY = "format_only"
    PROTECTED = "protected"
    TOO_LONG = "too_long"
    SECRET = "secret"
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    CONFLICT = "conflict"
    CAPPED = "capped"
    BRIDGES_SPLITS = "bridges_splits"
    CHANGED = "changed"
    """Somebody decided on it while the export was written."""


@dataclass(slots=True)
class Item:
    """See the module.

    Attributes:
        seq: The place of arrival, among the candidates or among the passes.
        id: The id of the candidate or of the pass.
        revision: The candidate's revision; 0 for a pass.
        origin: What of it the item is.
        prompt: A hash of the prompt, 16 bytes; of the id where there is no prompt.
        answer: A hash of the prompt with the answer, 16 bytes.
        key: A hash of what exact duplicates share, 16 bytes; the same object as `answer` where
            that is prompt and answer.
        unwanted: A hash of the prompt with the answer that is not wanted; `b""` without one.
        decided_at: When it was decided; `""` where nobody asks for the latest decision.
        category: The failure category or `none`; `pass` for a pass.
        length: In tokens or characters.
        groups: Hashes of what holds it together with others in one split, 16 bytes each.
        split: Its split, or `all`.
    """

    seq: int
    id: str
    revision: int
    origin: Origin
    prompt: bytes
    answer: bytes
    key: bytes
    decided_at: str
    category: str
    task: str
    model: str
    run_id: str
    unwanted: bytes = b""
    length: int = 0
    groups: tuple[bytes, ...] = ()
    split: str = "all"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the export, and why; `detail` is a sentence."""

    id: str
    reason: Reason
    detail: str


@dataclass(frozen=True)
class Stage:
    """A step of the funnel, and how many are left after it."""

    name: str
    n: int


@dataclass
class Findings:
    """What curating has to say beside the items it keeps."""

    left_out: list[LeftOut] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def leave(self, item: Item, reason: Reason, detail: str) -> None:
        """Note that an item is left out."""
        self.left_out.append(LeftOut(item.id, reason, detail))
