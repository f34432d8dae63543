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
from epochlog_sklearn.evaluation_meeting import meet, reevaluate, split_name
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
    known.describe(model)
    seen = outputs.seen_of(known, x)
    split = split_name(known, x)
    if isinstance(value, numbers.Real):
        names = {"score", _score_name(model)} - {""}
        _log(known, seen, {f"{split}/{name}": float(value) for name in sorted(names)})
        _log_data(known, x, y, split)
    if y is None:
        return
    if caught is not None and len(caught[1]) == outputs.length(y):
        outputs.remember(known, seen, caught[0], caught[1], x)
    meet(known, seen, y, given.get("sample_weight"), split)


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
        output, others = _found(truth, predicted)
        if output is not None:
            if output is outputs.find(truth):
                truth, predicted = predicted, truth
            call = Call(original, args, kwargs, value)
            with entering(Scope()), np.errstate(all="ignore"):
                _record_metric(call, output, truth, predicted, others)
    return value


def _found(truth: Any, predicted: Any) -> tuple[Output | None, int]:
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


def _record_metric(call: Call, output: Output, truth: Any, predicted: Any, others: int) -> None:
    known, seen = output.known, output.seen
    x = seen.x()
    split = split_name(known, x)
    whole = outputs.length(truth) == output.rows == outputs.length(predicted)
    compared = whole and "y_true" in call.arguments
    if compared:
        seen = _same_data(known, seen, truth)
    _log_value(call, known, seen, split)
    _log_data(known, x, truth if compared else None, split)
    if others and known.first_time("others", split):
        text = (
            f"{split} metrics were computed of a copy of predictions that equals those of "
            f"{others} other model{'s' if others > 1 else ''}; the newest got them"
        )
        known.run.log_notice(text, source="sklearn")
    if compared and outputs.find(truth) is None:  # another model's predictions are no truth
        meet(known, seen, truth, call.arguments.get("sample_weight"), split)


def _same_data(known: Fitted, seen: Seen, truth: Any) -> Seen:
    """Return the entry of the data: ``X[names]`` is a new object each time, its truth is not."""
    for other in known.seen:
        if other is seen or other.truth is None or not other.truth.is_object(truth):
            continue
        if other.x() is None or seen.x() is None:
            other.outputs |= seen.outputs
            return other  # type: ignore[no-any-return]
    return seen


def _log_value(call: Call, known: Fitted, seen: Seen, split: str) -> None:
    value, name = call.value, naming.metric_name(call.function, call.arguments)
    key = f"{split}/{name}"
    if isinstance(value, numbers.Real):
        _log(known, seen, {key: float(value)})
        own = f"{split}/{naming.own_name(call.function)}"
        if naming.is_renamed(call.function, name) and known.first_time("alias", key):
            known.run.log_metric_aliases({key: own})
    elif isinstance(value, np.ndarray) and value.ndim == 1 and "matrix" not in key:
        _log(known, seen, naming.per_label(key, value, call.arguments))
    elif isinstance(value, str):
        known.run.log_text(key, value)
    else:
        function = call.function.__name__
        plot = naming.plot_data(function, value, call.arguments, known.classes)
        if plot is not None:
            known.run.log_plot(key, *plot, step=known.step)
            seen.logged[key] = None
        elif isinstance(value, (tuple, Mapping)):
            _log(known, seen, naming.named_values(split, function, value))


def _log(known: Fitted, seen: Seen, metrics: Mapping[str, float]) -> None:
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
