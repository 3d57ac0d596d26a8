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
    search       the words of each candidate (FTS5 or tsvector; made by the migration, see `search`)

The columns `by_*` hold the orders of the queue. All are read ascending, so that one row
comparison continues any of them: what counts downwards is stored negative.

Ids, models and the like are free text. An id may be of any length, which no index takes, so
it is found by `id_key`, a 16-byte hash. Times are ISO 8601 in UTC, as text: they sort, and both
databases give back what was put in.
"""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives row ids out again after a deletion unless the key is an INTEGER with AUTOINCREMENT.
Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class AsciiJson(TypeDecorator[Any]):
    """A JSON value as ASCII text: U+0000 and lone surrogates survive on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Encode; `None` is SQL's NULL."""
        return None if value is None else json.dumps(value, ensure_ascii=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Decode."""
        return None if value is None else json.loads(value)


def id_key(candidate_id: str) -> bytes:
    """The 16 bytes by which an id of any length is found."""
    return hashlib.blake2b(candidate_id.encode("utf-8"), digest_size=16).digest()


candidates = sa.Table(
    "candidates",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("id_key", sa.LargeBinary(16), nullable=False, unique=True),
    sa.Column("run_id", sa.Text),
    sa.Column("model_id", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("task_type", sa.Text),
    sa.Column("task", sa.Text),
    sa.Column("quality_score", sa.Double),
    sa.Column("prompt_key", sa.String(32), index=True),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("by_score", sa.Double, nullable=False, server_default="0"),
    sa.Column("by_run", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("by_prompt", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("by_failing", sa.Integer, nullable=False, server_default="0"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("corrected_response", AsciiJson),
    sa.Column("corrected_parts", AsciiJson),
    sa.Column("held_back", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("held_out", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("exportable", sa.Boolean, nullable=False),
    sa.Column("failure_category", sa.Text),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("decided_by", AsciiJson),
    sa.Column("decided_at", sa.Text),
    sa.Index(None, "status", "seq"),
    sa.Index("ix_candidates_by_score", "status", "by_score", "seq"),
    sa.Index("ix_candidates_by_run", "status", "by_run", "seq"),
    sa.Index("ix_candidates_by_prompt", "status", "by_prompt", "seq"),
    sa.Index("ix_candidates_by_failing", "status", "by_failing", "by_prompt", "seq"),
    sa.Index("ix_candidates_run_id", "run_id"),
    sqlite_autoincrement=True,
)

records = sa.Table(
    "records",
    metadata,
    sa.Column("seq", Seq, sa.ForeignKey("candidates.seq"), primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
)

passes = sa.Table(
    "passes",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("id_key", sa.LargeBinary(16), nullable=False, unique=True),
    sa.Column("run_id", sa.Text),
    sa.Column("model_id", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("task_type", sa.Text),
    sa.Column("task", sa.Text),
    sa.Column("prompt_key", sa.String(32), index=True),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("held_out", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("ix_passes_run_id", "run_id"),
    sqlite_autoincrement=True,
)

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("decision_id", sa.Text, nullable=False, unique=True),
    sa.Column("candidate_seq", Seq, sa.ForeignKey("candidates.seq"), nullable=False, index=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("from_status", sa.Text, nullable=False),
    sa.Column("to_status", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("corrected_response", AsciiJson),
    sa.Column("failure_category", sa.Text),
    sa.Column("note", AsciiJson),
    sa.Column("tags", AsciiJson, nullable=False),
    sa.Column("seconds", sa.Double),
    sa.Column("reviewer", AsciiJson, nullable=False),
    sa.Column("decided_at", sa.Text, nullable=False),
    sa.Column("binding", sa.Boolean, nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("corrected_parts", AsciiJson),
    sa.Column("guidelines_version", sa.Integer),
    sa.Column("lot", sa.String(32), index=True),
    sa.Column("artifact_kind", sa.Text),
    sa.Index("ix_decisions_decided_at", "decided_at"),
    sa.Index("ix_decisions_reviewer", "reviewer", "seq"),
    sqlite_autoincrement=True,
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("candidate_seq", Seq, sa.ForeignKey("candidates.seq"), primary_key=True, index=True),
)

put_off = sa.Table(
    "put_off",
    metadata,
    sa.Column("reviewer", sa.Text, primary_key=True),
    sa.Column("candidate_seq", Seq, sa.ForeignKey("candidates.seq"), primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
)

lots = sa.Table(
    "lots",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("params", AsciiJson, nullable=False),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("reviewer", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("undone_at", sa.Text),
    sqlite_autoincrement=True,
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", Seq, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("population", sa.BigInteger, nullable=False),
    sa.Column("stratify_by", AsciiJson, nullable=False),
    sa.Column("strata", AsciiJson, nullable=False),
    sa.Column("selection", AsciiJson, nullable=False),
    sa.Column("created_by", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

batch_members = sa.Table(
    "batch_members",
    metadata,
    sa.Column("batch_id", Seq, sa.ForeignKey("batches.id"), primary_key=True),
    sa.Column("candidate_seq", Seq, sa.ForeignKey("candidates.seq"), primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("stratum", sa.Integer, nullable=False),
    sa.Index("ix_batch_members_position", "batch_id", "position"),
)

guidelines = sa.Table(
    "guidelines",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", AsciiJson, nullable=False),
    sa.Column("author", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
)

facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

counts = sa.Table(
    "counts",
    metadata,
    sa.Column("dimension", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    # Empty while an import has begun and did not come to its end.
    sa.Column("imported_at", sa.Text, nullable=False),
    sa.Column("held_out", sa.Double, nullable=False, server_default="0"),
)

reference_versions = sa.Table(
    "reference_versions",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("prompt_key", sa.String(32), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("answers", AsciiJson, nullable=False),
    sa.Column("note", AsciiJson),
    sa.Column("author", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.UniqueConstraint("prompt_key", "version"),
    sqlite_autoincrement=True,
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    # The manifest's text, as it is in the snapshot; it has no list of rows in it.
    sa.Column("manifest", sa.Text, nullable=False),
    sa.Column("created_by", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

split_assignments = sa.Table(
    "split_assignments",
    metadata,
    # Another seed is another plan.
    sa.Column("seed", sa.BigInteger, primary_key=True, autoincrement=False),
    # A hash of what holds rows together: a prompt, a document, …
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    sa.Column("split", sa.Text, nullable=False),
)

protected_sets = sa.Table(
    "protected_sets",
    metadata,
    sa.Column("id", Seq, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("ngram", sa.Integer, nullable=False),
    sa.Column("created_by", AsciiJson, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

protected_prompts = sa.Table(
    "protected_prompts",
    metadata,
    sa.Column(
        "set_id", Seq, sa.ForeignKey("protected_sets.id"), primary_key=True, autoincrement=False
    ),
    # A hash of the prompt's words.
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    # Its n-grams in the order of the text, 8 bytes each: a hash, but for the last byte, which is
    # the number of words (see `core.ngrams`).
    sa.Column("ngrams", sa.LargeBinary, nullable=False),
)

reviewers = sa.Table(
    "reviewers",
    metadata,
    sa.Column("id", Seq, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("lead", sa.Boolean, nullable=False),
    # SHA-256 of the token: whoever reads the database cannot sign in with what is there.
    sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("revoked_at", sa.Text),
    sqlite_autoincrement=True,
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column(
        "candidate_seq",
        Seq,
        sa.ForeignKey("candidates.seq"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("token", sa.String(32), nullable=False),
    sa.Column("reviewer", AsciiJson, nullable=False),
    # One open page, or one program: two tabs of the same reviewer are two holders.
    sa.Column("holder", sa.String(64), nullable=False, index=True),
    sa.Column("until", sa.Text, nullable=False, index=True),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    # `id_key` of the id of what was removed; the id itself is gone with it.
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    # The same of the run that a sample was of, `NULL` if of none: ids may be used by several.
    sa.Column("run_key", sa.LargeBinary(16)),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("removed_by", AsciiJson, nullable=False),
    sa.Column("removed_at", sa.Text, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("params", AsciiJson, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("result", AsciiJson),
    sa.Column("error", AsciiJson),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text),
    sa.Column("finished_at", sa.Text),
    sqlite_autoincrement=True,
)

mirror_files = sa.Table(
    "mirror_files",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("state", AsciiJson, nullable=False),
)

mirror_lines = sa.Table(
    "mirror_lines",
    metadata,
    sa.Column("seq", Seq, sa.ForeignKey("candidates.seq"), primary_key=True, autoincrement=False),
    sa.Column("review_digest", sa.LargeBinary(16), nullable=False),
    sa.Column("horizon", Seq, nullable=False),
)

mirror_approved = sa.Table(
    "mirror_approved",
    metadata,
    sa.Column("id", Seq, primary_key=True, autoincrement=True),
    sa.Column("seq", Seq, sa.ForeignKey("candidates.seq"), nullable=False, index=True),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("length", sa.BigInteger, nullable=False),
    sa.Column("pending", sa.Text, index=True),
    sqlite_autoincrement=True,
)
