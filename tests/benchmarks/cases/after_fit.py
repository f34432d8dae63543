"""What a metric call costs while models are known, and what a fit costs afterwards, by budget."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, value_of

CALLS = 400
ROWS = 200
METRIC_TARGET_US = 50.0
FLOOR_S = 0.25


def benchmark(options: Options) -> Iterator[Row]:
    """Processor time, recorded and paused calls in turn in one process."""
    options.say("after_fit")
    repeats = 1 if options.quick else 5
    rows = {
        "other length": Row(
            "after_fit", "accuracy_score, nothing of that length", "µs", METRIC_TARGET_US
        ),
        "no match": Row("after_fit", "accuracy_score, nobody's predictions", "µs"),
        "match": Row("after_fit", "accuracy_score, known predictions", "µs"),
        "many models": Row("after_fit", "accuracy_score, 8 models of 10 classes", "µs"),
        "budget": Row(
            "after_fit", "fit on 100 MB by a model that keeps them, added", "ms", 1e3 * FLOOR_S
        ),
    }
    try:
        found = [
            measure("cases.after_fit:costs", calls=CALLS // (4 if options.quick else 1))
            for _ in range(repeats)
        ]
    except MeasurementFailed as error:
        options.failures.append(("after_fit", str(error)))
        return
    for name, row in rows.items():
        row.values[OURS] = value_of(each[name] for each in found)
    rows["budget"].note = f"the floor of the budget is {FLOOR_S} s, for a fit of less than 5 s"
    yield from rows.values()


def costs(folder: str, calls: int) -> dict[str, float]:
    """Return microseconds a call and milliseconds a fit, by name; in a child process."""
    del folder
    os.environ["OMP_NUM_THREADS"] = "1"
    import numpy as np
    from sklearn.metrics import accuracy_score
    from sklearn.naive_bayes import GaussianNB

    import epochlog

    epochlog.autolog(hardware=False)
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(2 * ROWS, 10)), draw.integers(0, 2, 2 * ROWS)
    model = GaussianNB().fit(X[:ROWS], y[:ROWS])
    truth, predicted = y[ROWS:], model.predict(X[ROWS:])
    strange = draw.integers(0, 2, ROWS)
    found = {
        "other length": _added(calls, lambda: accuracy_score(truth[1:], strange[1:])),
        "no match": _added(calls, lambda: accuracy_score(truth, strange)),
        "match": _added(calls, lambda: accuracy_score(truth, predicted)),
    }
    classes = draw.integers(0, 10, 2 * ROWS)
    models = [GaussianNB().fit(X[:ROWS], classes[:ROWS]) for _ in range(8)]
    kept = [(each.predict(X[ROWS:]), each.predict_proba(X[ROWS:])) for each in models]
    found["many models"] = _added(calls, lambda: accuracy_score(classes[ROWS:], classes[:ROWS]))
    del kept
    found["budget"] = _fit_ms()
    return found


def _added(calls: int, work: Callable[[], Any]) -> float:
    """Return the microseconds that recording adds, by the fast twentieth of the calls."""
    import epochlog

    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(calls):
        taken[True].append(_processor_s(work))
        with epochlog.paused():
            taken[False].append(_processor_s(work))
    on, off = (sorted(each)[calls // 20] for each in (taken[True], taken[False]))
    return (on - off) * 1e6


def _processor_s(work: Callable[[], Any]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _fit_ms() -> float:
    import numpy as np
    from sklearn.neighbors import KNeighborsClassifier

    import epochlog

    X = np.random.default_rng(0).random((1_250_000, 10))
    y = (X[:, 0] > 0.5).astype(int)
    model = KNeighborsClassifier(algorithm="brute")  # keeps the data, and learns nothing
    with epochlog.paused():
        plain = _processor_s(lambda: model.fit(X, y))
    return (_processor_s(lambda: model.fit(X, y)) - plain) * 1e3
