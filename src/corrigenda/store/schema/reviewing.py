"""Candidates, what was decided on them, and how they are counted."""

import sqlalchemy as sa

from corrigenda.store.schema.types import AsciiJson, Seq, metadata

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
    sa.Column("cell", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "status", "seq"),
    sa.Index("ix_candidates_cell", "cell", "status", "seq"),
    sa.Index("ix_candidates_by_score", "status", "by_score", "seq"),
    sa.Index("ix_candidates_by_run", "status", "by_run", "seq"),
    sa.Index("ix_candidates_by_prompt", "status", "by_prompt", "seq"),
    sa.Index("ix_candidates_by_failing", "status", "by_failing", "by_prompt", "seq"),
    sa.Index("ix_candidates_run_id", "run_id"),
    sa.Index("ix_candidates_task", "task", "seq"),
    sa.Index(
        "ix_candidates_category",
        "failure_category",
        "status",
        "seq",
        sqlite_where=sa.text("failure_category IS NOT NULL"),
        postgresql_where=sa.text("failure_category IS NOT NULL"),
    ),
    sa.Index(
        "ix_candidates_decided_by",
        "decided_by",
        "status",
        "decided_at",
        sqlite_where=sa.text("decided_by IS NOT NULL"),
        postgresql_where=sa.text("decided_by IS NOT NULL"),
    ),
    sa.Index(
        "ix_candidates_held_back",
        "status",
        "seq",
        sqlite_where=sa.text("held_back IS TRUE"),
        postgresql_where=sa.text("held_back IS TRUE"),
    ),
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
    sa.Index("ix_decisions_reviewer", "reviewer", "decided_at", "seq", "seconds"),
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
    sa.Index("ix_counts_status", "dimension", "status"),
    sqlite_with_rowid=False,
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

search_parts = sa.Table(
    "search_parts",
    metadata,
    sa.Column("id", Seq, primary_key=True, autoincrement=True),
    # `seq // core.postings.BLOCK` of its candidates.
    sa.Column("block", Seq, nullable=False),
    # The newest candidate whose words are in, and how many are in.
    sa.Column("last", Seq, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_autoincrement=True,
)

search_words = sa.Table(
    "search_words",
    metadata,
    sa.Column("part", Seq, primary_key=True, autoincrement=False),
    # The first of a page; in the order of its bytes, so that a word's beginning is a range.
    sa.Column(
        "word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True
    ),
    # Some words, and which of the block's candidates have them (see `core.postings`).
    sa.Column("page", sa.LargeBinary, nullable=False),
)
