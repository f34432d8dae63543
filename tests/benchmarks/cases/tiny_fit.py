"""What a tiny LogisticRegression fit costs more with ``autolog()``: in the process and as a script."""

from __future__ import annotations

import gc
import os
import statistics
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite.children import MeasurementFailed, alternate, load_peer, measure, timed_script
from suite.results import OURS, Options, Row, pairwise_value, value_of

LATER_FITS = 20
SCRIPT = """
import os
os.environ["OMP_NUM_THREADS"] = "1"
{first}
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True)
LogisticRegression(max_iter=200).fit(X, y)
"""


def benchmark(options: Options) -> Iterator[Row]:
    """Recorded and plain processes in turn; each peer that records fits by one line likewise."""
    switch = Row("tiny_fit", "autolog() itself", "ms")
    first = Row("tiny_fit", "first LogisticRegression fit, added", "ms", 30.0)
    collected = Row("tiny_fit", "garbage collection in the first fit, added", "ms")
    later = Row("tiny_fit", "each later fit, added", "ms", 30.0)
    script = Row("tiny_fit", "whole script, added", "ms")
    script_cpu = Row("tiny_fit", "whole script, CPU added", "ms")
    for subject in options.subjects:
        if hasattr(load_peer(subject), "autolog"):
            options.say(f"tiny_fit: {subject}")
            try:
                _in_process(options, subject, (switch, first, collected, later))
                _as_script(options, subject, (script, script_cpu))
            except MeasurementFailed as error:
                options.failures.append((f"tiny_fit, {subject}", str(error)))
    script.note = "imports, database, environment and the wait at exit included"
    collected.note = "part of the line above: our objects bring forward a collection that was near"
    yield from (switch, first, collected, later, script, script_cpu)


def _in_process(options: Options, subject: str, rows: tuple[Row, ...]) -> None:
    repeats = 1 if options.quick else 7 if subject == OURS else 2
    later_fits = LATER_FITS if subject == OURS else 2
    plain, recorded = (
        lambda on=on: measure("cases.tiny_fit:fits", peer=subject, recorded=on, later=later_fits)
        for on in (False, True)
    )
    without, with_it = alternate(repeats, plain, recorded)
    switch, *compared = rows
    switch.values[subject] = value_of(each["switch"] for each in with_it)
    for row, name in zip(compared, ("first", "collected", "later"), strict=True):
        row.values[subject] = pairwise_value([e[name] for e in with_it], [e[name] for e in without])


def _as_script(options: Options, subject: str, rows: tuple[Row, Row]) -> None:
    repeats = 1 if options.quick else 7 if subject == OURS else 2
    switched_on = f"from peers import {subject}; {subject}.autolog()"
    plain, recorded = (SCRIPT.format(first=first) for first in ("", switched_on))
    timed_script(plain)
    without, with_it = alternate(
        repeats, lambda: timed_script(plain), lambda: timed_script(recorded)
    )
    for place, row in enumerate(rows):
        row.values[subject] = pairwise_value(
            [e[place] for e in with_it], [e[place] for e in without]
        )


def fits(peer: str, folder: str, recorded: bool, later: int) -> dict[str, float]:
    """Return milliseconds of the first and of a later fit; in a child process."""
    del folder
    os.environ["OMP_NUM_THREADS"] = "1"  # threads that spin for work drown milliseconds in noise
    module: Any = load_peer(peer)
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    X, y = load_iris(return_X_y=True)
    started = time.perf_counter()
    if recorded:
        module.autolog()
    switch = (time.perf_counter() - started) * 1e3
    taken, collections = [], _Collections()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(1 + later):
            started = time.perf_counter()
            LogisticRegression(max_iter=200).fit(X, y)
            taken.append((time.perf_counter() - started) * 1e3)
            collections.stop()
    _assert_recorded(recorded)
    later_ms = statistics.median(taken[1:])
    return {"switch": switch, "first": taken[0], "collected": collections.ms, "later": later_ms}


class _Collections:
    """Adds up the time of garbage collections from now until `stop`."""

    def __init__(self) -> None:
        self.ms = 0.0
        self._started = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._started = now
        else:
            self.ms += (now - self._started) * 1e3

    def stop(self) -> None:
        if self._note in gc.callbacks:
            gc.callbacks.remove(self._note)


def _assert_recorded(recorded: bool) -> None:
    """A number without a record behind it would be worth nothing."""
    written = [path for path in Path.cwd().rglob("*") if path.is_file()]
    if recorded != bool(written):
        raise AssertionError(f"recorded={recorded}, but files are {written}")
