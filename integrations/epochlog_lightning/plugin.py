"""Tell epochlog that Lightning can be recorded, under both names that it goes by."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FLAVORS = {
    "lightning": ("lightning.pytorch", "lightning>=2.5,<3"),
    "pytorch_lightning": ("pytorch_lightning", "pytorch-lightning>=2.5,<3"),
}
"""By name of the integration and of the module: where it all is, and which versions."""

OPTIONS = {
    "models": True,  # the final weights
    "checkpoints": True,  # what ModelCheckpoint and save_checkpoint write, while it is kept
    "datasets": True,  # fingerprints of the data behind all loaders
    "every_n_steps": None,  # points of the curves per step; None: the trainer's log_every_n_steps
    "gradient_norm": True,  # at the same steps
    "histograms": False,  # of weights and gradients, at the end of every epoch
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the two packages that Lightning comes in."""
    return [
        Integration(
            name=name,
            framework=name,
            supports=supports,
            trigger=f"{package}.trainer.trainer",
            instrument=f"epochlog_lightning.patches:instrument_{name}",
            wraps=("torch",),
            description="fit, validate, test and predict, on any number of processes"
            + ("" if name == "lightning" else ", for its other package"),
            options=OPTIONS,
        )
        for name, (package, supports) in FLAVORS.items()
    ]
