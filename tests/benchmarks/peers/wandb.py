"""Log with Weights & Biases in offline mode: everything goes to a local file, nothing to a server."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import_name = "wandb"
ENVIRONMENT = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
CALLS_MAX = 20_000
_run: Any = None


def open_run(folder: str) -> Callable[[Mapping[str, float], int], object]:
    """Start a run below ``folder``; return what logs metrics at a step."""
    global _run
    import wandb

    _run = wandb.init(project="bench", dir=folder)

    def log(metrics: Mapping[str, float], step: int) -> object:
        return _run.log(metrics, step=step)

    return log


def close_run() -> None:
    """Return when everything is written; ends the service process too, whose CPU time counts."""
    import wandb

    _run.finish()
    wandb.teardown()


def lightgbm_callbacks() -> list[Any]:
    """Start a run; return the callbacks that its integration asks to add to ``lightgbm.train``."""
    from pathlib import Path

    from wandb.integration.lightgbm import wandb_callback

    open_run(str(Path.cwd()))
    return [wandb_callback()]


def xgboost_callbacks() -> list[Any]:
    """Start a run; return what its integration asks to add to ``xgboost.train``."""
    from pathlib import Path

    from wandb.integration.xgboost import WandbCallback

    open_run(str(Path.cwd()))
    return [WandbCallback()]


if importlib.util.find_spec("tensorflow"):  # they import it, whatever Keras's backend is

    def keras_callbacks() -> list[Any]:
        """Start a run; return what its integration asks to add to ``fit``."""
        from pathlib import Path

        from wandb.integration.keras import WandbMetricsLogger

        open_run(str(Path.cwd()))
        return [WandbMetricsLogger()]
