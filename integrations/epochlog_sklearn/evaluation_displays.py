"""Capture scikit-learn's Display objects: what the user draws is stored as numbers, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from epochlog.plugins.api import guard
from epochlog_sklearn import evaluation, extract
from epochlog_sklearn import evaluation_naming as naming
from epochlog_sklearn.evaluation_outputs import Seen
from epochlog_sklearn.models import Fitted, cross_validated, fitted
from epochlog_sklearn.scope import Scope, current_scope, entering, wanted

Drawn = tuple[str, dict[str, float], tuple[str, dict[str, Any]] | None]
"""(name of the plot, metrics, (kind, data))."""


def run_from_estimator(original: Callable[..., Any], cls: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``Display.from_estimator``: what the model predicts in there is caught."""
    if current_scope() is not None or not wanted("metrics"):
        return original(cls, *args, **kwargs)
    model = args[0] if args else kwargs.get("estimator")
    known = fitted.get(model)
    scope = Scope() if known is None else evaluation.Scoring(model)
    with entering(scope):
        display = original(cls, *args, **kwargs)
    if type(scope) is not evaluation.Scoring:
        return display
    with guard("sklearn display"), entering(Scope()), np.errstate(all="ignore"):
        given = extract.signature_of(original).bind(cls, *args, **kwargs).arguments
        x, y, weight = given["X"], given["y"], given.get("sample_weight")
        seen, split = evaluation.record_call(model, known, scope.caught, (x, y, weight))
        _log((known, seen, split), display, given)
    return display


def run_from_predictions(original: Callable[..., Any], cls: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``Display.from_predictions``: the model is found by its predictions."""
    return _drawn(original, cls, (args, kwargs), _log_predictions)


def run_from_cv_results(original: Callable[..., Any], cls: Any, args: Any, kwargs: Any) -> Any:
    """Stand in for ``Display.from_cv_results``: one curve a fold, for the run of that call."""
    return _drawn(original, cls, (args, kwargs), _log_cv_results)


def _drawn(
    original: Callable[..., Any],
    cls: Any,
    call: tuple[Any, Any],
    log: Callable[[Any, Any, Mapping[str, Any]], None],
) -> Any:
    """Draw; then log what was drawn: ``log(cls, display, arguments)``."""
    args, kwargs = call
    if current_scope() is not None or not wanted("metrics"):
        return original(cls, *args, **kwargs)
    with entering(Scope()):
        display = original(cls, *args, **kwargs)
    with guard("sklearn display"):
        log(cls, display, extract.signature_of(original).bind(cls, *args, **kwargs).arguments)
    return display


def _log_predictions(cls: Any, display: Any, given: Mapping[str, Any]) -> None:
    del cls
    truth = given["y_true"]
    predicted = next((given[name] for name in _PREDICTED if name in given), None)
    output, others = evaluation.find_output(truth, predicted)
    if output is not None:
        with entering(Scope()), np.errstate(all="ignore"):
            met = evaluation.Met(output, truth, predicted, others, given)
            met.evaluate()
            _log((met.known, met.seen, met.split), display, given, met.part)


def _log_cv_results(cls: Any, display: Any, given: Mapping[str, Any]) -> None:
    run = cross_validated.get(given["cv_results"]["estimator"][0])
    columns = next((_FOLDS[c.__name__] for c in cls.__mro__ if c.__name__ in _FOLDS), None)
    if run is not None and columns is not None:
        _log_folds(run, display, *columns)


_FOLDS = {
    "RocCurveDisplay": ("roc_curve", "fpr", "tpr"),
    "PrecisionRecallDisplay": ("precision_recall_curve", "precision", "recall"),
}


def _log_folds(run: Any, display: Any, name: str, *columns: str) -> None:
    """Log the curves of all folds as one plot."""
    kind, curves = "", []
    for fold, values in enumerate(zip(*(getattr(display, c) for c in columns), strict=True)):
        drawn = naming.plot_data(name, values, {"pos_label": f"fold {fold}"})
        if drawn is not None:
            kind = drawn[0]
            curves += drawn[1]["curves"]
    if curves:
        run.log_plot(f"cv/{kind}", kind, {"curves": curves})


_PREDICTED = ("y_score", "y_proba", "y_prob", "y_pred")


def _log(
    met: tuple[Fitted, Seen, str], display: Any, given: Mapping[str, Any], part: str = ""
) -> None:
    """Log what was drawn, unless the evaluation of the same predictions holds it already."""
    known, seen, split = met
    read = next((_READ[c.__name__] for c in type(display).__mro__ if c.__name__ in _READ), None)
    if read is None:
        return
    name, metrics, plot = read(display, given, known.classes)
    if part:
        name, metrics = f"{name}{part}", {f"{key}{part}": v for key, v in metrics.items()}
    fresh = {f"{split}/{key}": value for key, value in metrics.items()}
    evaluation.log_values(
        known, seen, {k: v for k, v in fresh.items() if k not in seen.logged or known.step}
    )
    key = f"{split}/{name}"
    if plot is None or key in seen.logged:
        return
    evaluated = not part and f"{split}/{plot[0]}" in seen.logged
    if not evaluated or _mirrored(plot[1], known.classes):
        known.run.log_plot(key, *plot, step=known.step)
        seen.logged[key] = None


def _mirrored(data: Mapping[str, Any], classes: Any) -> bool:
    """Return whether a curve is that of the class that evaluation calls negative."""
    binary = isinstance(classes, np.ndarray) and len(classes) == 2
    return binary and any(
        curve["label"] != extract.describe(classes[1]) for curve in data.get("curves", ())
    )


def _curve(
    display: Any, given: Mapping[str, Any], classes: Any, name: str, *columns: str
) -> tuple[str, dict[str, Any]] | None:
    values = tuple(_only(getattr(display, column)) for column in columns)
    if any(value is None for value in values):
        return None  # curves of several folds
    label = getattr(display, "pos_label", None)
    return naming.plot_data(name, values, {**given, "pos_label": label}, classes)


def _only(value: Any) -> Any:
    """Return a curve; since scikit-learn 1.7 a display may hold a list of them."""
    if isinstance(value, list):
        return value[0] if len(value) == 1 else None
    return value


def _number(value: Any) -> float | None:
    value = _only(value)
    return None if value is None else float(value)


def _roc(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    area = _number(display.roc_auc)
    plot = _curve(display, given, classes, "roc_curve", "fpr", "tpr")
    return "roc_curve", {} if area is None else {"roc_auc": area}, plot


def _precision_recall(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    area = _number(display.average_precision)
    plot = _curve(display, given, classes, "precision_recall_curve", "precision", "recall")
    metrics = {} if area is None else {"average_precision": area}
    return "precision_recall_curve", metrics, plot


def _det(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    return "det_curve", {}, _curve(display, given, classes, "det_curve", "fpr", "fnr")


def _calibration(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    given = {**given, "y_prob": display.y_prob}
    plot = _curve(display, given, classes, "calibration_curve", "prob_true", "prob_pred")
    return "calibration_curve", {}, plot


def _confusion(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    del classes
    how = given.get("normalize")
    labels = extract.describe_all(list(display.display_labels))
    plot = "confusion_matrix", {"labels": labels, "matrix": display.confusion_matrix}
    return f"confusion_matrix_{how}" if how else "confusion_matrix", {}, plot


def _nothing(display: Any, given: Mapping[str, Any], classes: Any) -> Drawn:
    """Add nothing: residuals are part of every evaluation of a regression."""
    del display, given, classes
    return "", {}, None


_READ: dict[str, Callable[[Any, Mapping[str, Any], Any], Drawn]] = {
    "RocCurveDisplay": _roc,
    "PrecisionRecallDisplay": _precision_recall,
    "DetCurveDisplay": _det,
    "CalibrationDisplay": _calibration,
    "ConfusionMatrixDisplay": _confusion,
    "PredictionErrorDisplay": _nothing,
}
DISPLAYS = tuple(_READ)
"""Classes whose ``from_estimator``, ``from_predictions``, ``from_cv_results`` are captured."""
