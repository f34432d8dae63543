"""Tell epochlog that Optuna can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "optuna", "optuna>=4.1,<6"

OPTIONS = {
    "intermediate_values": True,  # what Trial.report gets, as a curve of the trial, live
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the Optuna integration."""
    return [
        Integration(
            name="optuna",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_optuna.patches:instrument",
            description=(
                "studies as run trees: optimize, ask and tell, several processes on one storage; "
                "what trains inside a trial belongs to it"
            ),
            options=OPTIONS,
        )
    ]
