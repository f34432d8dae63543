"""Write what describes a run: params, aliases, tags, texts, notices, plots, console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Connection, bindparam, delete, insert

from epochlog.contract.events import (
    Console,
    Event,
    MetricAliases,
    Notice,
    Params,
    Plot,
    StopAccepted,
    StopRequested,
    Tags,
    Text,
)
from epochlog.store.console import write_console
from epochlog.store.executions import Executions
from epochlog.store.names import Names
from epochlog.store.schema import SEARCH_CHARS, metric_alias, notice, param, plot, tag, text
from epochlog.store.sql import cut, run_many
from epochlog.store.stops import write_stops
from epochlog.store.typed import encode_value

_INSERT_PARAM, _INSERT_TAG, _INSERT_TEXT = insert(param), insert(tag), insert(text)
_INSERT_PLOT, _INSERT_NOTICE = insert(plot), insert(notice)
_DELETE_PARAM = delete(param).where(
    (param.c.execution_pk == bindparam("b_execution")) & (param.c.key_pk == bindparam("b_key"))
)
_INSERT_ALIAS = insert(metric_alias)
_DELETE_ALIAS = delete(metric_alias).where(
    (metric_alias.c.execution_pk == bindparam("b_execution"))
    & (metric_alias.c.alias_pk == bindparam("b_alias"))
)
_DELETE_TAG = delete(tag).where(
    (tag.c.entity_kind == "execution")
    & (tag.c.entity_pk == bindparam("b_execution"))
    & (tag.c.key_pk == bindparam("b_key"))
)


def write_described(
    connection: Connection, names: Names, runs: Executions, events: Sequence[Event]
) -> None:
    """Write params, aliases, tags, texts, notices and plots in the caller's transaction.

    The last value of a param counts, and the last word on a tag.
    """
    found: dict[type, list[Any]] = {}
    for event in events:
        found.setdefault(type(event), []).append(event)
    if Params in found:
        _write_params(connection, names, runs, found[Params])
    if MetricAliases in found:
        _write_aliases(connection, names, runs, found[MetricAliases])
    if Tags in found:
        _write_tags(connection, names, runs, found[Tags])
    if Text in found:
        _write_texts(connection, names, runs, found[Text])
    if Plot in found:
        _write_plots(connection, names, runs, found[Plot])
    if Notice in found:
        _write_notices(connection, runs, found[Notice])
    if StopAccepted in found or StopRequested in found:
        write_stops(connection, runs, found.get(StopAccepted, []), found.get(StopRequested, []))
    if Console in found:
        write_console(connection, runs, found[Console])


def pack_plot(data: dict[str, Any]) -> bytes:
    """Return a plot's plain data as it is stored: zstd of MessagePack, which keeps NaN and ±Inf."""
    packed: bytes = zstandard.ZstdCompressor(level=3).compress(msgspec.msgpack.encode(data))
    return packed


def unpack_plot(data: bytes) -> dict[str, Any]:
    """Return the plain data of the column ``plot.data``."""
    found: dict[str, Any] = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(data))
    return found


def _write_params(
    connection: Connection, names: Names, runs: Executions, events: Sequence[Params]
) -> None:
    keys = names.keys(connection, {name for event in events for name in event.params})
    last: dict[tuple[int, int], Any] = {}
    for event in events:
        pk = runs[event.run]
        for name, value in event.params.items():
            last[pk, keys[name]] = value
    old = [{"b_execution": e, "b_key": k} for e, k in last if e not in runs.fresh]
    run_many(connection, _DELETE_PARAM, old)
    rows = [{"execution_pk": e, "key_pk": k, **encode_value(v)} for (e, k), v in last.items()]
    run_many(connection, _INSERT_PARAM, rows)


def _write_aliases(
    connection: Connection, names: Names, runs: Executions, events: Sequence[MetricAliases]
) -> None:
    pairs = [(event.run, ours, own) for event in events for ours, own in event.aliases.items()]
    keys = names.keys(connection, {name for _, *both in pairs for name in both})
    last = {(runs[run], keys[own]): keys[ours] for run, ours, own in pairs}
    old = [{"b_execution": e, "b_alias": a} for e, a in last if e not in runs.fresh]
    run_many(connection, _DELETE_ALIAS, old)
    rows = [{"execution_pk": e, "alias_pk": a, "key_pk": k} for (e, a), k in last.items()]
    run_many(connection, _INSERT_ALIAS, rows)


def _write_tags(
    connection: Connection, names: Names, runs: Executions, events: Sequence[Tags]
) -> None:
    keys = names.keys(connection, {n for event in events for n in (*event.add, *event.remove)})
    last: dict[tuple[int, int], int | None] = {}
    for event in events:
        pk = runs[event.run]
        last.update({(pk, keys[name]): event.at for name in event.add})
        last.update({(pk, keys[name]): None for name in event.remove})
    run_many(connection, _DELETE_TAG, [{"b_execution": e, "b_key": k} for e, k in last])
    rows = [
        {"entity_kind": "execution", "entity_pk": e, "key_pk": k, "at": at}
        for (e, k), at in last.items()
        if at is not None
    ]
    run_many(connection, _INSERT_TAG, rows)


def _write_texts(
    connection: Connection, names: Names, runs: Executions, events: Sequence[Text]
) -> None:
    keys = names.keys(connection, {event.key for event in events})
    rows = [
        {
            "execution_pk": runs[event.run],
            "key_pk": keys[event.key],
            "step": event.step,
            "at": event.at,
            "body": event.text,
        }
        for event in events
    ]
    run_many(connection, _INSERT_TEXT, rows)


def _write_plots(
    connection: Connection, names: Names, runs: Executions, events: Sequence[Plot]
) -> None:
    keys = names.keys(connection, {event.key for event in events})
    rows = [
        {
            "execution_pk": runs[event.run],
            "key_pk": keys[event.key],
            "kind": cut(event.kind, 64),
            "step": event.step,
            "at": event.at,
            "data": pack_plot(event.data),
        }
        for event in events
    ]
    run_many(connection, _INSERT_PLOT, rows)


def _write_notices(connection: Connection, runs: Executions, events: Sequence[Notice]) -> None:
    rows = [
        {
            "execution_pk": runs[event.run],
            "level": event.level[:8],
            "source": event.source[:SEARCH_CHARS],
            "at": event.at,
            "body": event.text,
        }
        for event in events
    ]
    run_many(connection, _INSERT_NOTICE, rows)
