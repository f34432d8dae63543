"""Count optimizer steps and read learning rates, on any backend and for several optimizers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochlog_keras.extract import number


def optimizers_of(model: Any) -> dict[str, Any]:
    """Return a model's optimizers: the compiled one as ``optimizer``, others by their attribute."""
    import keras

    kind = keras.optimizers.Optimizer
    others = {k: v for k, v in vars(model).items() if isinstance(v, kind)}
    compiled = getattr(model, "optimizer", None)
    others = {k: v for k, v in others.items() if v is not compiled}
    found = {"optimizer": compiled} if isinstance(compiled, kind) else {}
    return found | {f"optimizer.{name.strip('_')}": other for name, other in others.items()}


def iterations_of(optimizer: Any) -> int:
    """Return how many steps an optimizer has made."""
    return int(number(optimizer.iterations))


def rate_of(optimizer: Any) -> float:
    """Return the learning rate in effect, a schedule's included."""
    return float(number(optimizer.learning_rate))


def learning_rates(optimizers: Mapping[str, Any]) -> dict[str, float]:
    """Return ``learning_rate``, and ``learning_rate/<name>`` for optimizers besides the first."""
    found = {}
    for name, optimizer in optimizers.items():
        other = name.removeprefix("optimizer").strip(".")
        found[f"learning_rate/{other}" if other else "learning_rate"] = rate_of(optimizer)
    return found


class Progress:
    """The global step: the optimizers' own count, or batches where no Keras optimizer steps.

    Args:
        model: whose optimizers to ask.
        steps: batches per epoch, if Keras knows.
    """

    def __init__(self, model: Any, steps: int | None = None) -> None:
        self.optimizers = optimizers_of(model) if model else {}
        self._steps = steps
        self._counted = self._count()
        self.step = self._counted

    def _count(self) -> int:
        return max(map(iterations_of, self.optimizers.values()), default=0)

    def advance(self) -> None:
        """Count an epoch that has ended."""
        now = self._count()
        self.step += now - self._counted or self._steps or 1
        self._counted = now
