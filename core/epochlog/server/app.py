"""The ASGI application: which address asks which question."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from epochlog.base.clock import now_us
from epochlog.contract.events import STATUSES
from epochlog.query.compare import SECTIONS
from epochlog.server import (
    artifacts,
    asking,
    comparing,
    completing,
    detail,
    edits,
    lineage,
    naming,
    previews,
    projects,
    runs,
    studying,
)
from epochlog.server.answers import Refused, binary_answer, describe, error_answer, json_answer
from epochlog.server.asking import body_of, whole_number
from epochlog.server.curves import Curves
from epochlog.server.guard import Guard
from epochlog.server.library import Library, open_library
from epochlog.server.live import Live
from epochlog.server.pages import page_answer
from epochlog.server.selecting import Snapshots
from epochlog.server.series import series_frame

logger = logging.getLogger("epochlog.server")

THREADS = 4
"""Questions that are worked on at once; more would only take turns and hold more memory."""

TIDY_S = 60.0
"""Curves that nobody asked for during this time are let go of."""

_T = TypeVar("_T")
Handler = Callable[[Request], Awaitable[Response]]


class Ui:
    """The UI of one store as an ASGI application.

    Attributes:
        guard: the application with its checks; what a server is given.
        library: the store.
    """

    def __init__(self, library: Library, guard: Mapping[str, Any]) -> None:
        self.library = library
        self.snapshots = Snapshots(library)
        self.curves = Curves()
        self.live = Live(library)
        self._threads: CapacityLimiter | None = None
        self._tasks: set[asyncio.Task[bool]] = set()
        self._asked = 0.0
        inside = Starlette(routes=self._routes(), lifespan=self._lifespan)
        self.guard = Guard(inside, **guard)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as an ASGI application."""
        await self.guard(scope, receive, send)

    # --- addresses

    def _routes(self) -> list[Any]:
        library, snapshots, curves = self.library, self.snapshots, self.curves
        posts: dict[str, tuple[type[Any], Callable[[Any], Any]]] = {
            "runs": (asking.RunsRequest, partial(runs.runs_window, library, snapshots)),
            "runs/ids": (asking.IdsRequest, partial(runs.run_ids, library, snapshots)),
            "groups": (asking.GroupsRequest, partial(runs.groups_window, library)),
            "filter": (asking.FilterRequest, partial(completing.check, library)),
            "series": (asking.SeriesRequest, partial(series_frame, library, curves)),
            "compare": (asking.CompareRequest, partial(comparing.comparison, library)),
            "importance": (asking.ImportanceRequest, partial(comparing.importance, library)),
            "plots": (
                asking.PlotsRequest,
                lambda a: detail.plots_of(library, a.runs, a.key, a.step),
            ),
            "plots/keys": (asking.PlotsRequest, lambda a: detail.plot_keys(library, a.runs)),
            "edit": (asking.EditRequest, partial(edits.edit, library)),
        }
        gets: dict[str, Callable[[Request], Any]] = {
            "info": self._info,
            "projects": lambda _: projects.projects(library),
            "columns": self._columns,
            "runs/{run}": lambda r: detail.run_detail(library, r.path_params["run"]),
            "runs/{run}/text": self._text,
            "runs/{run}/plot": self._plot,
            "runs/{run}/console": self._console,
            "runs/{run}/code": lambda r: detail.code_of(library, r.path_params["run"]),
            "runs/{run}/code/file": self._code_file,
            "runs/{run}/diff": self._diff,
            "runs/{run}/study": self._study,
            "artifacts": self._artifacts,
            "artifacts/{id}": lambda r: artifacts.artifact_detail(library, r.path_params["id"]),
            "artifacts/{id}/preview": self._preview,
            "artifacts/{id}/content": self._content,
            "lineage": self._lineage,
        }
        return [
            *(
                Route(f"/api/{path}", self._post(kind, answer), methods=["POST"])
                for path, (kind, answer) in posts.items()
            ),
            *(Route(f"/api/{path}", self._get(answer)) for path, answer in gets.items()),
            WebSocketRoute("/api/live", self.live.endpoint),
            Route("/api/{path:path}", _no_such_address, methods=["GET", "POST"]),
            Route("/{path:path}", self._page),
        ]

    def _get(self, answer: Callable[[Request], Any]) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._answer(request, partial(answer, request))

        return handle

    def _post(self, kind: type[Any], answer: Callable[[Any], Any]) -> Handler:
        async def handle(request: Request) -> Response:
            try:
                asked = await body_of(request, kind)
            except Exception as error:
                return error_answer(error)
            return await self._answer(request, partial(answer, asked))

        return handle

    async def _answer(self, request: Request, work: Callable[[], Any]) -> Response:
        """Do the work, and turn what comes of it into an answer, in a thread."""
        packed = _takes_gzip(request)
        self._asked = time.monotonic()
        try:
            found = await self.in_thread(lambda: _as_answer(work(), packed))
        except Exception as error:
            if describe(error)[1]["kind"] == "internal":
                logger.error("the web UI failed to answer", exc_info=error)
            return error_answer(error)
        if self.library.due:
            # Afterwards: whoever asks does not wait for it, and sees it with the next question.
            task = asyncio.create_task(self.in_thread(self.library.catch_up))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return found

    async def in_thread(self, work: Callable[[], _T]) -> _T:
        """Run something that reads the store outside of the event loop."""
        if self._threads is None:
            self._threads = CapacityLimiter(THREADS)
        return await to_thread.run_sync(work, limiter=self._threads)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        beside = [asyncio.create_task(self._tidy()), asyncio.create_task(self._warm_up())]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            self.library.close()

    async def _warm_up(self) -> None:
        """Ask what the first page will ask, while its browser is still starting."""
        first = asking.RunsRequest(columns=["status", "started", "duration", "tags"], limit=1)
        with suppress(Exception):  # no store yet, or none that can be read: the page will say
            await self.in_thread(partial(runs.runs_window, self.library, self.snapshots, first))
            await self.in_thread(partial(naming.columns, self.library, "", "", 1, counted=False))

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_S / 4)
            self.curves.forget_unused(TIDY_S)
            if self._asked and time.monotonic() - self._asked > TIDY_S:
                self._asked = 0.0
                _give_memory_back()

    # --- questions whose arguments are in the address

    def _info(self, _: Request) -> dict[str, Any]:
        from importlib.metadata import version

        library = self.library
        return {
            "version": version("epochlog"),
            "store": library.place,
            "writable": library.writable,
            "now": now_us(),
            "statuses": list(STATUSES),
            "sections": list(SECTIONS),
            "cursor": library.cursor if library.exists else "",
        }

    def _columns(self, request: Request) -> Any:
        query = request.query_params
        limit = whole_number(request, "limit", 200, 5_000)
        search, kind = query.get("search", ""), query.get("kind", "")
        counted = query.get("counts", "1") != "0"
        return naming.columns(self.library, search, kind, limit, counted=counted)

    def _text(self, request: Request) -> Any:
        index = whole_number(request, "index", 0, 10**9)
        return detail.full_text(self.library, request.path_params["run"], index)

    def _plot(self, request: Request) -> Any:
        query = request.query_params
        index = whole_number(request, "index", 0, 10**9) if "index" in query else None
        step = _float(request, "step")
        return detail.one_plot(
            self.library, request.path_params["run"], index, query.get("key", ""), step
        )

    def _console(self, request: Request) -> Any:
        query = request.query_params
        asked = {
            "after": whole_number(request, "after", 0, 10**12),
            "before": whole_number(request, "before", 0, 10**12),
            "limit": whole_number(request, "limit", 500, 5_000),
            "tail": query.get("tail") == "1",
            "search": query.get("search", ""),
            "ignore_case": query.get("ignore_case") == "1",
            "context": query.get("context"),
        }
        return detail.console_page(self.library, request.path_params["run"], asked)

    def _code_file(self, request: Request) -> Any:
        index = whole_number(request, "index", 0, 10**9)
        return detail.code_file(self.library, request.path_params["run"], index)

    def _diff(self, request: Request) -> Any:
        other = request.query_params.get("other", "")
        return detail.diff_of(self.library, request.path_params["run"], other)

    def _study(self, request: Request) -> Any:
        query = request.query_params
        objective = whole_number(request, "objective", 0, 1_000)
        part, params = query.get("part", "summary"), query.getlist("param")
        return studying.study_part(
            self.library, request.path_params["run"], part, objective, params
        )

    def _artifacts(self, request: Request) -> Any:
        offset = whole_number(request, "offset", 0, 10**9)
        limit = whole_number(request, "limit", 100, 1_000)
        return artifacts.list_artifacts(self.library, dict(request.query_params), offset, limit)

    def _preview(self, request: Request) -> Any:
        file = request.query_params.get("file", "")
        return previews.preview(self.library, request.path_params["id"], file)

    def _content(self, request: Request) -> Response:
        query = request.query_params
        return artifacts.content_answer(
            self.library, request.path_params["id"], query.get("file", ""),
            request.headers.get("range", ""), save=query.get("download") == "1",
        )  # fmt: skip

    def _lineage(self, request: Request) -> Any:
        query = request.query_params
        hops = whole_number(request, "hops", 2, 20)
        limit = whole_number(request, "limit", 300, 1_000)
        run, version = query.get("run", ""), query.get("artifact", "")
        if not run and not version:
            raise Refused("name a run or an artifact: ?run=ID or ?artifact=ID")
        return lineage.neighbourhood(self.library, run, version, hops, limit)

    async def _page(self, request: Request) -> Response:
        path = request.path_params["path"]
        return await to_thread.run_sync(partial(page_answer, path, packed=_takes_gzip(request)))


def _as_answer(found: Any, packed: bool) -> Response:
    if isinstance(found, Response):
        return found
    return binary_answer(found) if isinstance(found, bytes) else json_answer(found, packed=packed)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _give_memory_back() -> None:
    """Return to the system what the allocator still holds of answers that were large."""
    with suppress(OSError, AttributeError):  # no glibc
        ctypes.CDLL(None).malloc_trim(0)


async def _no_such_address(_: Request) -> Response:
    return error_answer(Refused("there is no such address", status=404, kind="not_found"))


def _float(request: Request, name: str) -> float | None:
    text = request.query_params.get(name, "")
    try:
        return float(text) if text else None
    except ValueError:
        raise Refused(f"{name} must be a number, not {text[:40]!r}") from None


def create_app(
    store: str | os.PathLike[str] | None = None,
    *,
    hosts: Iterable[str] = (),
    token: str = "",
    framed: bool = False,
) -> Ui:
    """Return the web UI of a store as an ASGI application, for any ASGI server.

    ``uvicorn --factory epochlog.server.app:create_app`` serves the store of the settings.

    Args:
        store: folder or URL; default: that of the settings.
        hosts: names by which browsers reach it, besides localhost; "*" for any.
        token: what every request must carry; "" = none (then only localhost is safe).
        framed: let pages of this machine (notebooks) show the UI in a frame.
    """
    return Ui(open_library(store), {"hosts": hosts, "token": token, "framed": framed})
