"""Compare trainings of any framework with and without recording, neighbours in time in one process.

A case says how to make a training, and is done:

    def benchmark(options: Options) -> Iterator[Row]:
        yield from compare(options, Pairs("keras", "200 epochs", "cases.keras_epochs:training"))

    def training(callbacks=()):  # called once in a child process; peers may bring callbacks
        data, model = …          # what is not measured
        def train(): …           # what is: one complete training, same work each time
        return train
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, alternate, load_peer, measure
from suite.results import (
    OURS,
    Options,
    Row,
    median_interval,
    pairwise_percent,
    pairwise_value,
    value_of,
)
from suite.table import number

SHORT_MS = 50.0
"""So much may recording add where the target's percentage of the training is less."""

Times = dict[str, float]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A training that is measured with and without recording.

    Attributes:
        benchmark: name in the table and on the command line; peers that record this framework by
            callbacks have a function ``<benchmark>_callbacks``.
        what: size of the training in words, e.g. "300 rounds, 15,000 × 30".
        short: names further rows, where a benchmark has several trainings ("" = ``what``).
        make: ``"module:function"`` that returns the training: a function without arguments that
            trains once. It is called in a child process with ``arguments`` and, for peers with
            callbacks of their own, ``callbacks``.
        target: largest addition in percent (or 50 ms, if that is more); None promises nothing.
        arguments: plain data for ``make``.
        quick: replaces arguments in a quick run.
        steps: of one training; adds a row with microseconds a step.
        count: pairs in each process.
        processes: how many, one after the other.
        options: of ``epochlog.autolog``.
        by_autolog: whether the autolog of peers knows this framework.
    """

    benchmark: str
    what: str
    make: str
    short: str = ""
    target: float | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    steps: int = 0
    count: int = 11
    processes: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    by_autolog: bool = True


def compare(options: Options, pairs: Pairs) -> Iterator[Row]:
    """Measure epochlog and every peer that records this framework; yield the rows."""
    rows = _rows(pairs)
    for subject in options.subjects:
        if not _records(subject, pairs):
            continue
        options.say(f"{pairs.benchmark}, {pairs.what}: {subject}")
        try:
            plain, recorded = _measured(options, pairs, subject)
        except MeasurementFailed as error:
            options.failures.append((f"{pairs.benchmark}, {subject}", str(error)))
            continue
        _fill(rows, pairs, subject, plain, recorded)
        if subject == OURS:
            _judge(rows, pairs, plain, recorded)
    yield from rows.values()


def _judge(rows: dict[str, Row], pairs: Pairs, plain: list[Times], recorded: list[Times]) -> None:
    """Set the target of a long or a short training, and say how sure the median is."""
    walls = [(a["wall_ms"], b["wall_ms"]) for a, b in zip(recorded, plain, strict=True)]
    share = median_interval([(a / b - 1) * 100 for a, b in walls])
    added = median_interval([a - b for a, b in walls])
    text = "{} pairs; 95 % interval of the median: {} to {} {}"
    rows["percent"].note = text.format(len(walls), *map(number, share), "%")
    rows["added"].note = text.format(len(walls), *map(number, added), "ms")
    if pairs.target is not None:
        long = rows["plain"].values[OURS].median * pairs.target / 100 >= SHORT_MS
        rows["percent" if long else "added"].target = pairs.target if long else SHORT_MS


def _rows(pairs: Pairs) -> dict[str, Row]:
    name, what = pairs.benchmark, pairs.short or pairs.what
    rows = {
        "percent": Row(name, f"{pairs.what}: added", "%"),
        "fastest": Row(name, f"{what}: fastest recorded against fastest plain", "%"),
        "added": Row(name, f"{what}: added milliseconds", "ms"),
        "thread": Row(name, f"{what}: CPU of the training thread, added", "ms"),
        "cpu": Row(name, f"{what}: CPU of the process, added", "%"),
        "plain": Row(name, f"{what}: plain training, for comparison", "ms"),
    }
    rows["fastest"].note = "noise only ever adds time; on a busy machine this says more"
    if pairs.steps:
        rows["step"] = Row(name, f"{what}: added, a step", "µs")
    return rows


def _records(subject: str, pairs: Pairs) -> bool:
    peer = load_peer(subject)
    by_autolog = hasattr(peer, "autolog") and (pairs.by_autolog or subject == OURS)
    return by_autolog or hasattr(peer, f"{pairs.benchmark}_callbacks")


def _fill(
    rows: dict[str, Row], pairs: Pairs, subject: str, plain: list[Times], recorded: list[Times]
) -> None:
    wall, walls = _column(plain, "wall_ms"), _column(recorded, "wall_ms")
    cpu, thread = "cpu_ms", "thread_ms"
    found = {
        "percent": pairwise_percent(walls, wall),
        "fastest": pairwise_percent([min(walls)], [min(wall)]),
        "added": pairwise_value(walls, wall),
        "thread": pairwise_value(_column(recorded, thread), _column(plain, thread)),
        "cpu": pairwise_percent(_column(recorded, cpu), _column(plain, cpu)),
        "plain": value_of(wall),
    }
    if pairs.steps:
        factor = 1e3 / pairs.steps
        found["step"] = value_of((a - b) * factor for a, b in zip(walls, wall, strict=True))
    for name, value in found.items():
        rows[name].values[subject] = value


def _column(found: list[Times], name: str) -> list[float]:
    return [each[name] for each in found]


def _measured(options: Options, pairs: Pairs, subject: str) -> list[list[Times]]:
    """Return (plain, recorded) trainings in pairs that were neighbours in time."""
    arguments = {**pairs.arguments, **(pairs.quick if options.quick else {})}
    fixed: dict[str, Any] = {"peer": subject, "make": pairs.make, "arguments": arguments}
    if subject == OURS:  # can be switched off again, so both kinds run in one process
        fixed |= {"count": 1 if options.quick else pairs.count, "options": dict(pairs.options)}
        both: list[list[Times]] = [[], []]
        for _ in range(1 if options.quick else pairs.processes):
            for kind, found in enumerate(measure("suite.pairs:in_turn", **fixed)):
                both[kind] += found
        return both
    fixed["name"] = pairs.benchmark
    plain, recorded = (
        lambda on=on: measure("suite.pairs:once", **fixed, recorded=on) for on in (False, True)
    )
    return alternate(1 if options.quick else 2, plain, recorded)


def in_turn(
    peer: str,
    folder: str,
    *,
    make: str,
    arguments: dict[str, Any],
    count: int,
    options: dict[str, Any],
) -> list[list[Times]]:
    """Train ``count`` times plain and recorded in turn; in a child process."""
    import epochlog

    assert peer == OURS
    train = _function(make)(**arguments)
    both: list[list[Times]] = [[], []]
    for turn in range(-1, count):  # the first pair warms up caches and imports
        for on in (0, 1) if turn % 2 else (1, 0):
            if on:
                epochlog.autolog(**options)
            taken = _timed(train)
            if on:
                epochlog.uninstrument()
                epochlog.flush()
            if turn >= 0:
                both[on].append(taken)
    assert_recorded(folder, True)
    return both


def once(
    peer: str, folder: str, *, make: str, arguments: dict[str, Any], name: str, recorded: bool
) -> Times:
    """Train once, after a plain training that warms up; in a child process."""
    module: Any = load_peer(peer)
    function = _function(make)
    function(**arguments)()
    before = _files(folder)
    if recorded and hasattr(module, f"{name}_callbacks"):
        train = function(**arguments, callbacks=getattr(module, f"{name}_callbacks")())
    else:
        train = function(**arguments)
        if recorded:
            module.autolog()
    found = _timed(train)
    assert_recorded(folder, recorded, before)
    return found


def _function(target: str) -> Callable[..., Callable[[], object]]:
    module, _, name = target.partition(":")
    function: Callable[..., Callable[[], object]] = getattr(importlib.import_module(module), name)
    return function


def _timed(work: Callable[[], object]) -> Times:
    wall, cpu, thread = time.perf_counter(), time.process_time(), time.thread_time()
    work()
    return {
        "thread_ms": (time.thread_time() - thread) * 1e3,
        "cpu_ms": (time.process_time() - cpu) * 1e3,
        "wall_ms": (time.perf_counter() - wall) * 1e3,
    }


def assert_recorded(folder: str, recorded: bool, before: frozenset[Path] = frozenset()) -> None:
    """Raise unless files say what ``recorded`` does: a number without a record is worth nothing."""
    if recorded != bool(_files(folder) - before):
        raise AssertionError(f"recorded={recorded} is not what the files say")


def _files(folder: str) -> frozenset[Path]:
    return frozenset(path for path in Path(folder).rglob("*") if path.is_file())
