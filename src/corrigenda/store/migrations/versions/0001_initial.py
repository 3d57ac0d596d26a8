"""The first schema."""

import sqlalchemy as sa
from alembic import op

from corrigenda.store.schema import AsciiJson

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "candidates",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("id_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("task_type", sa.Text(), nullable=True),
        sa.Column("quality_score", sa.Double(), nullable=True),
        sa.Column("prompt_key", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("corrected_response", AsciiJson(), nullable=True),
        sa.Column("exportable", sa.Boolean(), nullable=False),
        sa.Column("failure_category", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decided_by", AsciiJson(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_candidates")),
        sa.UniqueConstraint("id_key", name=op.f("uq_candidates_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_candidates_prompt_key"), "candidates", ["prompt_key"], unique=False)
    op.create_index(op.f("ix_candidates_status_seq"), "candidates", ["status", "seq"], unique=False)
    op.create_table(
        "counts",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "value", "status", name=op.f("pk_counts")),
    )
    op.create_table(
        "jobs",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("params", AsciiJson(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("result", AsciiJson(), nullable=True),
        sa.Column("error", AsciiJson(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_jobs")),
        sa.UniqueConstraint("id", name=op.f("uq_jobs_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mirror_files",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", AsciiJson(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mirror_files")),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_table(
        "decisions",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column(
            "candidate_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=False),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("corrected_response", AsciiJson(), nullable=True),
        sa.Column("failure_category", sa.Text(), nullable=True),
        sa.Column("note", AsciiJson(), nullable=True),
        sa.Column("tags", AsciiJson(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("reviewer", AsciiJson(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_seq"], ["candidates.seq"], name=op.f("fk_decisions_candidate_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decisions")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decisions_decision_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_decisions_candidate_seq"), "decisions", ["candidate_seq"], unique=False
    )
    op.create_table(
        "mirror_approved",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["candidates.seq"], name=op.f("fk_mirror_approved_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror_approved")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_mirror_approved_pending"), "mirror_approved", ["pending"], unique=False
    )
    op.create_index(op.f("ix_mirror_approved_seq"), "mirror_approved", ["seq"], unique=False)
    op.create_table(
        "mirror_lines",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("review_digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("horizon", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["candidates.seq"], name=op.f("fk_mirror_lines_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_mirror_lines")),
    )
    op.create_table(
        "records",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["candidates.seq"], name=op.f("fk_records_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_records")),
    )
