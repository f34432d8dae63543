"""Log into MLflow with a local SQLite store, its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import_name = "mlflow"
ENVIRONMENT = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
CALLS_MAX = 2_000
"""Calls that a full measurement makes at most; each takes milliseconds."""


def open_run(folder: str) -> Callable[[Mapping[str, float], int], object]:
    """Start a run in a new database; return what logs metrics at a step."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.start_run()

    def log(metrics: Mapping[str, float], step: int) -> object:
        return mlflow.log_metrics(metrics, step=step)

    return log


def close_run() -> None:
    """Return when everything is committed (each call has done that already)."""
    import mlflow

    mlflow.end_run()


def autolog() -> None:
    """Record every training from now on."""
    import logging
    from pathlib import Path

    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{Path.cwd()}/mlflow.db")
    mlflow.autolog(silent=True)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
