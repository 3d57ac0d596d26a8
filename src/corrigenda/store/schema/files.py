"""What is known of a workspace's two JSONL files."""

import sqlalchemy as sa

from corrigenda.store.schema.types import AsciiJson, Seq, metadata

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
