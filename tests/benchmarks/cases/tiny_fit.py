"""What a tiny LogisticRegression fit costs more with ``autolog()``: in the process and as a script."""

from __future__ import annotations

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
    later = Row("tiny_fit", "each later fit, added", "ms", 30.0)
    script = Row("tiny_fit", "whole script, added", "ms")
    script_cpu = Row("tiny_fit", "whole script, CPU added", "ms")
    for subject in options.subjects:
        if hasattr(load_peer(subject), "autolog"):
            options.say(f"tiny_fit: {subject}")
            try:
                _in_process(options, subject, (switch, first, later))
                _as_script(options, subject, (script, script_cpu))
            except MeasurementFailed as error:
                options.failures.append((f"tiny_fit, {subject}", str(error)))
    script.note = "imports, database, environment and the wait at exit included"
    yield from (switch, first, later, script, script_cpu)


def _in_process(options: Options, subject: str, rows: tuple[Row, Row, Row]) -> None:
    repeats = 1 if options.quick else 7 if subject == OURS else 2
    later_fits = LATER_FITS if subject == OURS else 2
    plain, recorded = (
        lambda on=on: measure("cases.tiny_fit:fits", peer=subject, recorded=on, later=later_fits)
        for on in (False, True)
    )
    without, with_it = alternate(repeats, plain, recorded)
    switch, first, later = rows
    switch.values[subject] = value_of(each["switch"] for each in with_it)
    for row, name in ((first, "first"), (later, "later")):
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
    module: Any = load_peer(peer)
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    X, y = load_iris(return_X_y=True)
    started = time.perf_counter()
    if recorded:
        module.autolog()
    switch = (time.perf_counter() - started) * 1e3
    taken = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(1 + later):
            started = time.perf_counter()
            LogisticRegression(max_iter=200).fit(X, y)
            taken.append((time.perf_counter() - started) * 1e3)
    _assert_recorded(recorded)
    return {"switch": switch, "first": taken[0], "later": statistics.median(taken[1:])}


def _assert_recorded(recorded: bool) -> None:
    """A number without a record behind it would be worth nothing."""
    written = [path for path in Path.cwd().rglob("*") if path.is_file()]
    if recorded != bool(written):
        raise AssertionError(f"recorded={recorded}, but files are {written}")
