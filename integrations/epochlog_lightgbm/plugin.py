"""Tell epochlog that LightGBM can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "lightgbm", "lightgbm>=4.5,<5"

OPTIONS = {
    "models": True,  # the final booster's text
    "datasets": True,  # fingerprints of training and validation sets
    "importance": True,  # gain and split importances as a plot
    "resolved_params": True,  # all parameters as LightGBM resolved them, under booster.*
    "fold_models": False,  # models of the folds of cv() and of scikit-learn's searches, too
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the LightGBM integration."""
    return [
        Integration(
            name="lightgbm",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="lightgbm.engine",
            instrument="epochlog_lightgbm.patches:instrument",
            description=(
                "train, cv, the scikit-learn estimators and hand-written Booster.update loops"
            ),
            options=OPTIONS,
        )
    ]
