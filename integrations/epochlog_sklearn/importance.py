"""Say which features a fitted model leans on, by the names that the user gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from epochlog_sklearn import extract

FEATURES_MAX = 1000  # of wider models: the largest by absolute value


def feature_names(estimator: Any, count: int) -> list[str]:
    """Return the names of the ``count`` features the innermost model saw, ``x0``… if unknown."""
    for find in (_names_after_preprocessing, _names_seen):
        try:
            names = find(estimator)
        except Exception:  # a transformer without names, or the user's own one with a bug
            continue
        if names is not None and len(names) == count:
            return [str(name) for name in names]
    return [f"x{i}" for i in range(count)]


def _names_after_preprocessing(estimator: Any) -> Any:
    best = extract.attribute(estimator, "best_estimator_")
    pipeline = best if best is not None else estimator
    if not isinstance(extract.attribute(pipeline, "steps"), list):
        return None
    return pipeline[:-1].get_feature_names_out(extract.attribute(pipeline, "feature_names_in_"))


def _names_seen(estimator: Any) -> Any:
    names = extract.attribute(extract.core_estimator(estimator), "feature_names_in_")
    return names if names is not None else extract.attribute(estimator, "feature_names_in_")


def importances(estimator: Any) -> dict[str, Any] | None:
    """Return ``{"features": […], "importance": {kind: […]}}`` of a fitted model, if it has any.

    ``impurity`` comes from trees; linear models give ``coefficient``, for several classes or
    outputs one ``coefficient[class]`` each and their mean absolute value as ``coefficient_abs``.
    """
    core = extract.core_estimator(estimator)
    values = extract.attribute(core, "feature_importances_")
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return _importance_plot(estimator, {"impurity": values})
    coef = extract.attribute(core, "coef_")
    if not isinstance(coef, np.ndarray) or coef.ndim not in (1, 2) or coef.size == 0:
        return None
    rows = np.atleast_2d(coef)
    if len(rows) == 1:
        return _importance_plot(estimator, {"coefficient": rows[0]})
    labels = _row_labels(core, len(rows))
    named = {f"coefficient[{label}]": row for label, row in zip(labels, rows, strict=True)}
    if len(named) > extract.ITEMS_MAX:
        named = {}
    return _importance_plot(estimator, {"coefficient_abs": np.abs(rows).mean(axis=0), **named})


def _row_labels(estimator: Any, count: int) -> list[str]:
    classes = extract.attribute(estimator, "classes_")
    if isinstance(classes, np.ndarray) and len(classes) == count:
        return [str(label) for label in classes.tolist()]
    return [str(i) for i in range(count)]


def _importance_plot(estimator: Any, kinds: Mapping[str, np.ndarray]) -> dict[str, Any]:
    first = next(iter(kinds.values()))
    names = feature_names(estimator, len(first))
    if len(first) <= FEATURES_MAX:
        return {"features": names, "importance": {k: v.tolist() for k, v in kinds.items()}}
    top = np.sort(np.argpartition(-np.abs(first), FEATURES_MAX)[:FEATURES_MAX])
    return {
        "features": [names[i] for i in top],
        "importance": {kind: values[top].tolist() for kind, values in kinds.items()},
        "features_total": len(first),
    }
