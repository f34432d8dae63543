"""Record PyTorch Lightning: every fit, validate, test and predict is a run with its curves."""

from __future__ import annotations

from typing import Any

__all__ = ["EpochlogCallback", "EpochlogLogger"]


def __getattr__(name: str) -> Any:
    """Make the classes when first asked for: they inherit from Lightning's own."""
    if name in __all__:
        from epochlog_lightning import flavors

        return flavors.class_named(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
