"""Many reviewers: tokens, claims, tombstones; counts that tell categories apart."""

import sqlalchemy as sa
from alembic import op

from corrigenda.store.schema import AsciiJson

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COUNTED = (
    ("total", "''", ""),
    ("run", "coalesce(run_id, '')", ""),
    ("model", "coalesce(model, '')", ""),
    ("task_type", "coalesce(task_type, '')", ""),
    ("task", "task", "WHERE status != 'needs_review' AND task IS NOT NULL"),
    (
        "hour",
        "substr(decided_at, 1, 13)",
        "WHERE status != 'needs_review' AND decided_at IS NOT NULL",
    ),
    ("exportable", "''", "WHERE exportable AND NOT held_out"),
    ("held_back", "''", "WHERE held_back"),
    ("held_out", "''", "WHERE held_out"),
)


def upgrade() -> None:
    """Add the tables; count anew."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.drop_table("counts")
    op.create_table(
        "counts",
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "value", "status", "category", name=op.f("pk_counts")),
        sqlite_with_rowid=False,
    )
    for dimension, value, where in _COUNTED:
        op.execute(
            "INSERT INTO counts (dimension, value, status, category, n) "
            f"SELECT '{dimension}', {value}, status, coalesce(failure_category, ''), count(*) "
            f"FROM candidates {where} GROUP BY 2, 3, 4"
        )
    op.create_table(
        "reviewers",
        sa.Column("id", seq, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewers")),
        sa.UniqueConstraint("name", name=op.f("uq_reviewers_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_reviewers_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "claims",
        sa.Column("candidate_seq", seq, autoincrement=False, nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("reviewer", AsciiJson(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_seq"],
            ["candidates.seq"],
            name=op.f("fk_claims_candidate_seq_candidates"),
        ),
        sa.PrimaryKeyConstraint("candidate_seq", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_holder", "claims", ["holder"])
    op.create_index("ix_claims_until", "claims", ["until"])
    op.create_table(
        "tombstones",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("run_key", sa.LargeBinary(length=16)),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("removed_by", AsciiJson(), nullable=False),
        sa.Column("removed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_tombstones")),
    )
