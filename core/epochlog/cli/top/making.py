"""Make cards and details of runs from what the store holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from epochlog.cli.highlights import weight
from epochlog.cli.numbers import system_rank
from epochlog.cli.top.cards import Card, Curve, Detail, hardware_of, seconds
from epochlog.query.console import ConsoleLine, load_console
from epochlog.query.growing import Growing
from epochlog.query.loading import Page
from epochlog.query.metrics import MetricSummary
from epochlog.query.opening import Reader
from epochlog.query.progress import Below, Progress, progress_of
from epochlog.query.run_view import RunView
from epochlog.store.schema import console

CURVES_MAX, SHAPE_POINTS = 4, 48
"""Curves of a card, and values of each."""
DETAIL_CURVES_MAX, DETAIL_POINTS = 60, 160
CONSOLE_LINES, NOTICES_MAX = 500, 5


class Maker:
    """Makes cards; remembers what it decoded of curves and read of the console.

    Args:
        reader: the store.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._growing = Growing(reader)
        self._printed: tuple[int, list[ConsoleLine]] = (0, [])

    def prepare(self, runs: Sequence[RunView]) -> None:
        """Read at once what the cards of these runs need."""
        wanted: list[MetricSummary] = []
        for run in runs:
            curves = _curves_of(run)
            if run.active:
                wanted += curves[:CURVES_MAX]
            if run.status != "completed" and curves:
                wanted.append(_finest(curves))
        self._growing.read(wanted)

    def card(self, run: RunView, level: int = 0, below: Below | None = None) -> Card:
        """Return the card of a run; curves only while it is open."""
        curves = _curves_of(run)
        return Card(
            pk=run.pk,
            id=run.id,
            name=run.name,
            status=run.status,
            reason=run.status_reason,
            kind=run.kind,
            source=run.source,
            experiment=run.experiment,
            host=run.host,
            pid=run.pid,
            level=level,
            started=seconds(run.started or run.created),
            ended=seconds(run.ended),
            heard=seconds(run.updated) or 0.0,
            below=below,
            progress=self._progress(run, curves, below),
            curves=self._curves(curves[:CURVES_MAX], SHAPE_POINTS) if run.active else (),
            result=_result(run),
            hardware=hardware_of(run),
        )

    def _progress(
        self, run: RunView, curves: Sequence[MetricSummary], below: Below | None
    ) -> Progress | None:
        if run.status == "completed":
            return None
        sketch = self._growing.sketch(_finest(curves)) if curves else None
        started = seconds(run.started or run.created)
        return progress_of(run.params, sketch, below=below, started=started)

    def _curves(self, summaries: Sequence[MetricSummary], points: int) -> tuple[Curve, ...]:
        return tuple(self._curve(each, points) for each in summaries)

    def _curve(self, each: MetricSummary, points: int) -> Curve:
        return Curve(
            name=f"{each.key} [{each.context}]" if each.context else each.key,
            last=float(each.last),
            best=None if each.best is None else float(each.best),
            low=float(each.min),
            high=float(each.max),
            count=each.count,
            nan_count=each.nan_count,
            values=self._growing.sketch(each).resampled(points) if each.count > 1 else (),
        )

    # --- one run in full

    def detail(self, pk: int, cards: Sequence[Card]) -> Detail | None:
        """Return all of one run; None if it is gone. ``cards`` are those of the list."""
        page = Page(self._reader, [pk])
        if pk not in page.runs:
            return None
        run = RunView(page, pk)
        card = next((each for each in cards if each.pk == pk), None) or self.card(run)
        metrics = sorted(run.metrics.all(), key=lambda each: (-weight(each.key), each.key))
        found = run.system_metrics
        system = [each for each in found.all() if (each.min or each.max) and not _bound(each)]
        system.sort(key=lambda each: (system_rank(each.key), each.key))
        lines, unfinished = self._console(pk)
        shown = [*metrics[:DETAIL_CURVES_MAX], *system[:DETAIL_CURVES_MAX]]
        self._growing.read([each for each in shown if each.count > 1])
        return Detail(
            card=card,
            curves=self._curves(metrics[:DETAIL_CURVES_MAX], DETAIL_POINTS),
            system=self._curves(system[:DETAIL_CURVES_MAX], DETAIL_POINTS),
            params=dict(run.params),
            console=lines,
            unfinished=unfinished,
            notices=tuple((each.level, each.text) for each in run.notices[-NOTICES_MAX:]),
        )

    def _console(self, pk: int) -> tuple[list[ConsoleLine], str]:
        """Return the last lines printed; only those that are new are read."""
        known = self._printed[1] if self._printed[0] == pk else []
        if known:
            after = max(line.number for line in known)
        else:
            end = func.max(console.c.first_line + console.c.line_count)
            rows = self._reader.rows(select(end).where(console.c.execution_pk == pk))
            after = max((rows[0][0] or 0) - CONSOLE_LINES, 0)
        found = load_console(self._reader, pk, after=after)
        lines = [*known, *found][-CONSOLE_LINES:]
        self._printed = (pk, lines)
        return lines, found.unfinished


def _curves_of(run: RunView) -> list[MetricSummary]:
    """Return metrics of more than one point, the most telling first."""
    return sorted(
        (each for each in run.metrics.all() if each.count > 1),
        key=lambda each: (bool(each.context), -weight(each.key), each.key),
    )


def _finest(curves: Sequence[MetricSummary]) -> MetricSummary:
    """Return the curve that tells most about how far a run is."""
    return max(curves, key=lambda each: (not each.context, each.count))


def _bound(each: MetricSummary) -> bool:
    """Whether a system metric is the least or greatest value within the windows of another."""
    return each.key.endswith((".min", ".max"))


def _result(run: RunView) -> tuple[str, float] | None:
    """Return the most telling number of a run: its best value if that is known, else its last."""
    found = [each for each in run.metrics.all() if not each.context]
    if not found:
        return None
    chosen = max(found, key=lambda each: (weight(each.key), each.count > 1, each.key))
    return chosen.key, float(chosen.last if chosen.best is None else chosen.best)
