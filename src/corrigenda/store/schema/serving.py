"""Who works here, and what is under way."""

import sqlalchemy as sa

from corrigenda.store.schema.types import AsciiJson, Seq, metadata

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
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("params", AsciiJson, nullable=False),
    # Whose files it needs; see `Places`. `NULL`: nobody's.
    sa.Column("place", sa.String(32)),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("result", AsciiJson),
    sa.Column("error", AsciiJson),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("owner", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("lease_until", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text),
    sa.Column("finished_at", sa.Text),
    sqlite_autoincrement=True,
)
