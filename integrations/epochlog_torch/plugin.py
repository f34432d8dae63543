"""Tell epochlog that PyTorch can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "torch", "torch>=2.4,<3"


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the PyTorch integration."""
    return [
        Integration(
            name="torch",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_torch.patches:instrument",
            description="",
            options={},
        )
    ]
