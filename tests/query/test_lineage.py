"""Lineage against a breadth-first search in Python."""

from __future__ import annotations

import random

from query_store import T0
from sqlalchemy import insert, select

from epochlog.base.ids import new_id
from epochlog.query.lineage import downstream, upstream
from epochlog.store.database import open_engine
from epochlog.store.schema import artifact, artifact_version, execution, io


def build(writer, runs):
    """Store ``runs``: one (inputs, number of outputs) each; return ids of versions in order."""
    for place in range(len(runs)):
        writer.run(f"r{place}")
    engine = open_engine(writer.location)
    ids = []
    with engine.begin() as connection:
        pks = [r.pk for r in connection.execute(select(execution.c.pk).order_by(execution.c.pk))]
        row = {"id": new_id(), "project_pk": 1, "type": "file", "name": "f", "last_version": 0}
        connection.execute(insert(artifact), row)
        for pk, (inputs, outputs) in zip(pks, runs, strict=True):
            for slot, used in enumerate(inputs):
                connection.execute(insert(io), {
                    "execution_pk": pk, "direction": "in", "slot": f"s{slot}", "idx": 0,
                    "artifact_version_pk": used + 1, "role": "", "origin": "own", "at": T0,
                })  # fmt: skip
            for _ in range(outputs):
                ids.append(new_id())
                connection.execute(insert(artifact_version), {
                    "pk": len(ids), "id": ids[-1], "artifact_pk": 1, "version": len(ids),
                    "producer_pk": pk, "origin": "produced", "digest": "", "digest_algo": "",
                    "format": "", "serializer": "", "state": "live", "created_at": T0,
                })  # fmt: skip
    engine.dispose()
    return ids


def ancestors(runs, version):
    """Return the places of all versions that ``version`` was made from, itself included."""
    producer, place = {}, 0
    for run, (_, outputs) in enumerate(runs):
        for _ in range(outputs):
            producer[place] = run
            place += 1
    found, queue = set(), [version]
    while queue:
        each = queue.pop()
        if each not in found:
            found.add(each)
            queue += runs[producer[each]][0]
    return found, place


def test_random_graphs_agree_with_a_search(writer):
    """Ancestors and descendants of every version are those of a plain search."""
    random.seed(3)
    runs, made = [], 0
    for _ in range(25):
        inputs = [random.randrange(made) for _ in range(random.randint(0, 3))] if made else []
        runs.append((inputs, random.randint(1, 2)))
        made += runs[-1][1]
    ids = build(writer, runs)
    reader = writer.reader()
    above = {place: ancestors(runs, place)[0] for place in range(made)}

    for place in range(made):
        up, down = upstream(reader, ids[place]), downstream(reader, ids[place])
        assert {ids[each] for each in above[place]} == {a.id for a in up.artifacts}
        wanted = {ids[each] for each in range(made) if place in above[each]}
        assert wanted == {a.id for a in down.artifacts}
        names = {run.id for run in up.runs}
        assert all(run in names for _, run, _ in up.edges)


def test_a_ladder_of_diamonds_ends_soon(writer):
    """Sixty diamonds on top of each other, 2^60 paths, come back as their versions."""
    runs = [([], 2)] + [([2 * level, 2 * level + 1], 2) for level in range(60)]
    ids = build(writer, runs)

    found = upstream(writer.reader(), ids[-1])
    assert len(found.artifacts) == 121
    assert len(found.runs) == 61
    assert len(found.edges) == 60 * 4 - 2


def test_a_long_chain_is_complete(writer):
    """Nothing is cut off after some number of hops."""
    ids = build(writer, [([], 1), *(([place], 1) for place in range(300))])

    assert len(upstream(writer.reader(), ids[-1]).artifacts) == 301
    assert len(downstream(writer.reader(), ids[0]).artifacts) == 301
    assert upstream(writer.reader(), "nothing").artifacts == ()
