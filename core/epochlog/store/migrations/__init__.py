"""Which revision this code's tables have; the steps that lead there are in ``versions``."""

from __future__ import annotations

HEAD = "0005"
"""The newest revision. Revisions are zero-padded numbers, so that text order is their order."""

VERSION_TABLE = "epochlog_version"
"""Where Alembic keeps the store's revision (named so that it can share a database with others)."""
