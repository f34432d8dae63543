"""What ``epochlog top`` knows of a run: plain values, ready to be laid out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from epochlog.query.console import ConsoleLine
from epochlog.query.metrics import Metrics
from epochlog.query.progress import Below, Progress
from epochlog.query.run_view import RunView

SILENT_S = 60.0
"""Writers say that they live every 10 s; after this long without a word something is wrong."""
QUIET_S, QUIET_INTERVALS = 60.0, 20.0
"""No new points for this long, and for so many times the usual interval, is worth a remark."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its newest and best value, and its shape in few values."""

    name: str
    last: float
    best: float | None
    low: float
    high: float
    count: int
    nan_count: int
    values: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Gpu:
    """Newest sample of one GPU; what was not measured is None."""

    index: str
    used_percent: float | None = None
    memory_bytes: float | None = None
    memory_percent: float | None = None
    own_bytes: float | None = None
    own_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Hardware:
    """Newest samples of a run's processes and of the machine that they are on.

    Attributes:
        cpu_percent: of one core, workers included.
        memory_bytes: resident, workers included.
        machine_cpu_percent: of all cores.
    """

    cpu_percent: float | None = None
    memory_bytes: float | None = None
    machine_cpu_percent: float | None = None
    machine_memory_bytes: float | None = None
    machine_memory_percent: float | None = None
    gpus: tuple[Gpu, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One run as it was at one moment; times in seconds since 1970.

    Attributes:
        level: 0 for a run of its own, 1 below another.
        heard: when its writer last gave a sign of life.
        hidden: how many more active runs there are below it than are listed.
    """

    pk: int
    id: str
    name: str
    status: str
    reason: str = ""
    kind: str = "run"
    source: str = ""
    experiment: str = "default"
    host: str = ""
    pid: int | None = None
    level: int = 0
    started: float | None = None
    ended: float | None = None
    heard: float = 0.0
    hidden: int = 0
    below: Below | None = None
    progress: Progress | None = None
    curves: tuple[Curve, ...] = ()
    result: tuple[str, float] | None = None
    hardware: Hardware = field(default_factory=Hardware)

    @property
    def active(self) -> bool:
        """Whether the run is still open."""
        return self.status in ("running", "pending")

    def took_s(self, now: float) -> float | None:
        """Return the seconds from start to end, or until now."""
        if self.started is None:
            return None
        return max((self.ended or (now if self.active else self.heard)) - self.started, 0.0)

    def trouble(self, now: float) -> str:
        """Return what is wrong with an open run: "silent", "quiet" or ""."""
        if not self.active:
            return ""
        if now - self.heard > SILENT_S:
            return "silent"
        pace = self.progress
        if pace is None or not pace.interval_s or not pace.at:
            return ""
        limit = max(QUIET_S, QUIET_INTERVALS * pace.interval_s)
        return "quiet" if now - pace.at > limit else ""


@dataclass(frozen=True, slots=True)
class Detail:
    """All that the view of one run shows."""

    card: Card
    curves: tuple[Curve, ...]
    system: tuple[Curve, ...]
    params: Mapping[str, object]
    console: Sequence[ConsoleLine]
    unfinished: str
    notices: tuple[tuple[str, str], ...]
    children: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What one look at the store found.

    Attributes:
        cards: runs in the usual order: active ones, newest first, then ended ones.
        counts: status -> number among ``cards`` of level 0.
        error: why the store could not be read; what was known before is still in ``cards``.
    """

    place: str = ""
    cards: tuple[Card, ...] = ()
    detail: Detail | None = None
    error: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def find(self, run_id: str) -> Card | None:
        """Return the card of a run, or None."""
        return next((card for card in self.cards if card.id == run_id), None)


def seconds(moment: datetime | None) -> float | None:
    """Return a moment as seconds since 1970."""
    return None if moment is None else moment.timestamp()


def hardware_of(run: RunView) -> Hardware:
    """Return the newest samples of a run's system metrics."""
    found = run.system_metrics

    def last(name: str) -> float | None:
        return float(found[name].last) if name in found else None

    return Hardware(
        cpu_percent=last("process/cpu_percent"),
        memory_bytes=last("process/memory_bytes"),
        machine_cpu_percent=last("machine/cpu_percent"),
        machine_memory_bytes=last("machine/memory_used_bytes"),
        machine_memory_percent=last("machine/memory_percent"),
        gpus=tuple(_gpu(found, index) for index in _gpu_indexes(found)),
    )


def _gpu_indexes(metrics: Metrics) -> list[str]:
    parts = (name.split("/") for name in metrics if name.startswith("gpu/"))
    indexes = {each[1] for each in parts if len(each) == 3}
    return sorted(indexes, key=lambda index: (len(index), index))


def _gpu(metrics: Metrics, index: str) -> Gpu:
    def last(name: str) -> float | None:
        full = f"gpu/{index}/{name}"
        return float(metrics[full].last) if full in metrics else None

    return Gpu(
        index,
        used_percent=last("utilization_percent"),
        memory_bytes=last("memory_used_bytes"),
        memory_percent=last("memory_percent"),
        own_bytes=last("process_memory_bytes"),
        own_percent=last("process_sm_percent"),
    )


def card_record(card: Card, now: float) -> dict[str, object]:
    """Return a card as plain data, with what is worked out from it."""
    record = dataclasses.asdict(card)
    for name in ("pk", "hidden"):
        del record[name]
    record["result"] = None if card.result is None else {card.result[0]: card.result[1]}
    record["took_s"] = card.took_s(now)
    record["trouble"] = card.trouble(now)
    if card.progress is not None:
        more = {"share": card.progress.share, "left_s": card.progress.left_s(now)}
        record["progress"] = {**dataclasses.asdict(card.progress), **(more if card.active else {})}
    return record
