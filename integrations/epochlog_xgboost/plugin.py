"""Tell epochlog that XGBoost can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "xgboost", "xgboost>=2.1,<4|xgboost-cpu>=2.1,<4"

OPTIONS = {
    "models": True,  # the final booster as UBJSON, which every version and language loads
    "datasets": True,  # fingerprints of training and evaluation sets
    "importance": True,  # gain, weight, cover and their totals, or linear coefficients, as a plot
    "resolved_params": True,  # all parameters as XGBoost resolved them, under booster.*
    "summary": True,  # facts of the model and the trees of its first round, as texts
    "fold_models": False,  # models of the folds of cv() and of scikit-learn's searches, too
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the XGBoost integration."""
    return [
        Integration(
            name="xgboost",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="xgboost.training",
            instrument="epochlog_xgboost.patches:instrument",
            description=(
                "train, cv, the scikit-learn estimators and hand-written Booster.update loops"
            ),
            options=OPTIONS,
        )
    ]
