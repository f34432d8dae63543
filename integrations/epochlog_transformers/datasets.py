"""Record which data a Trainer was given: by content, or by what the data say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from epochlog.plugins.api import Run, log_loader_dataset, plain

BUDGET_S = 0.25
COLUMNS_MAX = 200


def log_data(run: Run, data: Any, role: str, name: str) -> None:
    """Record a data set, or each of several by their names.

    Args:
        run: where to record.
        data: what the Trainer has as ``train_dataset`` or ``eval_dataset``.
        role: train, validation or test.
        name: of the data set.
    """
    if data is None or isinstance(data, str):
        return
    if isinstance(data, Mapping):
        for own, each in data.items():
            log_data(run, each, role, str(own))
    elif _is_arrow_dataset(data):
        meta = arrow_facts(data)
        run.log_dataset(data, name, role=role, budget_s=BUDGET_S, meta=meta)
    else:
        log_loader_dataset(run, data, role, name=name, budget_s=BUDGET_S)


def _is_arrow_dataset(data: Any) -> bool:
    """Whether this is a ``datasets.Dataset`` or a sibling of it."""
    return any(cls.__module__.partition(".")[0] == "datasets" for cls in type(data).__mro__)


def arrow_facts(data: Any) -> dict[str, Any]:
    """Return fingerprint, columns, rows and origin of a ``datasets.Dataset``."""
    facts: dict[str, Any] = {"container": f"datasets.{type(data).__name__}"}
    facts["fingerprint"] = getattr(data, "_fingerprint", None)
    facts["rows"] = getattr(data, "num_rows", None)
    features = getattr(data, "features", None)
    if isinstance(features, Mapping):
        facts["columns"] = {str(k): str(v) for k, v in list(features.items())[:COLUMNS_MAX]}
    for name in ("builder_name", "config_name", "split", "version"):
        value = getattr(data, name, None)
        if value is not None:
            facts[name] = str(value)
    return {key: plain(value) for key, value in facts.items() if value is not None}
