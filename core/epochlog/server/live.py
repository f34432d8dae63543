"""Tell browsers what changed, soon and briefly; nobody listening costs nothing.

One task looks at the store's mark, four times a second at most and while there are listeners, and
only when it moved at the runs that somebody watches. Each socket has room for one note: what
happens while it is not taken is put together. Every note makes browsers ask for what changed, so
the more that costs, the longer it is until the next one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from epochlog.base.errors import EpochlogError
from epochlog.server.library import Library
from epochlog.store.schema import execution, series

LOOK_S = 0.25
SHARE = 0.007
"""Of a core: so much may be spent on what browsers ask after they were told …"""
PACE_MAX_S = 10.0
"""… but nobody waits longer than this for news."""
WATCHED_MAX = 2_000
MESSAGE_BYTES_MAX = 256 * 1024
LISTENERS_MAX = 200


class Watch(msgspec.Struct, frozen=True, tag_field="type", tag="watch"):
    """What a tab shows."""

    runs: tuple[str, ...] = ()  # "list" is the name of a field here
    list: bool = False
    cursor: str | None = None


class Pause(msgspec.Struct, frozen=True, tag_field="type", tag="pause"):
    """The tab is hidden."""


@dataclass(eq=False)
class Listener:
    """One tab: what it watches, and the note that waits for it."""

    runs: dict[str, Any] = field(default_factory=dict)
    whole_list: bool = False
    active: bool = False
    note: dict[str, Any] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, cursor: str, runs: list[dict[str, Any]], total: int) -> None:
        """Leave a note, or add to the one that is still there."""
        if not runs and not self.whole_list:
            return
        old = {} if self.note is None else {run["id"]: run for run in self.note["runs"]}
        merged = {**old, **{run["id"]: run for run in runs}}
        self.note = {
            "type": "changed",
            "cursor": cursor,
            "runs": list(merged.values()),
            "list": self.whole_list,
            "total": total,
        }
        self.ready.set()


Kind = Literal["watch", "pause"]


class Pace:
    """When browsers may be told again: the more it cost to answer them, the later.

    Args:
        cpu, now: clocks, in seconds.
    """

    def __init__(
        self,
        cpu: Callable[[], float] = time.process_time,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cpu, self._now = cpu, now
        self._told: tuple[float, float] | None = None

    def told(self) -> None:
        """Browsers have just been told; what is spent from now on is spent on them."""
        self._told = self._cpu(), self._now()

    @property
    def wait_s(self) -> float:
        """How long it is until they may be told of what is new."""
        if self._told is None:
            return 0.0
        spent, passed = self._cpu() - self._told[0], self._now() - self._told[1]
        return max(0.0, min(spent / SHARE, PACE_MAX_S) - passed)


class Live:
    """All listeners of one store.

    Args:
        library: the store.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._cursor = ""
        self._pace = Pace()
        self.looks = 0

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one socket until it goes."""
        if len(self._listeners) >= LISTENERS_MAX:
            await socket.close(1013)
            return
        await socket.accept()
        listener = Listener()
        self._listeners.add(listener)
        sender = asyncio.create_task(self._send(socket, listener))
        try:
            cursor = await run_in_threadpool(self._mark)
            await socket.send_text(_text({"type": "hello", "cursor": cursor}))
            while True:
                await self._take(socket, listener, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):  # gone, in whichever way
            pass
        finally:
            self._listeners.discard(listener)
            sender.cancel()
            with suppress(asyncio.CancelledError):
                await sender
            self._rest()

    async def _take(self, socket: WebSocket, listener: Listener, text: str) -> None:
        if len(text) > MESSAGE_BYTES_MAX:
            await socket.close(1009)
            raise WebSocketDisconnect(1009)
        try:
            asked = msgspec.json.decode(text, type=Watch | Pause)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            await socket.send_text(_text({"type": "error", "message": str(error)[:500]}))
            return
        if isinstance(asked, Pause):
            listener.active, listener.note = False, None
            self._rest()
            return
        listener.whole_list = asked.list
        listener.runs = dict.fromkeys(asked.runs[:WATCHED_MAX])
        listener.active = True
        cursor, states, total = await run_in_threadpool(self._states, list(listener.runs))
        listener.runs.update(states)
        if asked.cursor is not None and asked.cursor != cursor:
            listener.put(cursor, [_note(run, state) for run, state in states.items()], total)
        if self._task is None:
            self._cursor = cursor
            self._task = asyncio.create_task(self._look())

    async def _send(self, socket: WebSocket, listener: Listener) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await listener.ready.wait()
                listener.ready.clear()
                note, listener.note = listener.note, None
                if note is not None:
                    await socket.send_text(_text(note))
                    await asyncio.sleep(LOOK_S)

    def _rest(self) -> None:
        """Stop looking when nobody listens."""
        if self._task is not None and not any(each.active for each in self._listeners):
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(max(LOOK_S, self._pace.wait_s))
            self.looks += 1
            with suppress(EpochlogError):  # a store that is away may come back
                cursor = await run_in_threadpool(self._fresh_mark)
                if cursor != self._cursor and not self._pace.wait_s:
                    await self._tell(cursor)
                    self._cursor = cursor
                    self._pace.told()

    async def _tell(self, cursor: str) -> None:
        active = [each for each in self._listeners if each.active]
        watched = list({run for each in active for run in each.runs})
        _, states, total = await run_in_threadpool(self._states, watched)
        for listener in active:
            moved = [
                _note(run, states[run])
                for run, before in listener.runs.items()
                if run in states and states[run] != before
            ]
            listener.runs.update({run: states[run] for run in listener.runs if run in states})
            listener.put(cursor, moved, total)

    def _fresh_mark(self) -> str:
        self._library.catch_up()
        return self._mark()

    def _mark(self) -> str:
        try:
            return self._library.cursor
        except EpochlogError:
            return ""

    def _states(self, ids: list[str]) -> tuple[str, dict[str, Any], int]:
        """Return the cursor, id -> (status, updated, points, archived), and runs at the top."""
        cursor = self._mark()
        if not cursor:
            return "", {}, 0
        reader = self._library.reader
        c, found = execution.c, dict[str, Any]()
        points = select(func.sum(series.c.count)).where(series.c.execution_pk == c.pk)
        for start in range(0, len(ids), 500):
            statement = select(
                c.id, c.status, c.updated_at, points.correlate(execution).scalar_subquery(),
                c.deleted_at,
            ).where(c.id.in_(ids[start : start + 500]))  # fmt: skip
            rows: Any = reader.rows(statement)
            found.update({row[0]: (row[1], row[2], int(row[3] or 0), row[4]) for row in rows})
        total = reader.rows(
            select(func.count()).where(c.parent_pk.is_(None), c.deleted_at.is_(None))
        )[0][0]
        return cursor, found, total


def _note(id: str, state: tuple[Any, ...]) -> dict[str, Any]:
    return {"id": id, "status": state[0], "updated": state[1], "points": state[2]}


def _text(message: Any) -> str:
    return msgspec.json.encode(message).decode()
