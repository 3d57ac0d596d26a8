"""What goes out for training, and what must not."""

import sqlalchemy as sa

from corrigenda.store.schema.types import AsciiJson, Seq, metadata

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
