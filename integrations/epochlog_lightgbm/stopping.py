"""End a training when somebody asks for it, the way that early stopping does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from epochlog.plugins.api import Run

MACHINES = ("num_machines", "num_machine")
LAST = 1_000_000  # behind all other callbacks, so that they see the iteration as well


def stopper_for(run: Run, params: Any, callbacks: Sequence[Any]) -> list[Any]:
    """Return the callback that stops on request; none where nobody may ask for it.

    Nor where several machines train together: one that leaves lets the others wait for ever.
    """
    together = any(params.get(name) not in (None, 1, "1") for name in MACHINES)
    if together or not run.offer_stop():
        return []
    return [Stopper(run, callbacks)]


class Stopper:
    """Raises what LightGBM's own early stopping raises, once a stop was requested."""

    def __init__(self, run: Run, callbacks: Sequence[Any]) -> None:
        self.order = LAST  # LightGBM looks for it in the instance's __dict__
        self.before_iteration = False
        self._run, self._others = run, callbacks

    def __call__(self, env: Any) -> None:
        """Ask after one iteration; ``env`` is LightGBM's ``CallbackEnv``."""
        if self._run.stop_requested:
            raise _ending(env, self._others)


def _ending(env: Any, callbacks: Sequence[Any]) -> Exception:
    """Return LightGBM's exception: with the best iteration, if early stopping keeps it."""
    from lightgbm.callback import EarlyStopException

    for callback in callbacks:
        best, scores = getattr(callback, "best_iter", None), getattr(callback, "best_score_list", 0)
        if isinstance(best, list) and best and isinstance(scores, list) and scores:
            ending: Exception = EarlyStopException(best[0], scores[0])
            return ending
    found: Exception = EarlyStopException(env.iteration, env.evaluation_result_list or [])
    return found
