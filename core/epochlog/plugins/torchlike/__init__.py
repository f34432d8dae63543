"""Read PyTorch's objects for every integration that meets them; imports no torch by itself.

Everything here only looks: no tensor is moved or changed, no random number drawn, no attribute set.
"""

from __future__ import annotations

from epochlog.plugins.torchlike.loaders import loader_facts, log_loader_dataset
from epochlog.plugins.torchlike.modules import module_facts, module_summary
from epochlog.plugins.torchlike.optimizers import (
    learning_rates,
    optimizer_params,
    scheduler_params,
)
from epochlog.plugins.torchlike.tensors import gradient_norm, log_histograms
from epochlog.plugins.torchlike.weights import log_torch_weights

__all__ = [
    "gradient_norm",
    "learning_rates",
    "loader_facts",
    "log_histograms",
    "log_loader_dataset",
    "log_torch_weights",
    "module_facts",
    "module_summary",
    "optimizer_params",
    "scheduler_params",
]
