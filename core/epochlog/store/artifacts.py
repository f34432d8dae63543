"""Write artifacts: their versions, and which run used or produced them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from epochlog.base.ids import new_id
from epochlog.contract.events import Artifact, ArtifactRemoved, Event, Notice
from epochlog.store.contents import Content, Contents
from epochlog.store.executions import Executions
from epochlog.store.inputs import Inputs
from epochlog.store.names import Names
from epochlog.store.schema import artifact, artifact_version
from epochlog.store.sql import cut, long

_COUNT_UP = (
    update(artifact)
    .where(artifact.c.pk == bindparam("b_pk"))
    .values(last_version=artifact.c.last_version + 1)
)


class Artifacts:
    """Writes the artifact events of a batch in their order, in the caller's transaction."""

    def __init__(
        self, connection: Connection, names: Names, runs: Executions, contents: Contents
    ) -> None:
        self._connection = connection
        self._names = names
        self._runs = runs
        self._contents = contents
        self._inputs = Inputs(connection)

    def write(self, events: Sequence[Event]) -> list[Notice]:
        """Write versions, blobs and io rows; return what readers must be told of."""
        self._inputs.inherit(self._runs.opened)
        notices: list[Notice] = []
        for event in events:
            if isinstance(event, ArtifactRemoved):
                self._remove(event)
            elif isinstance(event, Artifact):
                self._write(event, notices)
        return notices

    def _write(self, event: Artifact, notices: list[Notice]) -> None:
        artifact_pk = self._artifact(event.type, event.name)
        content, state = self._content(event, notices)
        used = event.direction == "in"
        run = self._runs[event.run]
        version_pk = self._find_same(artifact_pk, event, content) if used else None
        if version_pk is None:
            version_pk = self._add_version(artifact_pk, event, content, state)
        origin = "observed" if event.origin == "observed" else "own"
        self._inputs.add(
            run,
            "in" if used else "out",
            {
                "slot": cut(event.slot or event.name, 190),
                "artifact_version_pk": version_pk,
                "role": event.role[:32],
                "origin": origin,
                "at": event.at,
            },
        )

    def _artifact(self, kind: str, name: str) -> int:
        """Return the pk of the artifact ``kind``/``name``, made if need be."""
        where = {
            "project_pk": self._names.project(self._connection),
            "type": cut(kind, 32),
            "name": cut(name),
        }
        query = select(artifact.c.pk).filter_by(**where)
        found = self._connection.execute(query).scalar()
        if found is None:
            row = {**where, "id": new_id(), "long_name": long(name), "last_version": 0}
            self._connection.execute(insert(artifact), row)
            found = self._connection.execute(query).scalar_one()
        return int(found)

    def _content(self, event: Artifact, notices: list[Notice]) -> tuple[Content, str]:
        told = Content(event.digest, event.digest_algo if event.digest else "", event.size or 0)
        if not event.staged:
            return told, "live"
        try:
            return self._contents.take(self._connection, Path(event.staged), event.at), "live"
        except (FileNotFoundError, NotADirectoryError):
            text = f"the staged copy of {event.type} {event.name!r} is gone; its content is lost"
            notices.append(Notice(event.run, event.at, "warning", "store", text))
            return told, "missing"

    def _find_same(self, artifact_pk: int, event: Artifact, content: Content) -> int | None:
        """Return an earlier observation of the same content: nobody here produced either."""
        if not content.digest:
            return None
        c = artifact_version.c
        query = (
            select(c.pk)
            .where(c.artifact_pk == artifact_pk, c.digest == content.digest[:128])
            .where(c.digest_algo == content.algorithm[:32], c.producer_pk.is_(None))
            .where(c.origin == _origin(event), c.state == "live")
            .order_by(c.pk)
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else int(found)

    def _add_version(self, artifact_pk: int, event: Artifact, content: Content, state: str) -> int:
        # Counting in the row takes its lock, so versions have neither gaps nor doubles.
        self._connection.execute(_COUNT_UP, {"b_pk": artifact_pk})
        number = self._connection.execute(
            select(artifact.c.last_version).where(artifact.c.pk == artifact_pk)
        ).scalar_one()
        if event.aliases:
            self._move_aliases(artifact_pk, set(event.aliases))
        row = {
            "id": new_id(),
            "artifact_pk": artifact_pk,
            "version": number,
            "producer_pk": self._runs[event.run] if event.direction != "in" else None,
            "origin": _origin(event),
            "digest": content.digest[:128],
            "digest_algo": content.algorithm[:32],
            "size": content.size if state == "live" and event.staged else event.size,
            "uri": event.uri or None,
            "manifest": content.manifest,
            "format": event.format[:32],
            "serializer": cut(event.serializer),
            "schema": _json(event.schema),
            "stats": _json(event.stats),
            "meta": _json(event.meta),
            "description": event.description or None,
            "step": event.step,
            "aliases": _json(event.aliases),
            "state": state,
            "created_at": event.at,
        }
        self._connection.execute(insert(artifact_version), row)
        query = select(artifact_version.c.pk).filter_by(artifact_pk=artifact_pk, version=number)
        return int(self._connection.execute(query).scalar_one())

    def _move_aliases(self, artifact_pk: int, aliases: set[str]) -> None:
        """Take ``aliases`` from older versions: each names one version of an artifact."""
        c = artifact_version.c
        query = select(c.pk, c.aliases).where(c.artifact_pk == artifact_pk, c.aliases.is_not(None))
        for pk, text in self._connection.execute(query).all():
            kept = [alias for alias in json.loads(text) if alias not in aliases]
            self._connection.execute(
                update(artifact_version).where(c.pk == pk).values(aliases=_json(kept))
            )

    def _remove(self, event: ArtifactRemoved) -> None:
        """Mark the newest live version that this run made as deleted; its row and edges stay."""
        c = artifact_version.c
        query = (
            select(c.pk)
            .join(artifact, artifact.c.pk == c.artifact_pk)
            .where(artifact.c.type == cut(event.type, 32), artifact.c.name == cut(event.name))
            .where(c.producer_pk == self._runs[event.run], c.state == "live")
            .order_by(c.version.desc())
        )
        if event.uri:
            query = query.where(c.uri == event.uri)
        found = self._connection.execute(query).scalar()
        if found is not None:
            change: dict[str, Any] = {"state": "deleted", "aliases": None}
            self._connection.execute(update(artifact_version).where(c.pk == found).values(change))


def _origin(event: Artifact) -> str:
    return (
        "observed" if event.direction == "in" and event.origin == "produced" else event.origin[:16]
    )


def _json(data: dict[str, Any] | list[str]) -> str | None:
    return json.dumps(data, ensure_ascii=False, default=repr) if data else None
