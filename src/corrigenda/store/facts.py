"""What is known of the workspace itself."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import facts, passes

_GET = sa.select(facts.c.value).where(facts.c.name == sa.bindparam("wanted"))


def workspace_id(connection: Connection) -> str:
    """The id that this database got when it was made; a copy of it has the same."""
    value: str = connection.execute(_GET, {"wanted": "id"}).scalar_one()
    return value


def passes_total(connection: Connection) -> int:
    """How many samples are kept that a model got right."""
    return connection.execute(sa.select(sa.func.count()).select_from(passes)).scalar_one()
