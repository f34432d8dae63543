"""Record a model explicitly: ``watch(model)``, with ``autolog()`` or without it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from epochlog.plugins.api import IntegrationOptions, current_run, guard
from epochlog_torch.plugin import OPTIONS


def watch(
    model: Any,
    optimizer: Any = None,
    *,
    criterion: Any = None,
    histograms_every: int = 0,
    gradient_norm_every: int = 0,
    models: bool = True,
) -> Watch:
    """Record the training of one model: its optimizer's steps, losses, epochs, data and weights.

    Without ``autolog()`` only watched models are recorded, into the run that is open; with it, the
    options given here hold for this model, and nothing is recorded twice. Nothing is put on the
    model itself: it pickles, copies and saves as before.

    Args:
        model: a ``torch.nn.Module``. It is kept alive until `Watch.close`.
        optimizer: if given, its settings are recorded at once, else at its first step.
        criterion: the loss module that the training minimises, so that an evaluation without
            gradients is called ``val/loss``; found by itself once the training has called it.
        histograms_every: steps between histograms of weights and gradients; 0 = never.
        gradient_norm_every: steps between gradient norms; 0 = never.
        models: store the final weights.

    Returns:
        A handle; close it, or use it in a ``with`` statement.

    Raises:
        RuntimeError: no run is open, and ``autolog()`` is not on.
    """
    from epochlog_torch import patches
    from epochlog_torch.engine import engine

    if not engine.armed and current_run() is None:
        raise RuntimeError(
            "no run is open: watch inside of `with epochlog.start_run():`, "
            "or call epochlog.autolog() first"
        )
    asked = {
        "histograms_every": histograms_every,
        "gradient_norm_every": gradient_norm_every,
        "models": models,
    }
    handle = Watch(model, asked)
    with guard("torch watch"):
        if not engine.armed:
            engine.options = IntegrationOptions(dict(OPTIONS))
        patches.enter(engine.options)
        engine.watch(handle)
        if criterion is not None:
            engine.thread.saw_criterion(criterion)
        if optimizer is not None:
            engine.admit(optimizer)
    return handle


class Watch:
    """A model that is being watched.

    Attributes:
        model: it.
        options: of the integration, for this model.
    """

    def __init__(self, model: Any, options: dict[str, Any]) -> None:
        self.model, self.options = model, options

    def close(self) -> None:
        """Stop watching; a training without ``autolog()`` ends here. A second call does nothing."""
        from epochlog_torch import patches
        from epochlog_torch.engine import engine

        with guard("torch watch closes"):
            if engine.unwatch(self) and not engine.armed and not engine.watched:
                patches.leave()
        self.model = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()
