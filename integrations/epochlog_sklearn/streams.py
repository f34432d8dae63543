"""Record estimators that learn by ``partial_fit``: one run per estimator, however many calls."""

from __future__ import annotations

import atexit
import traceback
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import Budget, add_run_listener, guard, open_fit
from epochlog_sklearn import extract, record
from epochlog_sklearn.models import Fitted, WeakIdentityMap, fitted
from epochlog_sklearn.scope import SOURCE, Scope, current_scope, entering, is_model, recording_here

DATA_BUDGET_S = 0.05


class Stream:
    """The open run of one estimator.

    Attributes:
        fitted: its entry among the fitted models; ``step`` counts the calls.
        samples: seen so far.
    """

    def __init__(self, estimator: Any, run: Any, *, owned: bool) -> None:
        self.run = run
        self.owned = owned
        self.samples = 0
        self.fitted = Fitted(run, None, step=0)
        # Ended later, not in the garbage collector, which may run inside one of our own locks.
        self.estimator = weakref.ref(estimator, lambda _: _orphans.append(self))


_streams = WeakIdentityMap()
_open: dict[int, Stream] = {}
_orphans: deque[Stream] = deque()


def run_partial_fit(original: Callable[..., Any], estimator: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``partial_fit``."""
    outer = current_scope()
    if outer is not None:
        return outer.run_nested(original, estimator, args, kwargs)
    stream = None
    with guard("sklearn partial_fit"):
        end_orphans()
        if is_model(estimator) and recording_here():
            stream = _stream_of(original, estimator, args, kwargs)
    try:
        with entering(Scope(id(estimator))):
            result = original(estimator, *args, **kwargs)
    except BaseException as error:
        with guard("sklearn failed partial_fit"):
            if stream is not None:
                _fail(stream, error)
        raise
    with guard("sklearn partial_fit results"):
        if stream is not None:
            _record_call(stream, original, estimator, args, kwargs)
    return result


def _stream_of(original: Any, estimator: Any, args: Any, kwargs: Any) -> Stream:
    stream: Stream | None = _streams.get(estimator)
    if stream is not None and id(stream) in _open:
        return stream
    fit = open_fit(type(estimator).__name__, source=SOURCE)
    stream = Stream(estimator, fit.run, owned=fit.owned)
    _streams.set(estimator, stream)
    _open[id(stream)] = stream
    fitted.set(estimator, stream.fitted)
    x, y, given = extract.fit_arguments(original, args, kwargs)
    record.log_call(fit.run, estimator, given)
    record.log_data(fit.run, x, y, "train", DATA_BUDGET_S)
    return stream


def _record_call(stream: Stream, original: Any, estimator: Any, args: Any, kwargs: Any) -> None:
    x = extract.fit_arguments(original, args, kwargs)[0]
    stream.fitted.step = step = (stream.fitted.step or 0) + 1
    stream.samples += extract.count_samples(x)
    metrics = {"train/samples_seen": float(stream.samples)}
    loss = extract.attribute(extract.core_estimator(estimator), "loss_")
    if isinstance(loss, float):
        metrics["train/loss"] = loss
    stream.run.log_metrics(metrics, step=step)
    if step == 1:
        stream.run.log_params(extract.facts(estimator, iterations=False))


def _fail(stream: Stream, error: BaseException) -> None:
    _open.pop(id(stream), None)
    if stream.owned:
        status = "failed" if isinstance(error, Exception) else "canceled"
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        stream.run.end(status, reason, "".join(traceback.format_exception(error)))


def finish(estimator: Any) -> None:
    """End the run of an estimator's ``partial_fit`` calls, if there is one."""
    end_orphans()
    stream = _streams.get(estimator)
    if stream is not None:
        _end(stream)


def end_orphans() -> None:
    """End the runs of estimators that were freed."""
    while _orphans:
        _end(_orphans.popleft())


def _end(stream: Stream) -> None:
    if _open.pop(id(stream), None) is None:
        return
    estimator = stream.estimator()
    if estimator is not None:
        with entering(Scope()):
            record.log_fitted(stream.run, estimator, Budget(0.0), iterations=False)
    if stream.owned:
        stream.run.end("completed")


def finish_all() -> None:
    """End all runs of ``partial_fit`` calls, as at the end of the process."""
    end_orphans()
    for stream in list(_open.values()):
        with guard("sklearn end of partial_fit"):
            _end(stream)


def _closing(run: Any) -> None:
    """The user's run is about to end: what learned in it, or in a child of it, is finished."""
    for stream in list(_open.values()):
        if stream.run is run or stream.run.parent_id == run.id:
            _end(stream)


def watch() -> None:
    """Finish streams with the user's run, or with the process."""
    add_run_listener(closing=_closing, owner=SOURCE)
    atexit.unregister(finish_all)
    atexit.register(finish_all)
