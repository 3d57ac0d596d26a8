"""Exports: snapshots, split assignments, protected benchmarks."""

import sqlalchemy as sa
from alembic import op

from corrigenda.store.schema import AsciiJson

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "exports",
        sa.Column("seq", seq, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("created_by", AsciiJson(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_exports")),
        sa.UniqueConstraint("name", name=op.f("uq_exports_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "split_assignments",
        sa.Column("seed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seed", "key", name=op.f("pk_split_assignments")),
    )
    op.create_table(
        "protected_sets",
        sa.Column("id", seq, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ngram", sa.Integer(), nullable=False),
        sa.Column("created_by", AsciiJson(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_sets")),
        sa.UniqueConstraint("name", name=op.f("uq_protected_sets_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "protected_prompts",
        sa.Column("set_id", seq, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ngrams", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["protected_sets.id"],
            name=op.f("fk_protected_prompts_set_id_protected_sets"),
        ),
        sa.PrimaryKeyConstraint("set_id", "key", name=op.f("pk_protected_prompts")),
    )
