"""Answer GET api/lineage: what was made from what, some hops around a run or an artifact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from epochlog.query.opening import Reader
from epochlog.server.artifacts import find_version
from epochlog.server.detail import run_of
from epochlog.server.library import Library
from epochlog.server.links import run_links
from epochlog.server.values import cut
from epochlog.store.schema import artifact, artifact_version, io

NODES_MAX = 1_000
EDGES_READ_MAX = 20_000

Node = tuple[str, int]
"""("run" or "artifact", pk)."""


def neighbourhood(
    library: Library, run: str, version: str, hops: int, limit: int
) -> dict[str, Any]:
    """Return nodes and edges around a run or an artifact version, nearest first."""
    reader = library.reader
    if run:
        start: Node = ("run", run_of(library, run).pk)
    else:
        start = ("artifact", find_version(reader, version)[1].pk)
    distance, edges, beyond = _walk(reader, start, hops, min(limit, NODES_MAX))
    layers = _layers(distance, edges)
    nodes = _describe(reader, distance)
    rows: dict[int, int] = {}
    shown = []
    for node, hop in distance.items():
        if node not in nodes:
            continue
        layer = layers[node]
        rows[layer] = rows.get(layer, -1) + 1
        shown.append({**nodes[node], "hops": hop, "layer": layer, "row": rows[layer]})
    ids = {node: nodes[node]["id"] for node in distance if node in nodes}
    return {
        "nodes": shown,
        "edges": [
            {"from": ids[a], "to": ids[b], "role": role}
            for (a, b), role in edges.items()
            if a in ids and b in ids
        ],
        "folded": {ids[node]: count for node, count in beyond.items() if node in ids},
    }


def _walk(
    reader: Reader, start: Node, hops: int, limit: int
) -> tuple[dict[Node, int], dict[tuple[Node, Node], str], dict[Node, int]]:
    """Return node -> hops, edge -> role, node -> neighbours that were left out."""
    distance: dict[Node, int] = {start: 0}
    edges: dict[tuple[Node, Node], str] = {}
    beyond: dict[Node, int] = {}
    front = [start]
    for hop in range(1, hops + 2):
        following: list[Node] = []
        for source, target, role in _edges_of(reader, front):
            near, far = (source, target) if source in distance else (target, source)
            if far not in distance:
                if hop > hops or len(distance) >= limit:
                    beyond[near] = beyond.get(near, 0) + 1
                    continue
                distance[far] = hop
                following.append(far)
            edges[source, target] = role
        front = following
        if not front:
            break
    return distance, edges, beyond


def _edges_of(reader: Reader, nodes: Iterable[Node]) -> list[tuple[Node, Node, str]]:
    """Return all edges that touch some nodes: artifact → run that used it, run → what it made."""
    nodes = list(nodes)
    runs = [pk for kind, pk in nodes if kind == "run"]
    versions = [pk for kind, pk in nodes if kind == "artifact"]
    c, v = io.c, artifact_version.c
    found: list[tuple[Node, Node, str]] = []
    for column, pks in ((c.execution_pk, runs), (c.artifact_version_pk, versions)):
        for batch in _batches(pks):
            statement = (
                select(c.execution_pk, c.artifact_version_pk, c.direction, c.role)
                .where(column.in_(batch))
                .limit(EDGES_READ_MAX)
            )
            rows: Any = reader.rows(statement)
            for run_pk, version_pk, direction, role in rows:
                run_node, version_node = ("run", run_pk), ("artifact", version_pk)
                pair = (version_node, run_node) if direction == "in" else (run_node, version_node)
                found.append((*pair, role))
    for column, pks in ((v.producer_pk, runs), (v.pk, versions)):
        for batch in _batches(pks):
            statement = select(v.producer_pk, v.pk).where(
                column.in_(batch), v.producer_pk.is_not(None)
            )
            made: Any = reader.rows(statement.limit(EDGES_READ_MAX))
            found += [(("run", run_pk), ("artifact", pk), "") for run_pk, pk in made]
    unique: dict[tuple[Node, Node], str] = {}
    for source, target, role in found:
        unique[source, target] = unique.get((source, target)) or role
    return [(source, target, role) for (source, target), role in unique.items()]


def _batches(pks: list[int]) -> Iterable[list[int]]:
    return (pks[start : start + 500] for start in range(0, len(pks), 500))


def _layers(nodes: Iterable[Node], edges: Iterable[tuple[Node, Node]]) -> dict[Node, int]:
    """Return a column for each node: one further right than all it was made from."""
    nodes = list(nodes)
    layer = dict.fromkeys(nodes, 0)
    pairs = [(a, b) for a, b in edges if a in layer and b in layer and a != b]
    for _ in range(len(nodes)):  # at most so often, should there be a cycle
        moved = False
        for a, b in pairs:
            if layer[b] < layer[a] + 1 <= len(nodes):
                layer[b] = layer[a] + 1
                moved = True
        if not moved:
            break
    return layer


def _describe(reader: Reader, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
    nodes = list(nodes)
    runs = run_links(reader, [pk for kind, pk in nodes if kind == "run"])
    found: dict[Node, dict[str, Any]] = {
        ("run", pk): {"id": f"run:{link['id']}", "type": "run", "label": link["name"],
                      "kind": link["kind"], "status": link["status"], "version": None}
        for pk, link in runs.items()
    }  # fmt: skip
    for batch in _batches([pk for kind, pk in nodes if kind == "artifact"]):
        statement = (
            select(artifact_version.c.pk, artifact_version.c.id, artifact_version.c.version,
                   artifact.c.name, artifact.c.type)
            .join(artifact, artifact.c.pk == artifact_version.c.artifact_pk)
            .where(artifact_version.c.pk.in_(batch))
        )  # fmt: skip
        rows: Any = reader.rows(statement)
        for row in rows:
            found["artifact", row.pk] = {
                "id": f"artifact:{row.id}", "type": "artifact", "label": cut(row.name),
                "kind": row.type, "status": None, "version": row.version,
            }  # fmt: skip
    return found
