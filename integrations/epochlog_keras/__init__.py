"""Record Keras: every ``fit`` and every ``train_on_batch`` loop is a run with its curves."""

from __future__ import annotations

from typing import Any

__all__ = ["EpochlogCallback"]


def __getattr__(name: str) -> Any:
    """Import `EpochlogCallback` when first asked for, so that loading the plugin stays cheap."""
    if name == "EpochlogCallback":
        from epochlog_keras.explicit import EpochlogCallback

        return EpochlogCallback
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
