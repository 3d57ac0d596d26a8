"""What the tables are made of: their names, their types, and the key of an id."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives row ids out again after a deletion unless the key is an INTEGER with AUTOINCREMENT.
Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class AsciiJson(TypeDecorator[Any]):
    """A JSON value as ASCII text: U+0000 and lone surrogates survive on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Encode; `None` is SQL's NULL."""
        return None if value is None else json.dumps(value, ensure_ascii=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Decode."""
        return None if value is None else json.loads(value)


def id_key(candidate_id: str) -> bytes:
    """The 16 bytes by which an id of any length is found."""
    return hashlib.blake2b(candidate_id.encode("utf-8"), digest_size=16).digest()
