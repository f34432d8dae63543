"""Gradient norms and histograms: only by option, since they read whole tensors."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import Run, gradient_norm, guard, histogram, warn_once

_NO_GRADIENTS = (
    "gradients are not recorded on Keras's {} backend: they exist only inside the compiled step"
)


def log_gradient_norm(run: Run, model: Any, step: int, epoch: int) -> None:
    """Record the gradients' norm of the last batch, which the PyTorch backend still keeps."""
    with guard("keras gradient norm"):
        if (tensors := _torch_tensors(run, model)) is None:
            return
        norm = gradient_norm(tensor for _, tensor in tensors)
        if norm is not None:
            run.log_metrics({"gradient_norm": norm}, step, epoch=epoch)


def log_model_histograms(run: Run, model: Any, step: int) -> None:
    """Record a histogram of every trainable weight, and of its gradient where there is one."""
    import keras

    with guard("keras histograms"):
        torch = keras.backend.backend() == "torch"  # its tensors give NumPy less to warn about
        for variable in model.trainable_variables:
            data = histogram(variable.value if torch else variable.numpy())
            run.log_plot(f"weights/{variable.path}", "histogram", data, step)
        for path, tensor in _torch_tensors(run, model) or ():
            if tensor.grad is not None:
                run.log_plot(f"gradients/{path}", "histogram", histogram(tensor.grad), step)


def _torch_tensors(run: Run, model: Any) -> list[tuple[str, Any]] | None:
    """Return the trainable tensors of the PyTorch backend; None, said once, on any other."""
    import keras

    backend = keras.backend.backend()
    if backend == "torch":
        return [(v.path, v.value) for v in model.trainable_variables]
    if warn_once(f"{run.id} gradients", _NO_GRADIENTS.format(backend)):
        run.log_notice(_NO_GRADIENTS.format(backend), level="warning")
    return None
