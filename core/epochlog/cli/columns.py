"""Name and fill the columns of ``epochlog ls``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from epochlog.base.errors import EpochlogError
from epochlog.cli import formats
from epochlog.cli.screen import Screen
from epochlog.cli.statuses import status_cell
from epochlog.cli.tables import Cell, Column
from epochlog.query.metrics import MetricSummary
from epochlog.query.run_view import RunView
from epochlog.query.suggest import did_you_mean

STATS = ("first", "last", "min", "max", "best", "mean", "sum", "count", "nan_count")
FAMILIES = ("params", "metrics", "system_metrics")
SHORT_ID_CHARS = 8
"""The end of an id tells runs apart; its beginning is the time."""
NUMBER_CHARS = len("-1.2345e-300")
_QUOTED = re.compile(r"""\[\s*(["'])(.*?)\1\s*\]""")


def _text(name: str) -> Callable[[RunView], str]:
    return lambda run: formats.clean(str(getattr(run, name) or ""))


OWN: dict[str, tuple[Column, Callable[[RunView], Any]]] = {
    "id": (Column("id"), lambda run: run.id),
    "short": (Column("id", keep=9), lambda run: run.id[-SHORT_ID_CHARS:]),
    "name": (Column("name", shrink_to=12), lambda run: formats.clean(run.name)),
    "started": (Column("started", keep=9), lambda run: formats.ago(run.started or run.created)),
    "ended": (Column("ended", keep=8), lambda run: formats.ago(run.ended)),
    "duration": (Column("took", right=True, keep=8), lambda run: formats.took(run.duration)),
    "source": (Column("source", keep=3), _text("source")),
    "kind": (Column("kind", keep=4), _text("kind")),
    "experiment": (Column("experiment", shrink_to=8, keep=2), _text("experiment")),
    "project": (Column("project", shrink_to=8, keep=2), _text("project")),
    "user": (Column("user", shrink_to=6, keep=2), _text("user")),
    "host": (Column("host", shrink_to=6, keep=2), _text("host")),
    "pid": (Column("pid", right=True, keep=2), _text("pid")),
    "position": (Column("#", right=True, keep=5), lambda run: formats.number(run.position)),
    "reason": (Column("reason", shrink_to=12, keep=2), _text("status_reason")),
    "note": (Column("note", shrink_to=8, keep=2), _text("note")),
    "tags": (Column("tags", shrink_to=8, keep=3), lambda r: formats.clean(", ".join(r.tags))),
    "parent": (Column("parent", keep=3), _text("parent_id")),
}
"""Column -> how it is laid out, and its text. ``status`` and ``children`` are made elsewhere."""

ALIASES = {"framework": "source", "took": "duration", "status_reason": "reason", "when": "started"}
NAMES = ("status", "children", *OWN)


@dataclass(frozen=True, slots=True)
class Spec:
    """One column asked for.

    Attributes:
        family: "" for what belongs to the run itself, else params, metrics or system_metrics.
        name: field, parameter or metric.
        stat: which number of a metric; step: the step at which it was reached instead.
        title: header.
        keep: worth of the column, see `epochlog.cli.tables.Column`.
    """

    family: str
    name: str
    stat: str = "last"
    step: bool = False
    title: str = ""
    keep: int = 10


def parse_columns(text: str, runs: Sequence[RunView]) -> list[Spec]:
    """Return the columns that a comma-separated list names.

    ``params.*`` and ``metrics.val/*.min`` stand for all such names of ``runs``.

    Raises:
        EpochlogError: a name is none of a run's fields, nor begins with params, metrics or
            system_metrics.
    """
    specs: list[Spec] = []
    for item in _items(text):
        head, dot, rest = item.partition(".")
        if dot and head in FAMILIES and rest:
            specs += _expanded(head, rest, runs)
            continue
        name = ALIASES.get(item, item)
        if name not in NAMES:
            known = [*NAMES, *(f"{f}.{n}" for f in FAMILIES for n in known_names(f, runs))]
            near = did_you_mean(item, known)
            raise EpochlogError(
                f"no column {item!r}{near or '; there are ' + ', '.join(NAMES)}"
                f"{'' if near else ', params.NAME and metrics.NAME.STAT'}"
            )
        specs.append(Spec("", name))
    return specs


def _items(text: str) -> list[str]:
    """Split at commas outside of quotes; ``metrics["a"].min`` means ``metrics.a.min``."""
    plain = _QUOTED.sub(lambda found: "." + found[2].replace(",", "\x00"), text)
    return [item.strip().replace("\x00", ",") for item in plain.split(",") if item.strip()]


def _expanded(family: str, rest: str, runs: Sequence[RunView]) -> list[Spec]:
    names = known_names(family, runs)
    name, stat, step = rest, "last", False
    if family != "params" and name not in names:
        name, stat, step = _stat_of(rest)
    found = [each for each in names if fnmatch.fnmatchcase(each, name)]
    if any(char in name for char in "*?") and name not in names:
        return [Spec(family, each, stat, step, _title(each, stat, step)) for each in found]
    return [Spec(family, name, stat, step, _title(name, stat, step))]


def _stat_of(text: str) -> tuple[str, str, bool]:
    """Split "val/loss.min.step" into ("val/loss", "min", True)."""
    head, _, tail = text.rpartition(".")
    if tail == "step" and head.rpartition(".")[2] in STATS:
        name, stat, _ = _stat_of(head)
        return name, stat, True
    return (head, tail, False) if head and tail in STATS else (text, "last", False)


def _title(name: str, stat: str, step: bool) -> str:
    return formats.clean(name + ("" if stat == "last" else f".{stat}") + (".step" if step else ""))


def known_names(family: str, runs: Iterable[RunView]) -> list[str]:
    """Return all names of params (or metrics …) that some of the runs have, sorted."""
    return sorted({name for run in runs for name in getattr(run, family)})


def column_of(spec: Spec) -> Column:
    """Return how a column is laid out."""
    if spec.family:
        numeric = spec.family != "params"
        shrink_to = NUMBER_CHARS if numeric else 8  # long titles give way, numbers never
        return Column(spec.title, right=numeric, shrink_to=shrink_to, keep=spec.keep)
    if spec.name == "status":
        return Column("status")
    if spec.name == "children":
        return Column("runs", right=True, keep=5)
    return OWN[spec.name][0]


def cell_of(spec: Spec, run: RunView, children: int, screen: Screen) -> Cell:
    """Return the cell of a column for one run."""
    if spec.family == "params":
        value = run.params.get(spec.name)
        return Cell("" if spec.name not in run.params else formats.param(value))
    if spec.family:
        summary = getattr(run, spec.family).get(spec.name)
        return Cell("" if summary is None else stat_text(summary, spec.stat, step=spec.step))
    if spec.name == "status":
        return status_cell(run.status, screen)
    if spec.name == "children":
        return Cell(str(children) if children else "", {"dim": True})
    style = {"bold": True} if spec.name == "name" else {}
    return Cell(OWN[spec.name][1](run), style)


def stat_text(summary: MetricSummary, stat: str, *, step: bool = False) -> str:
    """Return one number of a metric as text, or the step at which it was reached."""
    value: Any = getattr(summary, stat)
    if value is None and stat == "best":  # not known which way is better
        value = summary.last
    return formats.number(getattr(value, "step", None) if step else value)
