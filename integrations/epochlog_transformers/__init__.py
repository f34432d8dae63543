"""Record Transformers: every `Trainer.train`, `evaluate`, `predict` and search is a run."""

from __future__ import annotations

from typing import Any

__all__ = ["EpochlogCallback"]


def __getattr__(name: str) -> Any:
    """Import `EpochlogCallback` when first asked for, so that loading the plugin stays cheap."""
    if name == "EpochlogCallback":
        from epochlog_transformers.callback import EpochlogCallback

        return EpochlogCallback
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
