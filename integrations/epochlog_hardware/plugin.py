"""Tell epochlog that the machine can be sampled: its "framework" is always there."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "", ""

OPTIONS = {
    "interval_s": 5.0,  # length of a window, of which min, mean and max are kept; at first shorter
    "reading_s": 1.0,  # between the readings in a window
    "gpu": True,
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the hardware sampler."""
    return [
        Integration(
            name="hardware",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_hardware.patches:instrument",
            description="CPU, memory, disk, network, container limits and GPUs",
            options=OPTIONS,
        )
    ]
