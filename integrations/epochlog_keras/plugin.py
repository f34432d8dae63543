"""Tell epochlog that Keras can be recorded, in which versions, and by what."""

from __future__ import annotations

from epochlog.plugins.api import Integration, hookimpl

FRAMEWORK, SUPPORTS = "keras", "keras>=3.8,<4"

OPTIONS = {
    "models": True,  # the final model as a .keras file
    "checkpoints": True,  # what ModelCheckpoint and other callbacks save during fit
    "datasets": True,  # fingerprints of training, validation and test data
    "summary": True,  # the model's summary and its architecture as JSON
    "batch_curves": False,  # also a point per training batch; a number n: every n-th batch
    "gradient_norm": False,  # of each epoch's last batch; PyTorch backend only
    "histograms": False,  # weights after each epoch, and gradients on the PyTorch backend
}


@hookimpl
def register_integrations() -> list[Integration]:
    """Offer the Keras integration."""
    return [
        Integration(
            name="keras",
            framework=FRAMEWORK,
            supports=SUPPORTS,
            instrument="epochlog_keras.patches:instrument",
            wraps=("torch",),
            description=(
                "fit, evaluate and train_on_batch loops on PyTorch, JAX and TensorFlow; checkpoints"
            ),
            options=OPTIONS,
        )
    ]
