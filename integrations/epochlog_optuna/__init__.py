"""Record Optuna: a study is a run, its trials are children, what trains in them theirs."""

from __future__ import annotations

from typing import Any

__all__ = ["EpochlogCallback", "load_study", "param_importances", "track_study"]

_LATER = {
    "EpochlogCallback": "epochlog_optuna.explicit",
    "load_study": "epochlog_optuna.rebuild",
    "param_importances": "epochlog_optuna.rebuild",
    "track_study": "epochlog_optuna.explicit",
}


def __getattr__(name: str) -> Any:
    """Import what is for users when first asked for, so that loading the plugin stays cheap."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LATER[name]), name)
