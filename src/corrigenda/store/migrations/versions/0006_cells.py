"""Cells: each candidate's combination of run, model and task type, and how many are in each."""

from collections import Counter

import sqlalchemy as sa
from alembic import op

from corrigenda.store.cells import number_of, value_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NAMES = ("run_id", "model", "model_id", "task_type")


def upgrade() -> None:
    """Give each candidate the number of its cell, and count the cells."""
    op.add_column("candidates", sa.Column("cell", sa.Integer(), nullable=False, server_default="0"))
    _fill(op.get_bind())
    op.create_index("ix_candidates_cell", "candidates", ["cell", "status", "seq"])
    op.create_index("ix_counts_status", "counts", ["dimension", "status"])
    op.create_index("ix_candidates_task", "candidates", ["task", "seq"])
    _create_partial(
        "ix_candidates_category",
        ["failure_category", "status", "seq"],
        "failure_category IS NOT NULL",
    )
    _create_partial(
        "ix_candidates_decided_by", ["decided_by", "status", "decided_at"], "decided_by IS NOT NULL"
    )
    _create_partial("ix_candidates_held_back", ["status", "seq"], "held_back IS TRUE")
    op.drop_index("ix_decisions_reviewer", "decisions")
    op.create_index(
        "ix_decisions_reviewer", "decisions", ["reviewer", "decided_at", "seq", "seconds"]
    )


def _create_partial(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "candidates", columns, sqlite_where=condition, postgresql_where=condition)


def _fill(connection: sa.Connection) -> None:
    names = ", ".join(_NAMES)
    counted: Counter[tuple[str, str, str]] = Counter()
    found = connection.execute(
        sa.text(
            f"SELECT {names}, status, coalesce(failure_category, '') AS category, count(*) AS n "
            f"FROM candidates GROUP BY {names}, status, category"
        )
    ).all()
    for *cell, status, category, n in found:
        counted[value_of(*cell), status, category] += n
        counted[value_of(*cell), "", ""] += n
    for (value, status, category), n in counted.items():
        connection.execute(
            sa.text("INSERT INTO counts VALUES ('cell', :value, :status, :category, :n)"),
            {"value": value, "status": status, "category": category, "n": n},
        )
    # By a table of its own, so that however many cells there are, all rows are read once.
    columns = ", ".join(f"{name} TEXT" for name in _NAMES)
    connection.execute(sa.text(f"CREATE TEMPORARY TABLE new_cells ({columns}, cell INTEGER)"))
    rows = [
        {**dict(zip(_NAMES, cell, strict=True)), "cell": number_of(value_of(*cell))}
        for cell in {tuple(row[: len(_NAMES)]) for row in found}
    ]
    if rows:
        marks = ", ".join(f"coalesce(:{name}, '')" for name in _NAMES)
        connection.execute(sa.text(f"INSERT INTO new_cells VALUES ({marks}, :cell)"), rows)
        connection.execute(sa.text(f"CREATE INDEX ix_new_cells ON new_cells ({names})"))
        same = " AND ".join(f"n.{name} = coalesce(candidates.{name}, '')" for name in _NAMES)
        connection.execute(
            sa.text(f"UPDATE candidates SET cell = n.cell FROM new_cells AS n WHERE {same}")
        )
    connection.execute(sa.text("DROP TABLE new_cells"))
