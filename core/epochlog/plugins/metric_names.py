"""Give curves of all frameworks one name, so that their runs plot together."""

from __future__ import annotations

_SYNONYMS = {
    "accuracy": (
        *("acc", "accuracy_score", "binary_accuracy", "categorical_accuracy"),
        *("sparse_categorical_accuracy", "multiclass_accuracy"),
    ),
    "error_rate": ("error", "merror", "binary_error", "multi_error", "zero_one_loss"),
    "log_loss": (
        *("logloss", "mlogloss", "binary_logloss", "multi_logloss", "multiclass"),
        *("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"),
    ),
    "mse": ("l2", "mean_squared_error", "regression_l2"),
    "rmse": ("l2_root", "root_mean_squared_error"),
    "mae": ("l1", "mean_absolute_error", "regression_l1"),
    "mape": ("mean_absolute_percentage_error",),
    "msle": ("mean_squared_logarithmic_error", "mean_squared_log_error"),
    "rmsle": ("root_mean_squared_log_error",),
    "roc_auc": ("auc", "roc_auc_score", "auroc", "binary_auroc", "multiclass_auroc"),
    "average_precision": ("aucpr", "prauc", "average_precision_score"),
    "r2": ("r2_score",),
    "f1": ("f1_score",),
    "precision": ("precision_score",),
    "recall": ("recall_score",),
    "mcc": ("matthews_corrcoef",),
    "brier": ("brier_score_loss", "brier_score"),
}
_CANONICAL = {own: name for name, owns in _SYNONYMS.items() for own in (name, *owns)}

_SPLITS = {
    "train": ("train", "training", "learn", "dtrain", "fit"),
    "val": ("val", "valid", "validation", "dvalid", "eval", "dev"),
    "test": ("test", "testing", "dtest"),
}
_CANONICAL_SPLIT = {own: name for name, owns in _SPLITS.items() for own in owns}


def metric_name(own: str) -> str:
    """Return the field's name for a metric: names of equal definition become one.

    Percentages are not fractions and an error is not an accuracy: only names whose numbers mean the
    same are unified. Unknown names are returned as they are.

    Example:
        >>> metric_name("binary_logloss"), metric_name("RMSE"), metric_name("my metric")
        ('log_loss', 'rmse', 'my metric')
    """
    return _CANONICAL.get(own.strip().lower().replace(" ", "_"), own)


def split_name(own: str) -> str:
    """Return ``train``, ``val`` or ``test`` for the usual words, else ``own`` as it is."""
    return _CANONICAL_SPLIT.get(own.lower(), own)


def metric_key(split: str, own: str, *, loss: bool = False) -> str:
    """Return the canonical name of a curve, ``<split>/<metric>``.

    Args:
        split: train, val, test, cv, or the user's own name of the data; usual words are unified.
        own: the metric as the framework calls it.
        loss: the metric is what the training minimises; then it is called ``loss`` everywhere.
    """
    return f"{split_name(split)}/{'loss' if loss else metric_name(own)}"
