"""Tell epochlog that CatBoost can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "catboost", "catboost>=1.2.8,<2"

OPTIONS = {
    "models": True,  # the final model in CatBoost's binary format
    "datasets": True,  # fingerprints of training and evaluation sets
    "importance": True,  # CatBoost's own feature importances as a plot
    "effective_params": True,  # all parameters with the values that CatBoost used
    "follow": True,  # look into CatBoost's file while it trains, for curves that grow
    "stop": True,  # end early on request, with allow_stop; needs a callback, which costs time
    "fold_models": False,  # models of the folds of cv() and of scikit-learn's searches, too
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the CatBoost integration."""
    return [
        Integration(
            name="catboost",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="catboost.core",
            instrument="epochlog_catboost.patches:instrument",
            description="fit of all its estimators, train, cv, grid_search, randomized_search",
            options=OPTIONS,
        )
    ]
