"""End a training when somebody asks for it, by CatBoost's own callback protocol."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import Run


class Stopper:
    """Asks after each iteration whether a stop was requested.

    Only there if the user allows stops: CatBoost hands a callback its whole history each time.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def after_iteration(self, info: Any) -> bool:
        """Return whether to go on; ``info`` is CatBoost's."""
        del info
        return not self._run.stop_requested


def with_stopper(callbacks: Any, run: Run, params: Any) -> Any:
    """Return the callbacks, in a new list with ours at its end if stops are allowed.

    On a GPU CatBoost refuses callbacks.
    """
    if str(params.get("task_type") or "CPU").upper() == "GPU" or not run.offer_stop():
        return callbacks
    if callbacks is not None and not isinstance(callbacks, (list, tuple)):
        return callbacks  # CatBoost says what is wrong with it
    return [*(callbacks or ()), Stopper(run)]
