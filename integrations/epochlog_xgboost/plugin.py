"""Tell epochlog that XGBoost can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "xgboost", "xgboost>=2.1,<4|xgboost-cpu>=2.1,<4"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the XGBoost integration."""
    return [
        Integration(
            name="xgboost",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_xgboost.patches:instrument",
            description="",
            options={},
        )
    ]
