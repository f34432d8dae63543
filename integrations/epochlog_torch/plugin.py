"""Tell epochlog that PyTorch can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "torch", "torch>=2.4,<3"

OPTIONS = {
    "loss": True,  # the scalar on which backward was called, for every optimizer step
    "every_n_steps": 1,  # of losses, only every n-th step is recorded
    "learning_rate": True,  # whenever it changes
    "loaders": True,  # epochs, and the settings of data loaders
    "datasets": True,  # fingerprints of the data behind data loaders
    "validation": True,  # means of losses computed without gradients, for each evaluation
    "models": True,  # the final weights, if the model is still there when the run ends
    "checkpoints": True,  # copies of what torch.save writes of the model being trained
    "checkpoint_max_mb": 1024,  # larger files are only referred to
    "tensorboard": True,  # what a SummaryWriter is told
    "gradient_norm_every": 0,  # steps between gradient norms; 0 = never
    "histograms_every": 0,  # steps between histograms of weights and gradients; 0 = never
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the PyTorch integration."""
    return [
        Integration(
            name="torch",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_torch.patches:instrument",
            description="plain training loops: optimizer steps, losses, epochs, data, TensorBoard",
            options=OPTIONS,
        )
    ]
