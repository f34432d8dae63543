"""Capture test metrics: ``model.score``, and ``sklearn.metrics`` of a known model's predictions."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from epochlog.plugins.api import guard
from epochlog_sklearn import evaluation_naming as naming
from epochlog_sklearn import evaluation_outputs as outputs
from epochlog_sklearn import extract, record
from epochlog_sklearn.evaluation_meeting import meet, part_of, reevaluate, split_name
from epochlog_sklearn.evaluation_outputs import Output, Seen
from epochlog_sklearn.models import Fitted, fitted
from epochlog_sklearn.names import name_in_caller
from epochlog_sklearn.scope import Scope, current_scope, entering, wanted

DATA_BUDGET_S = 0.1


class Scoring(Scope):
    """A call of ``score``: what the model itself predicts in there is caught, not computed twice.

    Attributes:
        chain: ids of the model and of those inside of it that predict for it.
        caught: (method, array), once there is one.
    """

    __slots__ = ("caught", "chain")

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.chain = {id(each) for each in extract.chain(model)}
        self.caught: tuple[str, Any] | None = None


def run_predict(original: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``predict`` & co.: the returned array is remembered, weakly."""
    scope = current_scope()
    if scope is not None:
        if type(scope) is Scoring and scope.caught is None and id(model) in scope.chain:
            return _caught(scope, original, model, args, kwargs)
        return original(model, *args, **kwargs)
    known = fitted.get(model)
    if known is None or not wanted("metrics"):
        return original(model, *args, **kwargs)
    with entering(Scope()):
        result = original(model, *args, **kwargs)
    with guard("sklearn predict"):
        x = args[0] if args else kwargs.get("X", kwargs.get("data"))
        track(result, known, model, x, getattr(original, "__name__", "predict"))
    return result


def _caught(scope: Scoring, original: Any, model: Any, args: Any, kwargs: Any) -> Any:
    with entering(Scope()):
        result = original(model, *args, **kwargs)
    scope.caught = getattr(original, "__name__", "predict"), result
    return result


def track(result: Any, known: Fitted, model: Any, x: Any, method: str) -> None:
    """Remember that an array (or each array of a list) was predicted by a known model from X."""
    known.describe(model)
    seen = outputs.seen_of(known, x)
    if isinstance(result, tuple) and result:  # with standard deviations
        result = result[0]
    outputs.remember(known, seen, method, result, x)
    if seen.truth is not None:
        with entering(Scope()):
            reevaluate(known, seen)


def run_score(original: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``score``: its value becomes a metric of the model's run."""
    known = fitted.get(model)
    if known is None or current_scope() is not None or not wanted("metrics"):
        return original(model, *args, **kwargs)
    scope = Scoring(model)
    with entering(scope):
        value = original(model, *args, **kwargs)
    with guard("sklearn score"), entering(Scope()), np.errstate(all="ignore"):
        given = extract.fit_arguments(original, args, kwargs)
        _record_score(model, known, scope.caught, value, given)
    return value


def _record_score(
    model: Any, known: Fitted, caught: Any, value: Any, arguments: tuple[Any, Any, dict[str, Any]]
) -> None:
    x, y, given = arguments
    names = sorted({"score", _score_name(model)} - {""}) if is_number(value) else ()
    metrics = {name: float(value) for name in names}
    record_call(model, known, caught, (x, y, given.get("sample_weight")), metrics)


def is_number(value: Any) -> bool:
    """Return whether a metric's value is one number."""
    return isinstance(value, numbers.Real)


def record_call(
    model: Any,
    known: Fitted,
    caught: tuple[str, Any] | None,
    data: tuple[Any, Any, Any],
    metrics: Mapping[str, float] = {},
) -> tuple[Seen, str]:
    """Record a call that was given a model, data and their truth; return (data, split).

    Args:
        model: the user's.
        known: what is known of it.
        caught: (method, what it predicted) during the call, or None.
        data: X, truth or None, weights or None.
        metrics: what the call found out, by name without the split.
    """
    x, y, weight = data
    known.describe(model)
    seen = outputs.seen_of(known, x)
    split = split_name(known, x)
    if metrics:
        log_values(known, seen, {f"{split}/{name}": value for name, value in metrics.items()})
    _log_data(known, x, y, split)
    if y is not None:
        if caught is not None and len(caught[1]) == outputs.length(y):
            outputs.remember(known, seen, caught[0], caught[1], x)
        meet(known, seen, y, weight, split)
    return seen, split


def _score_name(model: Any) -> str:
    """Return what ``model.score`` really computes: accuracy, r2, a search's scoring, or ""."""
    scoring = extract.attribute(model, "scoring")
    if hasattr(model, "cv_results_") and scoring is not None:
        return scoring if isinstance(scoring, str) else ""
    score = getattr(type(extract.core_estimator(model)), "score", None)
    return _SCORES.get(getattr(score, "__qualname__", "").partition(".")[0], "")


_SCORES = {
    "ClassifierMixin": "accuracy",
    "RegressorMixin": "r2",
    "CatBoostClassifier": "accuracy",
    "CatBoostRegressor": "r2",
}
"""Class that defines ``score`` -> what it computes."""


def run_metric(original: Callable[..., Any], names: tuple[str, str], args: Any, kwargs: Any) -> Any:
    """Stand in for a function of ``sklearn.metrics``; ``names`` are its first two parameters."""
    if current_scope() is not None or not wanted("metrics"):
        return original(*args, **kwargs)
    with entering(Scope()):
        value = original(*args, **kwargs)
    with guard("sklearn metric"):
        truth, predicted = (
            args[place] if len(args) > place else kwargs.get(name)
            for place, name in enumerate(names)
        )
        output, others = find_output(truth, predicted)
        if output is not None:
            if output is outputs.find(truth):
                truth, predicted = predicted, truth
            call = Call(original, args, kwargs, value)
            with entering(Scope()), np.errstate(all="ignore"):
                met = Met(output, truth, predicted, others, call.arguments)
                _log_value(call, met)
                met.evaluate()
    return value


def find_output(truth: Any, predicted: Any) -> tuple[Output | None, int]:
    """Return the prediction that is compared, and how many other models' would do as well."""
    output = outputs.find(predicted) or outputs.find(truth)
    if output is not None or not outputs.any_recent(predicted):
        return output, 0
    with np.errstate(all="ignore"):
        return outputs.find_like(predicted, truth) or (None, 0)


class Call:
    """A call of a metric.

    Attributes:
        function: of ``sklearn.metrics``.
        arguments: all, with their defaults.
        value: what it returned.
    """

    __slots__ = ("arguments", "function", "value")

    def __init__(self, function: Any, args: Any, kwargs: Any, value: Any) -> None:
        bound = extract.signature_of(function).bind(*args, **kwargs)
        bound.apply_defaults()
        self.function = function
        self.arguments = bound.arguments
        self.value = value


class Met:
    """A known model's predictions, compared with something.

    Attributes:
        known: the model.
        seen: what was predicted from.
        split: train, val, test or cv.
        part: ``[class]`` if the scores of one of several classes were compared, else "".
    """

    __slots__ = ("_arguments", "_compared", "_truth", "known", "part", "seen", "split")

    def __init__(
        self, output: Output, truth: Any, predicted: Any, others: int, arguments: Mapping[str, Any]
    ) -> None:
        self.known, self.seen = output.known, output.seen
        x = self.seen.x()
        self.split = split_name(self.known, x)
        self._truth, self._arguments = truth, arguments
        self.part, whole = part_of(output, predicted, truth)
        rows = outputs.length(truth) == output.rows == outputs.length(predicted)
        self._compared = rows and whole and "y_true" in arguments
        if self._compared:
            self.seen = _same_data(self.known, self.seen, truth)
        _log_data(self.known, x, truth if self._compared else None, self.split)
        if others and self.known.first_time("others", self.split):
            text = (
                f"{self.split} metrics were computed of a copy of predictions that equals those of "
                f"{others} other model{'s' if others > 1 else ''}; the newest got them"
            )
            self.known.run.log_notice(text, source="sklearn")

    def evaluate(self) -> None:
        """Evaluate the predictions, now that their truth is known."""
        if self._compared and outputs.find(self._truth) is None:  # predictions are no truth
            weight = self._arguments.get("sample_weight")
            meet(self.known, self.seen, self._truth, weight, self.split)


def _same_data(known: Fitted, seen: Seen, truth: Any) -> Seen:
    """Return the entry of the data: ``X[names]`` is a new object each time, its truth is not."""
    for other in known.seen:
        if other is seen or other.truth is None or not other.truth.is_object(truth):
            continue
        if other.x() is None or seen.x() is None:
            other.outputs |= seen.outputs
            return other  # type: ignore[no-any-return]
    return seen


def _log_value(call: Call, met: Met) -> None:
    known, seen, split = met.known, met.seen, met.split
    value, name = call.value, naming.metric_name(call.function, call.arguments)
    key = f"{split}/{name}{met.part}"
    if is_number(value):
        log_values(known, seen, {key: float(value)})
        own = f"{split}/{naming.own_name(call.function)}{met.part}"
        if naming.is_renamed(call.function, name) and known.first_time("alias", key):
            known.run.log_metric_aliases({key: own})
    elif isinstance(value, np.ndarray) and value.ndim == 1 and "matrix" not in key:
        log_values(known, seen, naming.per_label(key, value, call.arguments))
    elif isinstance(value, str):
        known.run.log_text(key, value)
    else:
        function = call.function.__name__
        plot = naming.plot_data(function, value, call.arguments, known.classes)
        if plot is not None:
            known.run.log_plot(key, *plot, step=known.step)
            seen.logged[key] = None
        elif isinstance(value, (tuple, Mapping)):
            log_values(known, seen, naming.named_values(split, function, value))


def log_values(known: Fitted, seen: Seen, metrics: Mapping[str, float]) -> None:
    """Log metrics once per data set and value."""
    fresh = {
        key: value
        for key, value in metrics.items()
        if known.step is not None or seen.logged.get(key) != value
    }
    if fresh:
        known.run.log_metrics(fresh, step=known.step)
        seen.logged |= fresh


def _log_data(known: Fitted, x: Any, y: Any, split: str) -> None:
    """Log the data set's fingerprint the first time."""
    if x is None or split not in ("test", "val"):
        return
    role, name = "validation" if split == "val" else "test", name_in_caller(x)
    # By name and shape: a loop that scores ``frame.values`` makes a new object each time.
    if known.first_time(role, name, getattr(x, "shape", None)):
        record.log_data(known.run, x, y, role, DATA_BUDGET_S, name=name)
