"""Jobs: whose files a job needs, and how often it was taken up.

What was under way when the program was replaced was failed by its leases; what waits is taken up
by whoever works here next.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("jobs", sa.Column("place", sa.String(32)))
    op.add_column(
        "jobs", sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"])
