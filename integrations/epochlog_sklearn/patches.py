"""Enter scikit-learn: wrap what learns, predicts and scores, in classes of today and tomorrow."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    Run,
    add_fitted_listener,
    guard,
    patch_functions,
    patch_method,
    remove_run_listeners,
    when_imported,
)
from epochlog_sklearn import (
    callback,
    evaluation,
    evaluation_displays,
    evaluation_outputs,
    evaluation_scorers,
    models,
    parallel,
    scope,
    streams,
)

OWNER = scope.SOURCE
CROSS_VALIDATIONS = (
    "cross_validate",
    "cross_val_score",
    "cross_val_predict",
    "learning_curve",
    "validation_curve",
    "permutation_test_score",
)
_METRIC_SECOND_ARGUMENTS = {
    "y_pred",
    "y_score",
    "y_proba",
    "pred_decision",
    "labels_pred",
    "labels",
    "y2",
}
_FOREIGN = ("builtins", "typing", "abc", "torch", "collections")
_state = {"on": False}
_hooked: set[str] = set()


def instrument(options: IntegrationOptions) -> None:
    """Switch recording on; called once scikit-learn's base of all estimators is imported."""
    import joblib
    from sklearn.base import BaseEstimator

    scope.options.update(options.values)
    _state["on"] = True
    for cls in list(_subclasses(BaseEstimator)):
        _patch_class(cls)
    patch_method(BaseEstimator, "__init_subclass__", _make_init_subclass, owner=OWNER, always=True)
    patch_method(joblib.Parallel, "__call__", _make_parallel, owner=OWNER, always=True)
    streams.watch()
    add_fitted_listener(_know_fitted, owner=OWNER)
    for name, patch in _SUBMODULES.items():
        if name in sys.modules:
            patch(sys.modules[name])
        if name not in _hooked:
            _hooked.add(name)
            when_imported(name, patch)


def uninstrument() -> None:
    """Forget what is remembered; the patches themselves are taken off by epochlog."""
    _state["on"] = False
    streams.finish_all()
    remove_run_listeners(OWNER)
    models.fitted.clear()
    evaluation_outputs.forget_all()


def _subclasses(cls: type) -> Iterator[type]:
    seen: set[type] = set()
    pending: list[type] = [cls]
    child: type
    while pending:
        for child in type.__subclasses__(pending.pop()):
            if child not in seen:
                seen.add(child)
                pending.append(child)
                yield child


def _patch_class(cls: type) -> None:
    """Wrap the methods that a class itself defines, and those of its mixins."""
    for owner in cls.__mro__:
        if owner.__module__.partition(".")[0] in _FOREIGN:
            continue
        for name, make in _MAKERS.items():
            if name in owner.__dict__ and not (
                name == "fit_transform" and "fit" not in owner.__dict__
            ):
                with guard(f"patch of {owner.__name__}.{name}"):
                    _patch_one(owner, name, make)


def _patch_one(owner: type, name: str, make: Any) -> None:
    try:
        patch_method(owner, name, make, owner=OWNER)
    except (
        TypeError,
        AttributeError,
    ):  # not a method: a property, a nested class, a read-only type
        return


def _make_fit(original: Callable[..., Any]) -> Callable[..., Any]:
    def fit(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return callback.run_fit(original, self, args, kwargs)

    return fit


def _make_partial_fit(original: Callable[..., Any]) -> Callable[..., Any]:
    def partial_fit(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return streams.run_partial_fit(original, self, args, kwargs)

    return partial_fit


def _make_predict(original: Callable[..., Any]) -> Callable[..., Any]:
    def predict(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation.run_predict(original, self, args, kwargs)

    return predict


def _make_score(original: Callable[..., Any]) -> Callable[..., Any]:
    def score(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation.run_score(original, self, args, kwargs)

    return score


_MAKERS = {
    "fit": _make_fit,
    "fit_predict": _make_fit,
    "fit_transform": _make_fit,
    "partial_fit": _make_partial_fit,
    "predict": _make_predict,
    "predict_proba": _make_predict,
    "predict_log_proba": _make_predict,
    "decision_function": _make_predict,
    "score": _make_score,
}
_PREDICTING = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")


def _know_fitted(run: Run, model: Any, data: Any) -> None:
    """Take part in what models of other frameworks predict; their fits are theirs to record."""
    if scope.current_scope() is None:
        for name in _PREDICTING:
            _patch_inherited(type(model), name)
        models.fitted.set(model, models.Fitted(run, data))


def _patch_inherited(cls: type, name: str) -> None:
    """Wrap a method where it is defined, in the class itself or above it."""
    for owner in cls.__mro__:
        if name in owner.__dict__:
            _patch_one(owner, name, _MAKERS[name])
            return


def _make_init_subclass(original: Callable[..., Any]) -> Callable[..., Any]:
    def init_subclass(cls: type, /, **kwargs: Any) -> None:
        original(cls, **kwargs)
        if _state["on"]:
            _patch_class(cls)

    return init_subclass


def _make_parallel(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, /, iterable: Any) -> Any:
        return parallel.run_parallel(original, self, iterable)

    return call


def _make_cross_validation(original: Callable[..., Any]) -> Callable[..., Any]:
    def cross_validation(*args: Any, **kwargs: Any) -> Any:
        return callback.run_cross_validation(original, args, kwargs)

    return cross_validation


def _make_metric(original: Callable[..., Any]) -> Callable[..., Any]:
    truth, predicted, *_ = inspect.signature(original).parameters

    def metric(*args: Any, **kwargs: Any) -> Any:
        return evaluation.run_metric(original, (truth, predicted), args, kwargs)

    return metric


def _patch_cross_validations(module: ModuleType) -> None:
    if _state["on"]:
        makes = {
            name: _make_cross_validation for name in CROSS_VALIDATIONS if hasattr(module, name)
        }
        patch_functions(module, makes, owner=OWNER, inside=False)
        drawing = sys.modules.get(f"{module.__name__}._plot")  # what LearningCurveDisplay calls
        if drawing is not None:
            makes = {name: make for name, make in makes.items() if hasattr(drawing, name)}
            patch_functions(drawing, makes, owner=OWNER, inside=False)


def _patch_metrics(module: ModuleType) -> None:
    if _state["on"] and scope.wanted("metrics"):
        makes = dict.fromkeys(_metric_names(module), _make_metric)
        patch_functions(module, makes, owner=OWNER, inside=False)
        _patch_displays(module)
        scorers = sys.modules.get(f"{module.__name__}._scorer")
        if scorers is not None and hasattr(scorers, "check_scoring"):
            makes = {"check_scoring": _make_check_scoring}
            patch_functions(scorers, makes, owner=OWNER, always=True)
        if scorers is not None and hasattr(scorers, "_BaseScorer"):
            patch_method(scorers._BaseScorer, "__call__", _make_scorer, owner=OWNER)


def _patch_calibration(module: ModuleType) -> None:
    if _state["on"] and scope.wanted("metrics"):
        patch_functions(module, {"calibration_curve": _make_metric}, owner=OWNER, inside=False)
        _patch_displays(module)


def _patch_displays(module: ModuleType) -> None:
    for name in evaluation_displays.DISPLAYS:
        cls: Any = getattr(module, name, None)
        for method, make in _DISPLAY_MAKERS.items():
            if hasattr(cls, method):
                patch_method(cls, method, make, owner=OWNER)


def _patch_inspection(module: ModuleType) -> None:
    if _state["on"]:
        makes = {
            "permutation_importance": _make_permutation_importance,
            "partial_dependence": _make_inspection,
        }
        patch_functions(module, makes, owner=OWNER, inside=False)


def _make_scorer(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation_scorers.run_scorer(original, self, args, kwargs)

    return call


def _make_from_estimator(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_estimator(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation_displays.run_from_estimator(original, cls, args, kwargs)

    return from_estimator


def _make_from_cv_results(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_cv_results(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation_displays.run_from_cv_results(original, cls, args, kwargs)

    return from_cv_results


def _make_from_predictions(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_predictions(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
        return evaluation_displays.run_from_predictions(original, cls, args, kwargs)

    return from_predictions


_DISPLAY_MAKERS = {
    "from_estimator": _make_from_estimator,
    "from_predictions": _make_from_predictions,
    "from_cv_results": _make_from_cv_results,
}


def _make_permutation_importance(original: Callable[..., Any]) -> Callable[..., Any]:
    def permutation_importance(*args: Any, **kwargs: Any) -> Any:
        return evaluation_scorers.run_permutation_importance(original, args, kwargs)

    return permutation_importance


def _make_inspection(original: Callable[..., Any]) -> Callable[..., Any]:
    def inspection(*args: Any, **kwargs: Any) -> Any:
        return evaluation_scorers.run_inspection(original, args, kwargs)

    return inspection


def _make_check_scoring(original: Callable[..., Any]) -> Callable[..., Any]:
    """Show scikit-learn its own metric, not a wrapped one.

    It tells a metric from a scorer by a private ``__module__``, where pickle would not find ours.
    """

    def check_scoring(*args: Any, **kwargs: Any) -> Any:
        args = tuple(_own_metric(each) for each in args)
        return original(*args, **{k: _own_metric(value) for k, value in kwargs.items()})

    return check_scoring


def _own_metric(value: Any) -> Any:
    wrapped = inspect.isfunction(value) and value.__module__ == "sklearn.metrics"
    return getattr(value, "__wrapped__", value) if wrapped else value


_SUBMODULES = {
    "sklearn.model_selection": _patch_cross_validations,
    "sklearn.metrics": _patch_metrics,
    "sklearn.calibration": _patch_calibration,
    "sklearn.inspection": _patch_inspection,
}


def _metric_names(module: ModuleType) -> Iterator[str]:
    """Yield the functions that compare predictions with something, by the name of an argument."""
    for name in module.__all__:
        function = getattr(module, name, None)
        if inspect.isfunction(function):
            second = list(inspect.signature(function).parameters)[1:2]
            if second and second[0] in _METRIC_SECOND_ARGUMENTS:
                yield name
