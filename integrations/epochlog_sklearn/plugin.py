"""Tell epochlog that scikit-learn can be recorded; imports nothing of it."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

NAME = "sklearn"
SUPPORTS = "scikit-learn>=1.6"


@hookimpl
def register_integrations() -> list[Integration]:
    """Return the integration; it wakes up when the base of all estimators is imported."""
    return [
        Integration(
            name=NAME,
            framework="sklearn",
            supports=SUPPORTS,
            trigger="sklearn.base",
            instrument="epochlog_sklearn.patches:instrument",
            description=(
                "fits, partial fits, searches and cross-validations as run trees, test metrics"
            ),
            options={
                "models": True,  # keep the fitted model
                "model_format": "",  # "skops" or "pickle"; "" is skops if the script imports it
                "datasets": True,  # fingerprint training and test data
                "importances": True,
                "permutation_importance": False,  # True: within the budget; or seconds for it
                "metrics": True,  # capture score() and sklearn.metrics after the fit
                "evaluation": True,  # plots of predictions whose truth became known that way
                "folds": True,  # candidates and folds as child runs
            },
        )
    ]
