"""Hold what was measured: values with their spread, rows of the table, and whether a target is met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

OURS = "epochlog"


@dataclass(frozen=True, slots=True)
class Value:
    """A median over repetitions with the smallest and largest one."""

    median: float
    low: float
    high: float
    repeats: int = 1


def value_of(numbers: Iterable[float]) -> Value:
    """Return median, minimum and maximum of ``numbers`` (at least one)."""
    known = sorted(numbers)
    return Value(statistics.median(known), known[0], known[-1], len(known))


def pairwise_value(with_it: Sequence[float], without: Sequence[float]) -> Value:
    """Return the differences of neighbours in time; what both suffer from cancels out."""
    return value_of(a - b for a, b in zip(with_it, without, strict=True))


def pairwise_percent(with_it: Sequence[float], without: Sequence[float]) -> Value:
    """Return by how many percent each measurement exceeds the one beside it."""
    return value_of((a / b - 1) * 100 for a, b in zip(with_it, without, strict=True))


def median_interval(numbers: Sequence[float]) -> tuple[float, float]:
    """Return an interval that holds the true median with 95 %, whatever the noise is like.

    It ends at order statistics, by the binomial distribution of how many numbers fall below the
    median (Conover, Practical Nonparametric Statistics, 3.2).
    """
    known = sorted(numbers)
    size, below, cut = len(known), 0.0, 0
    while cut < size // 2:
        below += math.comb(size, cut) / 2**size
        if below > 0.025:
            break
        cut += 1
    cut = max(cut - 1, 0)
    return known[cut], known[size - 1 - cut]


@dataclass(slots=True)
class Row:
    """One line of the table.

    Attributes:
        benchmark: name of the benchmark that it belongs to.
        quantity: what was measured, e.g. "log_metrics of 10 metrics, median".
        unit: "µs", "ms", "bytes" …
        target: largest value that is good enough, None for a line without promise.
        values: by subject, ``epochlog`` or a peer's name.
        note: circumstances that the reader must know.
    """

    benchmark: str
    quantity: str
    unit: str
    target: float | None = None
    values: dict[str, Value] = field(default_factory=dict)
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether epochlog's median is within the target; None without target or measurement."""
        if self.target is None or OURS not in self.values:
            return None
        return self.values[OURS].median <= self.target

    def plain(self) -> dict[str, Any]:
        """Return the row as data for the JSON file."""
        return {**asdict(self), "met": self.met}


def facts(
    values: Sequence[float], unit: str, target: float | None = None, note: str = ""
) -> dict[str, Any]:
    """Return what a child process hands back of one quantity, as plain data."""
    return {"values": list(values), "unit": unit, "target": target, "note": note}


def rows_of(benchmark: str, found: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """Yield a row for each quantity of `facts`."""
    for quantity, each in found.items():
        values = {OURS: value_of(each["values"])}
        yield Row(benchmark, quantity, each["unit"], each["target"], values, each["note"])


@dataclass(slots=True)
class Options:
    """What the command line asks of a benchmark.

    Attributes:
        quick: small sizes and few repetitions, to see that everything works.
        peers: names of the peers that are installed.
        cache: folder where large generated stores are kept between runs.
        say: prints one line of progress.
        failures: (benchmark and subject, why) of measurements that failed.
    """

    quick: bool
    peers: list[str]
    cache: str
    say: Callable[[str], None]
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """epochlog and the peers."""
        return [OURS, *self.peers]


Benchmark = Callable[[Options], Iterator[Row]]
