"""Tell epochlog that Transformers can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "transformers", "transformers>=4.48,<6"

OPTIONS = {
    "models": True,  # the final model as a folder that from_pretrained loads, within the budget
    "datasets": True,  # fingerprints or declared identity of training, evaluation and test data
    "checkpoints": True,  # content of checkpoint folders; False: only their paths
    "checkpoint_bytes_max": 2 * 2**30,  # of larger checkpoints only the path is recorded
    "link_checkpoints": False,  # hard-link; safe only if no later training writes the same folder
    "histograms_every": 0,  # steps between histograms of weights and gradients; 0 = never
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the Transformers integration."""
    return [
        Integration(
            name="transformers",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            trigger="transformers.trainer",
            instrument="epochlog_transformers.patches:instrument",
            wraps=("torch",),
            description="Trainer and its subclasses: train, evaluate, predict, searches",
            options=OPTIONS,
        )
    ]
