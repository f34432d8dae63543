"""Column types and the table maker as the first migrations knew them; never changed."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.mysql import DOUBLE, LONGBLOB, LONGTEXT

PK = BigInteger().with_variant(Integer, "sqlite")
Number = Float(53).with_variant(DOUBLE(), "mysql", "mariadb")
Body = Text().with_variant(LONGTEXT(), "mysql", "mariadb")
Blob = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")
Short = String(255)
Id = String(36)
Digest = String(128)


def table(name: str, *items: Any, **options: Any) -> None:
    """Create a table with its constraints and indexes."""
    options = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", **options}
    if any(isinstance(item, Column) and item.name == "pk" for item in items):
        options["sqlite_autoincrement"] = True
    op.create_table(name, *items, **options)
