"""One stored run as an object: what it was, what it logged, where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from epochlog.base.clock import now_us, to_datetime
from epochlog.base.errors import EpochlogError, RunNotFound
from epochlog.query.artifacts import Artifacts, ArtifactView, select_artifacts
from epochlog.query.console import ConsoleView, load_console
from epochlog.query.display import run_html
from epochlog.query.loading import Page
from epochlog.query.metrics import Metrics, MetricSummary
from epochlog.query.models import ModelView
from epochlog.query.plots import Plots, load_plots
from epochlog.query.stops import StopView, load_stop
from epochlog.query.suggest import did_you_mean
from epochlog.store.schema import execution, key, notice, text

if TYPE_CHECKING:
    from epochlog.query.curves import Series
    from epochlog.query.opening import Reader
    from epochlog.query.studies import StudyView

_TEXTS = (
    select(key.c.name, text.c.body, text.c.step, text.c.at)
    .join(key, key.c.pk == text.c.key_pk)
    .where(text.c.execution_pk == bindparam("pk"))
    .order_by(text.c.pk)
)
_NOTICES = select(notice).where(notice.c.execution_pk == bindparam("pk")).order_by(notice.c.pk)


@dataclass(frozen=True, slots=True)
class TextView:
    """A text that was logged under a key, at a step or not."""

    key: str
    text: str
    step: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something the reader of the run must know; ``level`` is info, warning or error."""

    level: str
    source: str
    text: str
    at: datetime | None


class RunView:
    """A stored run. Reads what it is asked for, when it is asked, then keeps it.

    Attributes:
        id, name: UUIDv7 text; sayable name.
        status: running, completed, failed, canceled, lost, pruned …; status_reason: one line.
        kind: run, fit, search, candidate, fold, study, trial, eval …
        source: framework that opened it, "" = the user's own ``start_run``.
        experiment, project, user, host, pid: where it belongs, who ran it.
        created, started, ended, updated, deleted: aware datetimes in UTC, or None.
        position: place among its siblings (fold, candidate or trial number), or None.
        note, traceback: texts, "" if none.
    """

    def __init__(self, page: Page, pk: int) -> None:
        row = page.runs[pk]
        self._page, self._pk, self._row = page, pk, row
        self._reader = page.reader
        self.id: str = row.id
        self.name: str = row.name
        self.status: str = row.status
        self.status_reason: str = row.status_reason
        self.kind: str = row.kind
        self.source: str = row.source
        self.experiment: str = row.experiment
        self.project: str = row.project
        self.user: str = row.user or ""
        self.host: str = row.host
        self.pid: int | None = row.pid
        self.position: int | None = row.position
        self.note: str = row.note or ""
        self.traceback: str = row.traceback or ""
        self.parent_id: str | None = row.parent_id
        self.created: datetime | None = to_datetime(row.created_at)
        self.started: datetime | None = to_datetime(row.started_at)
        self.ended: datetime | None = to_datetime(row.ended_at)
        self.updated: datetime | None = to_datetime(row.updated_at)
        self.deleted: datetime | None = to_datetime(row.deleted_at)

    @property
    def duration(self) -> timedelta | None:
        """Time from start to end (to now while it runs); None if it never started."""
        if self._row.started_at is None:
            return None
        end = self._row.ended_at or (now_us() if self.status == "running" else self._row.updated_at)
        return timedelta(microseconds=end - self._row.started_at)

    @property
    def active(self) -> bool:
        """Whether the run is still open."""
        return self.status in ("running", "pending")

    @property
    def params(self) -> Mapping[str, Any]:
        """Name -> value, with the type that was logged, sorted by name."""
        return self._page.params.get(self._pk, {})

    @cached_property
    def metrics(self) -> Metrics:
        """Name -> `MetricSummary` with first, last, min, max, best, count, mean."""
        return self._page.metrics(self._pk)

    @cached_property
    def system_metrics(self) -> Metrics:
        """Name -> `MetricSummary` of hardware samples; names are ``scope/quantity_unit``."""
        return self._page.metrics(self._pk, system=True)

    @property
    def tags(self) -> list[str]:
        """Tags, sorted."""
        return list(self._page.tags.get(self._pk, []))

    def series(
        self,
        key: str,
        context: str = "",
        *,
        max_points: int | None = None,
        start: float | None = None,
        end: float | None = None,
        axis: str = "step",
    ) -> Series:
        """Return the points of a metric.

        Args:
            key: name of the metric.
            context: which of its curves, e.g. "rank=1"; "" is the usual one.
            max_points: down-sample to so many points; peaks, dips and NaN gaps stay visible.
            start: leave out points before this place on ``axis`` (time in microseconds).
            end: leave out points after this place.
            axis: "step", "time" or "epoch".

        Raises:
            EpochlogError: there is no such curve; the message lists those that there are.
        """
        summary = self._curve(self.metrics, "metric", key, context)
        return self._points(summary, max_points=max_points, start=start, end=end, axis=axis)

    def system_series(self, key: str, context: str = "", **options: Any) -> Series:
        """Return the points of a system metric; ``options`` as of `series`."""
        summary = self._curve(self.system_metrics, "system metric", key, context)
        return self._points(summary, **options)

    def _points(self, summary: MetricSummary, **options: Any) -> Series:
        from epochlog.query.curves import load_series  # with NumPy, which lists of runs don't need

        return load_series(self._reader, summary, **options)

    def _curve(self, metrics: Metrics, noun: str, key: str, context: str) -> MetricSummary:
        key = metrics.resolve(key)
        contexts = metrics.contexts(key)
        if context in contexts:
            return metrics[key, context]
        if contexts:
            raise EpochlogError(f"{noun} {key!r} of {self.name!r} has the contexts {contexts}")
        names = sorted({each.key for each in metrics.all()})
        raise EpochlogError(
            f"run {self.name!r} has no {noun} {key!r}{did_you_mean(key, names)}; it has {names}"
        )

    # --- relatives

    @property
    def parent(self) -> RunView | None:
        """The run that this one is part of, or None."""
        return None if self._row.parent_pk is None else self._other(self._row.parent_pk)

    @property
    def root(self) -> RunView:
        """The topmost run of the tree (itself, if it has no parent)."""
        top = self._row.root_pk
        return self if top in (None, self._pk) else self._other(top)

    def children(self) -> list[RunView]:
        """Return the runs directly below this one, by position, then in order of start."""
        return self._related(execution.c.parent_pk == self._pk)

    def siblings(self) -> list[RunView]:
        """Return the other runs with the same parent (none for a root)."""
        if self._row.parent_pk is None:
            return []
        return self._related(
            execution.c.parent_pk == self._row.parent_pk, execution.c.pk != self._pk
        )

    def _related(self, *conditions: Any) -> list[RunView]:
        statement = (
            select(execution.c.pk)
            .where(*conditions, execution.c.deleted_at.is_(None))
            .order_by(execution.c.position.is_(None), execution.c.position, execution.c.pk)
        )
        pks = [row.pk for row in self._reader.rows(statement)]
        page = Page(self._reader, pks)
        return [RunView(page, pk) for pk in pks]

    def _other(self, pk: int) -> RunView:
        return RunView(Page(self._reader, [pk]), pk)

    def study(self) -> StudyView:
        """Return the hyperparameter study that this run records: trials, best, directions.

        Raises:
            EpochlogError: the run is of another kind.
        """
        from epochlog.query.studies import read_study  # most runs are none

        return read_study(self)

    # --- what it read and wrote

    @cached_property
    def _io(self) -> Artifacts:
        rows = self._page.artifacts.get(self._pk, [])
        return Artifacts(
            (ModelView if row.type in ("model", "checkpoint") else ArtifactView)(self._reader, row)
            for row in rows
        )

    @property
    def artifacts(self) -> Artifacts:
        """What the run produced; also by name: ``artifacts["report.html"]``."""
        return Artifacts(each for each in self._io if each.direction == "out")

    @property
    def inputs(self) -> Artifacts:
        """What the run used."""
        return Artifacts(each for each in self._io if each.direction == "in")

    @property
    def datasets(self) -> Artifacts:
        """Data sets that the run saw, with role, digest, schema and statistics."""
        return select_artifacts(self._io, "dataset")

    @property
    def models(self) -> Artifacts:
        """Models that the run produced; ``models[0].load()`` reads one back."""
        return select_artifacts(self.artifacts, "model")

    @property
    def checkpoints(self) -> Artifacts:
        """Checkpoints that the run wrote, in order of time."""
        return select_artifacts(self.artifacts, "checkpoint")

    @cached_property
    def plots(self) -> Plots:
        """Plots as data: a list that also finds by key, ``plots["importance"].data``."""
        return load_plots(self._reader, self._pk)

    @cached_property
    def texts(self) -> list[TextView]:
        """Logged texts, in order of time."""
        return [
            TextView(row.name, row.body, row.step, to_datetime(row.at))
            for row in self._reader.rows(_TEXTS, {"pk": self._pk})
        ]

    @cached_property
    def notices(self) -> list[NoticeView]:
        """What was skipped, failed or lost in recording, in order of time."""
        return [
            NoticeView(row.level, row.source, row.body, to_datetime(row.at))
            for row in self._reader.rows(_NOTICES, {"pk": self._pk})
        ]

    @cached_property
    def stop(self) -> StopView | None:
        """Whether it may be stopped, and who asked it to; None if neither was ever said."""
        return load_stop(self._reader, self._pk)

    @cached_property
    def console(self) -> ConsoleView:
        """What was printed while the run was open: lines with number, time, stream and text."""
        return load_console(self._reader, self._pk)

    @property
    def environment(self) -> Mapping[str, Any]:
        """Interpreter, platform, packages, hardware; plain data that other runs may share."""
        return self._page.environments.get(self._row.environment_pk, {})

    @property
    def code(self) -> Mapping[str, Any]:
        """Commit, branch, entry script, arguments; plain data that other runs may share."""
        return self._page.codes.get(self._row.code_pk, {})

    def code_diff(self, other: RunView) -> str:
        """Return what differs between this run's code and another's as a unified diff.

        Commits are compared where git still has both, with the changes that were not committed;
        else the files that the store holds. "" if nothing differs.
        """
        from epochlog.query.code import code_diff  # starts processes; rarely asked for

        return code_diff(self, other)

    @property
    def pk(self) -> int:
        """Its number inside the store."""
        return self._pk

    @property
    def reader(self) -> Reader:
        """The store that this run is read from."""
        return self._reader

    # --- as a whole

    def refresh(self) -> RunView:
        """Return the run as it is in the store now.

        Raises:
            RunNotFound: it is gone.
        """
        page = Page(self._reader, [self._pk])
        if self._pk not in page.runs:
            raise RunNotFound(f"run {self.id} is no longer in the store")
        return RunView(page, self._pk)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunView) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        started = (
            f"{self.started.astimezone(UTC):%Y-%m-%d %H:%M}" if self.started else "not started"
        )
        return f"<Run {self.name!r} {self.status} {started} {self.id}>"

    def _repr_html_(self) -> str:
        return run_html(self)
