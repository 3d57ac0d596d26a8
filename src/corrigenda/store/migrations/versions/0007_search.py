"""Search: an index of words of our own, the same on both databases.

It is filled in the background once the database is opened: what was there before is found as soon
as it is in again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the new tables, empty, and drop the old one."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.execute("DROP TABLE IF EXISTS search")
    op.create_table(
        "search_parts",
        sa.Column("id", seq, autoincrement=True, nullable=False),
        sa.Column("block", seq, nullable=False),
        sa.Column("last", seq, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_parts")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_words",
        sa.Column("part", seq, autoincrement=False, nullable=False),
        sa.Column("word", word, nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("part", "word", name=op.f("pk_search_words")),
    )
