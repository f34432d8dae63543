"""Column types and the table maker that the schema is written with, portable between databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.mysql import DOUBLE, LONGBLOB, LONGTEXT

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PK = BigInteger().with_variant(Integer, "sqlite")  # SQLite autoincrements only INTEGER
Number = Float(53).with_variant(DOUBLE(), "mysql", "mariadb")
Body = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
Blob = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")
Short = String(255)
Id = String(36)
Digest = String(128)

SEARCH_CHARS = 255
"""Length to which searched strings are cut; the whole text stands in the column beside."""


def table(name: str, *items: Any, **options: Any) -> Table:
    """Return a table with our conventions."""
    # Binary collations: otherwise MySQL would treat names that differ in case as equal.
    # Autoincrement: no pk is given out twice, so a cached pk of a purged row finds nothing.
    options = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", **options}
    if any(isinstance(i, Column) and i.name == "pk" for i in items):
        options["sqlite_autoincrement"] = True
    return Table(name, metadata, *items, **options)
