"""Fixtures for the store's tests: a real SQLite store in a temporary folder, and how to fill it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from epochlog.base.ids import new_id
from epochlog.contract.events import RunStarted
from epochlog.contract.sink import Batch, JournalInfo, StoreLocation
from epochlog.store.database import open_engine
from epochlog.store.series import SeriesColumns, read_series
from epochlog.store.sink import StoreSink


class Desk:
    """A sink with one journal, and short ways to ask the database."""

    def __init__(self, root: Path, info: JournalInfo | None = None) -> None:
        self.root = root
        self.location = StoreLocation(f"sqlite:///{root}/epochlog.db", str(root), f"{root}/blobs")
        self.sink = StoreSink(self.location)
        self.info = info or JournalInfo(new_id(), "host", "boot", 1, 1, "")
        self.position = 0

    def write(self, *events: Any) -> None:
        self.sink.write(Batch(self.info, self.position, self.position + 1, events))
        self.position += 1

    def start(self, at: int = 1_000, **fields: Any) -> str:
        run = new_id()
        self.write(RunStarted(run, at, fields.pop("name", "run"), **fields))
        return run

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        engine = open_engine(self.location, readonly=True)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(sql, values)]
        finally:
            engine.dispose()

    def one(self, sql: str, *values: Any) -> Any:
        (row,) = self.rows(sql, *values)
        return row[0] if len(row) == 1 else row

    def series(self, key: str, run: str = "%", context: str = "") -> SeriesColumns:
        pk = self.one(
            "SELECT s.pk FROM series s JOIN key k ON k.pk = s.key_pk JOIN execution e ON "
            "e.pk = s.execution_pk WHERE k.name = ? AND e.id LIKE ? AND s.context = ?",
            *(key, run, context),
        )
        engine = open_engine(self.location, readonly=True)
        try:
            with engine.connect() as connection:
                return read_series(connection, pk)
        finally:
            engine.dispose()

    def stage(self, name: str, content: bytes | dict[str, bytes]) -> str:
        path = self.root / "staging" / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            for part, data in content.items():
                (path / part).parent.mkdir(parents=True, exist_ok=True)
                (path / part).write_bytes(data)
        return str(path)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "store")
    yield made
    made.sink.close()


@pytest.fixture
def second_desk(desk: Desk) -> Iterator[Desk]:
    """Another process's sink on the same store, with a journal of its own."""
    made = Desk(desk.root)
    yield made
    made.sink.close()
