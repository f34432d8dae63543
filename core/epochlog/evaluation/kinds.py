"""Every kind of plot: which numbers it holds, so that anybody can draw and compare it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PlotKind:
    """The schema of a kind of plot.

    Attributes:
        name: what ``log_plot(key, kind, data)`` is given.
        title: for people.
        fields: name of an entry of ``data`` -> what it is; those of ``curve`` are columns of equal
            length (or single values) of each curve in ``data["curves"]``.
        curve: the same for each curve; empty if the kind has no curves.
        x, y: what is drawn: names of columns; "" if it is no line.
        optional: entries that may be missing.
    """

    name: str
    title: str
    fields: Mapping[str, str] = field(default_factory=dict)
    curve: Mapping[str, str] = field(default_factory=dict)
    x: str = ""
    y: str = ""
    optional: frozenset[str] = frozenset()


_LABEL = {"label": "the class, or micro for all of them together"}

KINDS: dict[str, PlotKind] = {
    kind.name: kind
    for kind in (
        PlotKind(
            "roc",
            "ROC curve",
            curve=_LABEL
            | {
                "fpr": "false positive rate, rising",
                "tpr": "true positive rate",
                "thresholds": "score from which on a row counts as positive; the first is ∞",
                "auc": "area under all points, of which up to 1,000 are kept",
            },
            x="fpr",
            y="tpr",
            optional=frozenset(("thresholds", "auc")),
        ),
        PlotKind(
            "precision_recall",
            "precision-recall curve",
            curve=_LABEL
            | {
                "recall": "found share of the positives, rising",
                "precision": "right share of what was called positive",
                "thresholds": "score from which on a row counts as positive",
                "average_precision": "area under the steps of all points",
                "positive_share": "share of positives: the precision of guessing",
            },
            x="recall",
            y="precision",
            optional=frozenset(("thresholds", "average_precision", "positive_share")),
        ),
        PlotKind(
            "det",
            "detection error tradeoff",
            curve=_LABEL
            | {
                "fpr": "false positive rate",
                "fnr": "false negative rate: missed share of the positives",
                "thresholds": "score from which on a row counts as positive",
            },
            x="fpr",
            y="fnr",
            optional=frozenset(("thresholds",)),
        ),
        PlotKind(
            "calibration",
            "calibration",
            curve=_LABEL
            | {
                "predicted": "mean probability of each filled bin",
                "observed": "share of positives in it",
                "count": "rows in it",
                "bin": "number of the bin",
                "edges": "of all bins",
                "brier": "mean squared difference of probability and truth",
                "ece": "expected calibration error",
            },
            x="predicted",
            y="observed",
            optional=frozenset(("bin", "edges", "brier", "ece")),
        ),
        PlotKind(
            "gain",
            "cumulative gain and lift",
            curve=_LABEL
            | {
                "share": "share of all rows, the highest scores first",
                "gain": "share of the positives among them",
                "lift": "gain divided by share",
            },
            x="share",
            y="gain",
        ),
        PlotKind(
            "threshold",
            "choice of a threshold",
            {
                "thresholds": "scores, falling",
                "precision": "at each",
                "recall": "at each",
                "f1": "at each",
                "f_beta": "at each, for ``beta``",
                "cost": "false alarms plus ``cost_ratio`` times misses, per row",
                "predicted_positive_share": "share of rows called positive",
                "beta": "weight of recall",
                "cost_ratio": "cost of a miss in false alarms",
            },
            x="thresholds",
            y="f1",
        ),
        PlotKind(
            "confusion_matrix",
            "confusion matrix",
            {"labels": "classes", "matrix": "rows (or weights): true class by predicted class"},
        ),
        PlotKind(
            "classification_report",
            "report by class",
            {
                "labels": "classes",
                "precision": "of each",
                "recall": "of each",
                "f1": "of each",
                "support": "rows (or weights) of each",
            },
        ),
        PlotKind(
            "residuals",
            "residuals",
            {
                "row": "number of the row in the data",
                "truth": "true value",
                "predicted": "predicted value",
                "residual": "truth − predicted",
                "n": "all rows, of which up to 2,000 are kept, drawn with a fixed seed",
            },
            x="predicted",
            y="residual",
        ),
        PlotKind(
            "error_distribution",
            "distribution of errors",
            {
                "edges": "of the bins",
                "counts": "residuals in each bin",
                "quantiles": "share -> residual",
                "mean": "of the residuals",
                "std": "of the residuals",
                "n": "all rows",
            },
            optional=frozenset(("mean", "std")),
        ),
        PlotKind(
            "predictions",
            "predictions",
            {
                "row": "number of the row in the data",
                "truth": "true value",
                "predicted": "predicted value",
                "loss": "absolute error, or 1 − probability of the true class",
                "how": "worst (largest loss first) or sample (drawn with a fixed seed)",
                "n": "all rows",
                "seed": "of the sample",
            },
        ),
        PlotKind(
            "importance",
            "importance of features",
            {
                "features": "names",
                "importance": "way of measuring -> number for each feature",
                "std": "way of measuring -> deviation",
            },
            optional=frozenset(("std",)),
        ),
        PlotKind(
            "learning_curve",
            "learning curve",
            {
                "x": "training set sizes, or values of ``param``",
                "train": "mean training score at each",
                "train_std": "its deviation over the folds",
                "test": "mean validation score at each",
                "test_std": "its deviation over the folds",
                "param": "name of what x is",
            },
            x="x",
            y="test",
            optional=frozenset(("train", "train_std", "test_std", "param")),
        ),
        PlotKind(
            "clusters",
            "clusters",
            {
                "labels": "clusters; -1 is noise",
                "sizes": "rows in each",
                "silhouette": "mean silhouette of each, of a sample",
                "n": "all rows",
                "evaluated": "rows of the sample",
            },
            optional=frozenset(("silhouette", "evaluated")),
        ),
        PlotKind(
            "histogram",
            "histogram",
            {
                "edges": "of the bins",
                "counts": "values in each bin",
                "mean": "of the finite values",
                "std": "of the finite values",
                "min": "least finite value",
                "max": "greatest finite value",
                "nan": "values that are NaN",
                "inf": "values that are infinite",
                "count": "all values",
                "norm": "L2 norm",
            },
            optional=frozenset(("mean", "std", "min", "max", "nan", "inf", "count", "norm")),
        ),
    )
}
"""By name. Users' own kinds may hold anything; these are the ones that are drawn and overlaid.

A logged figure is of kind ``figure``: ``format`` (svg, png, plotly, vega-lite) and ``content``.
"""


def problems_of(kind: str, data: Mapping[str, Any]) -> list[str]:
    """Return what keeps ``data`` from being a plot of this kind; unknown kinds have no problems."""
    known = KINDS.get(kind)
    if known is None:
        return []
    found = _missing(known.fields, data, known.optional, kind)
    if known.curve:
        curves = data.get("curves")
        if not isinstance(curves, Sequence) or isinstance(curves, str):
            return [*found, f"{kind} needs a list under 'curves'"]
        for place, curve in enumerate(curves):
            where = f"{kind} curve {place}"
            if not isinstance(curve, Mapping):
                found.append(f"{where} is no mapping")
                continue
            found += _missing(known.curve, curve, known.optional, where)
            if known.x in curve and known.y in curve and len(curve[known.x]) != len(curve[known.y]):
                found.append(f"{where}: {known.x!r} and {known.y!r} differ in length")
    return found


def _missing(
    fields: Mapping[str, str], data: Mapping[str, Any], optional: frozenset[str], where: str
) -> list[str]:
    return [
        f"{where} needs {name!r}" for name in fields if name not in data and name not in optional
    ]
