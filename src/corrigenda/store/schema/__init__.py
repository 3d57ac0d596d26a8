"""The tables, one definition for SQLite and PostgreSQL.

    candidates   what can be asked for and what decisions change; `seq` is the order of arrival
    records      the immutable record, as ASCII JSON text, apart from the review state
    passes       samples that a model got right: siblings, never candidates
    decisions    every action, appended, never changed
    tags         the tags of a candidate's last decision
    put_off      candidates that a reviewer wants to see last
    lots         bulk decisions, each a lot of decisions that can be undone together
    batches      named random samples to review, with their members
    guidelines   every version of the workspace's guidelines
    facts        what is known of the workspace itself, such as its id
    counts       candidates by one dimension, status and category, kept in the same transaction
    jobs         long work with progress
    runs         what was imported, from where; which share of it is held out of training
    reference_versions   the right answers of a prompt, as reviewers have said them
    exports      named snapshots of training sets, each with its manifest
    split_assignments    which split a group of prompts went to, once and for all
    protected_*  benchmarks whose prompts must not be trained on, and their prompts
    reviewers    who may sign in, each with the hash of a token
    claims       candidates that are in somebody's hands, each under a short lease
    tombstones   what was removed for good, so that it does not come in again
    mirror_*     what is known of a workspace's two JSONL files
    search_parts, search_words    the words by which candidates are found (see `search`)

The columns `by_*` hold the orders of the queue. All are read ascending, so that one row
comparison continues any of them: what counts downwards is stored negative.

Ids, models and the like are free text. An id may be of any length, which no index takes, so
it is found by `id_key`, a 16-byte hash. Times are ISO 8601 in UTC, as text: they sort, and both
databases give back what was put in.
"""

from corrigenda.store.schema.files import (
    mirror_approved,
    mirror_files,
    mirror_lines,
)
from corrigenda.store.schema.reviewing import (
    batch_members,
    batches,
    candidates,
    counts,
    decisions,
    facts,
    guidelines,
    lots,
    passes,
    put_off,
    records,
    reference_versions,
    runs,
    search_parts,
    search_words,
    tags,
)
from corrigenda.store.schema.serving import (
    claims,
    jobs,
    reviewers,
    tombstones,
)
from corrigenda.store.schema.training import (
    exports,
    protected_prompts,
    protected_sets,
    split_assignments,
)
from corrigenda.store.schema.types import AsciiJson, Seq, id_key, metadata

__all__ = [
    "AsciiJson",
    "Seq",
    "batch_members",
    "batches",
    "candidates",
    "claims",
    "counts",
    "decisions",
    "exports",
    "facts",
    "guidelines",
    "id_key",
    "jobs",
    "lots",
    "metadata",
    "mirror_approved",
    "mirror_files",
    "mirror_lines",
    "passes",
    "protected_prompts",
    "protected_sets",
    "put_off",
    "records",
    "reference_versions",
    "reviewers",
    "runs",
    "search_parts",
    "search_words",
    "split_assignments",
    "tags",
    "tombstones",
]
