"""Read what scikit-learn's objects know about themselves, as plain data; records nothing."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from epochlog_sklearn.parameters import deep_params, is_generator

ITEMS_MAX = 20  # longer sequences of numbers in a parameter are described, not copied
TEXT_MAX = 2000  # characters of a parameter's text


def class_path(estimator: Any) -> str:
    """Return the dotted name under which users import the estimator's class."""
    cls = type(estimator)
    parts = cls.__module__.split(".")
    if parts[0] == "sklearn":  # sklearn.linear_model._logistic -> sklearn.linear_model
        private = next((i for i, part in enumerate(parts) if part.startswith("_")), len(parts))
        parts = parts[:private]
    return ".".join([*parts, cls.__qualname__])


def is_estimator(value: Any) -> bool:
    """Whether ``value`` is an estimator object (not a class)."""
    return hasattr(value, "get_params") and not isinstance(value, type)


def describe(value: Any) -> Any:
    """Return a parameter or argument as plain data: estimators by class name, big data by shape."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if is_estimator(value):
        return type(value).__name__
    if isinstance(value, Mapping):
        return {str(key): describe(item) for key, item in list(value.items())[:ITEMS_MAX]}
    if isinstance(value, (list, tuple)):
        return _describe_sequence(value)
    if inspect.isroutine(value) or isinstance(value, type):  # numpy.int64 has a shape, too
        return f"{value.__module__}.{value.__qualname__}"
    if hasattr(value, "shape"):
        return _describe_array(value)
    return _describe_object(value)


def describe_all(values: Sequence[Any]) -> list[Any]:
    """Return each value as plain data, however many there are."""
    return [describe(value) for value in values]


def _describe_sequence(value: Sequence[Any]) -> Any:
    if len(value) > ITEMS_MAX:
        return f"{type(value).__name__} of {len(value)}"
    return [describe(item) for item in value]


def _describe_array(value: Any) -> Any:
    shape = tuple(value.shape)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.size <= ITEMS_MAX:
        return [describe(item) for item in value.tolist()]
    dtype = getattr(value, "dtype", "")
    return f"{type(value).__name__}{list(shape)} {dtype}".strip()


def _describe_object(value: Any) -> str:
    if is_generator(value):  # its repr is an address
        return str(value)
    dist = getattr(value, "dist", None)  # a frozen scipy distribution, whose repr is an address
    if dist is not None and hasattr(dist, "name"):
        words = [*map(repr, value.args), *(f"{k}={v!r}" for k, v in value.kwds.items())]
        return f"scipy.stats.{dist.name}({', '.join(words)})"
    return repr(value)[:TEXT_MAX]


def estimator_params(estimator: Any) -> dict[str, Any]:
    """Return the effective parameters, nested ones spelled ``step__name`` as scikit-learn does."""
    return {name: describe(value) for name, value in deep_params(estimator).items()}


def facts(estimator: Any, *, iterations: bool = True) -> dict[str, Any]:
    """Return what fitting found out: type, features, classes; ``iterations`` and early stop."""
    core = core_estimator(estimator)
    found = {
        "estimator.type": getattr(core, "_estimator_type", None) or _tagged_type(core),
        "estimator.n_features_in": attribute(estimator, "n_features_in_"),
        "estimator.n_classes": _count_classes(estimator),
        "estimator.n_clusters": attribute(core, "n_clusters"),
        "estimator.n_outputs": attribute(core, "n_outputs_"),
    }
    found = {key: value for key, value in found.items() if value is not None}
    return {**found, **iteration_facts(estimator)} if iterations else found


def nature(estimator: Any) -> tuple[str, Any, bool]:
    """Return (classifier, regressor … or "", its classes or None, whether scores are by pair)."""
    core = core_estimator(estimator)
    classes = classes_of(estimator)
    kind = getattr(core, "_estimator_type", None) or _tagged_type(core)
    if kind is None and classes is not None:
        kind = "classifier"
    return kind or "", classes, attribute(core, "decision_function_shape") == "ovo"


def iteration_facts(estimator: Any) -> dict[str, Any]:
    """Return the number of iterations done, and the early stop if there was one."""
    core = core_estimator(estimator)
    done = _iterations(core)
    return {} if done is None else {"estimator.n_iter": done, **_stop_facts(core)}


def attribute(owner: Any, name: str) -> Any:
    """Return an attribute, None if there is none.

    Some of scikit-learn's are computed: they may raise anything, and what they divide by zero is
    nothing that the user asked for.
    """
    try:
        with np.errstate(all="ignore"):
            value = getattr(owner, name, None)
    except Exception:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _tagged_type(estimator: Any) -> str | None:
    try:
        return estimator.__sklearn_tags__().estimator_type  # type: ignore[no-any-return]
    except Exception:
        return None


def classes_of(estimator: Any) -> np.ndarray | list[np.ndarray] | None:
    """Return a copy of the classes, a list of them for several outputs, None if there are none."""
    classes = attribute(estimator, "classes_")
    if not isinstance(classes, (list, tuple, np.ndarray)):
        return None
    try:
        if not isinstance(classes, np.ndarray) and all(np.ndim(each) == 1 for each in classes):
            return [np.array(each) for each in classes]
        found = np.array(classes)  # of a plain list, which classes of the user's own may have
    except ValueError:  # neither of both
        return None
    return found if found.ndim == 1 else None


def _count_classes(estimator: Any) -> Any:
    classes = classes_of(estimator)
    if classes is None:
        return None
    return [len(each) for each in classes] if isinstance(classes, list) else len(classes)


def _iterations(estimator: Any) -> Any:
    value = attribute(estimator, "n_iter_")
    if value is None:
        value = attribute(estimator, "n_estimators_")
    if isinstance(value, np.ndarray):
        return value.tolist() if value.size > 1 else value.item() if value.size else None
    return value


def _stop_facts(estimator: Any) -> dict[str, Any]:
    """Return whether an early-stopping estimator stopped early, and its best iteration (from 1)."""
    done, limit = _iterations(estimator), _iteration_limit(estimator)
    stops = bool(attribute(estimator, "early_stopping") or attribute(estimator, "n_iter_no_change"))
    if not (stops and isinstance(done, int) and isinstance(limit, int)):
        return {}
    found: dict[str, Any] = {"estimator.stopped_early": done < limit}
    for key, steps, values in curves(estimator):
        if key in ("val/score", "val/loss") and len(values):
            best = np.nanargmax(values) if key == "val/score" else np.nanargmin(values)
            found["estimator.best_iteration"] = int(steps[int(best)])
    return found


def _iteration_limit(estimator: Any) -> Any:
    limit = attribute(estimator, "max_iter")
    return limit if limit is not None else attribute(estimator, "n_estimators")


def core_estimator(estimator: Any) -> Any:
    """Return the model inside pipelines, searches and target transformers, which has the curves."""
    return chain(estimator)[-1]


def chain(estimator: Any) -> list[Any]:
    """Return an estimator and the one inside of it that predicts for it, and so on."""
    found = [estimator]
    for _ in range(8):  # nesting; guards against an object that contains itself
        inner = _inner(found[-1])
        if inner is None or inner is found[-1]:
            break
        found.append(inner)
    return found


def _inner(estimator: Any) -> Any:
    for name in ("best_estimator_", "regressor_"):
        inner = attribute(estimator, name)
        if inner is not None and is_estimator(inner):
            return inner
    steps = attribute(estimator, "steps")
    if isinstance(steps, list) and steps and isinstance(steps[-1], tuple):
        return steps[-1][1] if is_estimator(steps[-1][1]) else None
    return None


Curve = tuple[str, Sequence[int], Sequence[float]]


def curves(estimator: Any) -> Iterator[Curve]:
    """Yield the learning curves kept in attributes: ``(metric, steps, values)``.

    A step is the number of iterations done, so histogram boosting, which also keeps the score of
    its constant first guess, starts at 0 and all others at 1.
    """
    core = core_estimator(estimator)
    for name in _CURVES:
        curve = _curve(core, name)
        if curve is not None:
            yield curve


def _curve(core: Any, name: str) -> Curve | None:
    values = _floats(attribute(core, name))
    if values is None:
        return None
    key, steps = _CURVES[name], range(1, len(values) + 1)
    if name not in ("train_score_", "validation_score_"):
        return key, steps, values
    if not hasattr(core, "validation_score_"):  # gradient boosting keeps its loss under this name
        return key.replace("score", "loss"), steps, values
    steps = range(len(values))
    if attribute(core, "scoring") == "loss":  # kept negated ("higher is better"): a loss again
        return key.replace("score", "loss"), steps, [-value for value in values]
    return key, steps, values


_CURVES = {
    "loss_curve_": "train/loss",
    "validation_scores_": "val/score",
    "train_score_": "train/score",
    "validation_score_": "val/score",
    "oob_scores_": "oob/loss",
    "oob_improvement_": "oob/improvement",
    "estimator_errors_": "train/estimator_error",
    "lower_bounds_": "train/lower_bound",
    "costs_": "train/cost",
}
"""Attribute -> canonical metric."""


def _floats(values: Any) -> list[float] | None:
    if not isinstance(values, (list, np.ndarray)) or len(values) == 0:
        return None
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None
    return array.tolist() if array.ndim == 1 else None


def fit_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Any, Any, dict[str, Any]]:
    """Return ``(X, y, the other arguments given)`` of a call of a method like ``fit``.

    ``args`` comes without ``self``. Never raises.
    """
    given = _given(function, (None, *args), kwargs)
    if given is None:  # the user's mistake; the call itself will say so
        return (args[0] if args else kwargs.get("X")), None, {}
    given.pop(next(iter(given)))
    return _split_data(given)


def call_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Any, Any, dict[str, Any]]:
    """Bind a call of a function like ``cross_validate``; as `fit_arguments`."""
    given = _given(function, args, kwargs)
    return (None, None, {}) if given is None else _split_data(given, first="X")


_signatures: weakref.WeakKeyDictionary[Callable[..., Any], inspect.Signature] = (
    weakref.WeakKeyDictionary()
)


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Return a function's signature, which takes 100 µs to find out, from memory."""
    known = _signatures.get(function)
    if known is None:
        known = _signatures[function] = inspect.signature(function)
    return known


def _given(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    try:
        bound = signature_of(function).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return None
    given: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        if bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            given.update(value)
        else:
            given[name] = value
    return given


def _split_data(given: dict[str, Any], first: str = "") -> tuple[Any, Any, dict[str, Any]]:
    name = "X" if "X" in given else first or next(iter(given), "")
    x = given.pop(name, None)
    y = given.pop("y", given.pop("Y", None))
    return x, y, given


def count_samples(data: Any) -> int:
    """Return the number of rows, 0 if it can't be told."""
    shape = getattr(data, "shape", None)
    if shape:
        return int(shape[0])
    return len(data) if hasattr(data, "__len__") else 0


def table(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``cv_results_`` or what ``cross_validate`` gave as {"columns": {name: [values]}}."""
    return {"columns": {str(name): _column(values) for name, values in columns.items()}}


def _column(values: Any) -> list[Any]:
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        return [
            None if hidden else describe(value)
            for value, hidden in zip(values.data, mask, strict=True)
        ]
    return [describe(value) for value in values]


def size_bytes(value: Any, depth: int = 6) -> int:
    """Return about how many bytes the arrays and trees inside a fitted estimator take."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, (str, int, float, bool, type(None))) or depth == 0:
        return 0
    if isinstance(value, (list, tuple)):
        return sum(size_bytes(item, depth - 1) for item in value)
    if isinstance(value, Mapping):
        return sum(size_bytes(item, depth - 1) for item in value.values())
    kind = type(value)  # a mock or a proxy has every attribute, its class has not
    if hasattr(kind, "node_count") and hasattr(kind, "max_n_classes"):  # sklearn's compiled tree
        return int(value.node_count) * (64 + 8 * int(value.n_outputs) * int(value.max_n_classes))
    if hasattr(kind, "nnz"):  # sparse matrix
        return int(value.nnz) * 12
    return size_bytes(getattr(value, "__dict__", None), depth - 1)
