"""Say what goes into a fitted estimator and what comes out, from its data and its attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from epochlog.plugins.api import signature, spec, specs_of
from epochlog_sklearn.extract import attribute, classes_of


def signature_of(estimator: Any, x: Any) -> dict[str, Any]:
    """Return names, dtypes and shapes of inputs and outputs; the estimator is never called.

    Args:
        estimator: a fitted one.
        x: what it was fitted on; None if that is gone: then the names and the number of features
            that it remembers are used.
    """
    return signature(specs_of(x) or _remembered(estimator), _outputs(estimator))


def _remembered(estimator: Any) -> list[dict[str, Any]]:
    names = attribute(estimator, "feature_names_in_")
    count = attribute(estimator, "n_features_in_")
    if names is not None:
        return [spec(str(name), "", [None]) for name in names]
    return [] if count is None else [spec("X", "", [None, count])]


def _outputs(estimator: Any) -> list[dict[str, Any]]:
    classes = classes_of(estimator)
    if isinstance(classes, np.ndarray):
        found = [spec("predict", classes.dtype, [None])] if _has(estimator, "predict") else []
        if _has(estimator, "predict_proba"):
            found.append(spec("predict_proba", "float", [None, len(classes)]))
        return found
    if isinstance(classes, list):  # several outputs
        dtype = np.result_type(*(each.dtype for each in classes)) if classes else ""
        return [spec("predict", dtype, [None, len(classes)])]
    if isinstance(attribute(estimator, "labels_"), np.ndarray):
        return [spec("labels_", estimator.labels_.dtype, [None])]
    if not _has(estimator, "predict"):
        return []
    outputs = attribute(estimator, "n_outputs_")
    several = isinstance(outputs, (int, np.integer)) and outputs > 1
    return [spec("predict", "float", [None, outputs] if several else [None])]


def _has(estimator: Any, method: str) -> bool:
    return attribute(estimator, method) is not None
