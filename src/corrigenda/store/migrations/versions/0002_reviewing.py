"""Reviewing at speed: orders, search, parts of a correction, lots, batches, guidelines, passes."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from corrigenda.clock import new_id
from corrigenda.core import tags as quick_tags
from corrigenda.core.candidate import storable
from corrigenda.core.reasoning import held_back
from corrigenda.store.schema import AsciiJson

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PART = 500


def upgrade() -> None:
    """Add tables and columns, and fill them for the candidates that are there."""
    _tables()
    _columns()
    _indexes()
    connection = op.get_bind()
    _orders(connection)
    _read_records(connection)
    _last_tags(connection)
    connection.execute(
        sa.text("INSERT INTO facts (name, value) VALUES ('id', :id)"), {"id": new_id()}
    )


def _tables() -> None:
    op.create_table(
        "batches",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("stratify_by", AsciiJson(), nullable=False),
        sa.Column("strata", AsciiJson(), nullable=False),
        sa.Column("selection", AsciiJson(), nullable=False),
        sa.Column("created_by", AsciiJson(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("name", name=op.f("uq_batches_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "guidelines",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", AsciiJson(), nullable=False),
        sa.Column("author", AsciiJson(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_guidelines")),
    )
    op.create_table(
        "lots",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("params", AsciiJson(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("reviewer", AsciiJson(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lots")),
        sa.UniqueConstraint("id", name=op.f("uq_lots_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "passes",
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
        sa.Column("task", sa.Text(), nullable=True),
        sa.Column("prompt_key", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_passes")),
        sa.UniqueConstraint("id_key", name=op.f("uq_passes_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_passes_prompt_key"), "passes", ["prompt_key"], unique=False)

    op.create_table(
        "batch_members",
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "candidate_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_members_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["candidate_seq"], ["candidates.seq"], name=op.f("fk_batch_members_candidate_seq")
        ),
        sa.PrimaryKeyConstraint("batch_id", "candidate_seq", name=op.f("pk_batch_members")),
    )
    op.create_index(
        "ix_batch_members_position", "batch_members", ["batch_id", "position"], unique=False
    )

    op.create_table(
        "put_off",
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column(
            "candidate_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_seq"], ["candidates.seq"], name=op.f("fk_put_off_candidate_seq")
        ),
        sa.PrimaryKeyConstraint("reviewer", "candidate_seq", name=op.f("pk_put_off")),
    )
    op.create_table(
        "tags",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column(
            "candidate_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["candidate_seq"], ["candidates.seq"], name=op.f("fk_tags_candidate_seq")
        ),
        sa.PrimaryKeyConstraint("tag", "candidate_seq", name=op.f("pk_tags")),
    )
    op.create_index(op.f("ix_tags_candidate_seq"), "tags", ["candidate_seq"], unique=False)


def _columns() -> None:
    for column in (
        sa.Column("task", sa.Text(), nullable=True),
        sa.Column("by_score", sa.Double(), nullable=False, server_default="0"),
        sa.Column("by_run", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("by_prompt", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("by_failing", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("corrected_parts", AsciiJson(), nullable=True),
        sa.Column("held_back", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("candidates", column)
    for column in (
        sa.Column("corrected_parts", AsciiJson(), nullable=True),
        sa.Column("guidelines_version", sa.Integer(), nullable=True),
        sa.Column("lot", sa.String(length=32), nullable=True),
    ):
        op.add_column("decisions", column)


def _indexes() -> None:
    for name, columns in {
        "ix_candidates_by_score": ["status", "by_score", "seq"],
        "ix_candidates_by_run": ["status", "by_run", "seq"],
        "ix_candidates_by_prompt": ["status", "by_prompt", "seq"],
        "ix_candidates_by_failing": ["status", "by_failing", "by_prompt", "seq"],
        "ix_candidates_run_id": ["run_id"],
    }.items():
        op.create_index(name, "candidates", columns, unique=False)
    op.create_index("ix_decisions_decided_at", "decisions", ["decided_at"], unique=False)
    op.create_index("ix_decisions_reviewer", "decisions", ["reviewer", "seq"], unique=False)
    op.create_index("ix_decisions_lot", "decisions", ["lot"], unique=False)


def _orders(connection: sa.Connection) -> None:
    for statement in (
        "UPDATE candidates SET by_score = coalesce(quality_score, 2), by_run = -seq, "
        "by_prompt = seq, by_failing = -1",
        "UPDATE candidates SET by_run = -runs.first FROM (SELECT run_id, min(seq) AS first "
        "FROM candidates WHERE run_id IS NOT NULL GROUP BY run_id) AS runs "
        "WHERE runs.run_id = candidates.run_id",
        "UPDATE candidates SET by_prompt = prompts.first, by_failing = -prompts.models FROM "
        "(SELECT prompt_key, min(seq) AS first, count(DISTINCT coalesce(model, '')) AS models "
        "FROM candidates WHERE prompt_key IS NOT NULL GROUP BY prompt_key) AS prompts "
        "WHERE prompts.prompt_key = candidates.prompt_key",
    ):
        connection.execute(sa.text(statement))


_PAGE = sa.text(
    "SELECT seq, body, status, corrected_response, exportable FROM records JOIN candidates "
    "USING (seq) WHERE seq > :after ORDER BY seq LIMIT :part"
)
_TASK = sa.text("UPDATE candidates SET task = :task WHERE seq = :seq")
_HOLD_BACK = sa.text("UPDATE candidates SET held_back = true, exportable = false WHERE seq = :seq")
_UNCOUNT = sa.text("UPDATE counts SET n = n - :n WHERE dimension = 'exportable'")


def _read_records(connection: sa.Connection) -> None:
    """Take each candidate's task from its record, and judge what is approved like a decision."""
    after = 0
    while rows := connection.execute(_PAGE, {"after": after, "part": _PART}).all():
        found = [(row, json.loads(row.body)) for row in rows]
        connection.execute(_TASK, [{"seq": row.seq, "task": _task(rec)} for row, rec in found])
        held = [row for row, record in found if row.status == "approved" and _held(row, record)]
        if held:
            connection.execute(_HOLD_BACK, [{"seq": row.seq} for row in held])
            connection.execute(_UNCOUNT, {"n": sum(bool(row.exportable) for row in held)})
        after = rows[-1].seq


_LAST_TAGS = sa.text(
    "SELECT candidate_seq, tags FROM decisions WHERE tags <> '[]' AND seq IN "
    "(SELECT max(seq) FROM decisions WHERE action <> 'undo' GROUP BY candidate_seq)"
)
_TAG = sa.text("INSERT INTO tags (tag, candidate_seq) VALUES (:tag, :seq)")


def _last_tags(connection: sa.Connection) -> None:
    """What one can filter by: the tags of each last decision, but for those of no use as such."""
    rows = [
        {"tag": tag, "seq": row.candidate_seq}
        for row in connection.execute(_LAST_TAGS)
        for tag in dict.fromkeys(text.strip() for text in json.loads(row.tags))
        if 0 < len(tag) <= quick_tags.LIMIT and storable(tag)
    ]
    if rows:
        connection.execute(_TAG, rows)


def _held(row: sa.Row[Any], record: dict[str, object]) -> bool:
    text = row.corrected_response
    return held_back(record, None if text is None else json.loads(text))


def _task(record: dict[str, object]) -> str | None:
    """The record's `task_name`, else its `task_id`."""
    for field in ("task_name", "task_id"):
        if (value := record.get(field)) not in (None, ""):
            return str(value)
    return None
