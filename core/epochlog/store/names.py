"""Find or make the rows that names stand for: project, experiments, actors, keys, environments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from epochlog.base.ids import new_id
from epochlog.store.schema import actor, code, environment, experiment, key, project
from epochlog.store.sql import cut, long, run_many, select_in, sha256

CACHED_KEYS_MAX = 50_000

_KEYS = select(key.c.digest, key.c.pk)
_INSERT_KEY = insert(key)


class Names:
    """Primary keys by name, remembered until `forget`; made in the caller's transaction."""

    def __init__(self, project_name: str) -> None:
        self._project_name = project_name
        self._project_pk: int | None = None
        self._experiments: dict[str, int] = {}
        self._actors: dict[str, int] = {}
        self._keys: dict[str, int] = {}

    def forget(self) -> None:
        """Drop all that is remembered (after a rollback)."""
        self._project_pk = None
        self._experiments.clear()
        self._actors.clear()
        self._keys.clear()

    def project(self, connection: Connection) -> int:
        """Return the pk of the project."""
        if self._project_pk is None:
            name = cut(self._project_name)
            self._project_pk = _pk(connection, project, {"name": name}, {"id": new_id()})
        return self._project_pk

    def experiment(self, connection: Connection, name: str, at: int) -> int:
        """Return the pk of an experiment of the project; ``at`` is when it was first used."""
        if name not in self._experiments:
            where = {"project_pk": self.project(connection), "name": cut(name)}
            more = {"created_at": at, "long_name": long(name)}
            self._experiments[name] = _pk(connection, experiment, where, more)
        return self._experiments[name]

    def actor(self, connection: Connection, name: str) -> int | None:
        """Return the pk of a person, None for no name."""
        if not name:
            return None
        if name not in self._actors:
            self._actors[name] = _pk(connection, actor, {"name": cut(name)}, {"kind": "human"})
        return self._actors[name]

    def keys(self, connection: Connection, names: Iterable[str]) -> Mapping[str, int]:
        """Return a mapping that has the pks of at least the ``names`` of params, metrics, tags."""
        if len(self._keys) > CACHED_KEYS_MAX:
            self._keys.clear()
        missing = {sha256(name): name for name in set(names) - self._keys.keys()}
        if missing:
            self._find_keys(connection, missing)
            new = [name for name in missing.values() if name not in self._keys]
            run_many(
                connection, _INSERT_KEY, [{"digest": sha256(name), "name": name} for name in new]
            )
            if new:
                self._find_keys(connection, {sha256(name): name for name in new})
        return self._keys

    def _find_keys(self, connection: Connection, names: Mapping[str, str]) -> None:
        for digest, pk in select_in(connection, _KEYS, key.c.digest, names):
            self._keys[names[digest]] = pk

    def environment(self, connection: Connection, data: dict[str, Any]) -> int:
        """Return the pk of an environment; equal ones share a row."""
        return _content(connection, environment, data)

    def code(self, connection: Connection, data: dict[str, Any]) -> int:
        """Return the pk of a code state; equal ones share a row."""
        return _content(connection, code, data)


def _content(connection: Connection, table: Table, data: dict[str, Any]) -> int:
    body = json.dumps(data, sort_keys=True, ensure_ascii=False, default=repr)
    return _pk(connection, table, {"digest": sha256(body)}, {"data": body})


def _pk(
    connection: Connection, table: Table, where: Mapping[str, Any], more: Mapping[str, Any]
) -> int:
    query = select(table.c.pk).filter_by(**where)
    found = connection.execute(query).scalar()
    if found is None:
        connection.execute(insert(table), {**where, **more})
        found = connection.execute(query).scalar_one()
    return int(found)
