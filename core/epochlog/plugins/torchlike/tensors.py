"""Gradient norm and histograms of weights and gradients, for those who ask for them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from epochlog.evaluation.histograms import histogram
from epochlog.plugins.torchlike.optimizers import may_read
from epochlog.recording.run import Run


def gradient_norm(parameters: Iterable[Any]) -> float | None:
    """Return the L2 norm of all gradients together; None if there are none (or can't be read now).

    Norms are computed where the gradients are; reading the result waits for the device.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    torch = sys.modules.get("torch")
    if torch is None or not gradients or not all(may_read(g.device) for g in gradients):
        return None
    total = 0.0
    with torch.no_grad():
        by_device: dict[Any, list[Any]] = {}
        for gradient in gradients:
            values = gradient.coalesce().values() if gradient.is_sparse else gradient
            norm = torch.linalg.vector_norm(_whole(values), dtype=torch.float32)
            by_device.setdefault(norm.device, []).append(norm)
        for norms in by_device.values():
            total += float(torch.linalg.vector_norm(torch.stack(norms))) ** 2
    return math.sqrt(total)


def _whole(tensor: Any) -> Any:
    """Return the local part of a tensor that is spread over processes: no communication from us."""
    to_local = getattr(tensor, "to_local", None)
    return to_local() if callable(to_local) else tensor


def log_histograms(
    run: Run, module: Any, step: int | None, what: Sequence[str] = ("weights", "gradients")
) -> None:
    """Log a histogram of every parameter and of every gradient: ``weights/fc1.weight`` and so on.

    Args:
        run: where to record.
        module: whose parameters; frozen ones (``requires_grad=False``) are left out.
        step: the optimizer step.
        what: ``"weights"``, ``"gradients"`` or both.
    """
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad or not may_read(parameter.device):
            continue
        found = {"weights": parameter, "gradients": parameter.grad}
        for kind in what:
            tensor = found[kind]
            if tensor is None:
                continue
            values = tensor.coalesce().values() if tensor.is_sparse else _whole(tensor)
            run.log_plot(f"{kind}/{name}", "histogram", histogram(values), step=step)
