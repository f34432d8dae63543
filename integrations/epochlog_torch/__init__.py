"""Record PyTorch: a training loop without a framework is a run, from its optimizer's steps."""

from __future__ import annotations

from typing import Any

__all__ = ["Watch", "watch"]


def __getattr__(name: str) -> Any:
    """Import `watch` when first asked for, so that loading the plugin stays cheap."""
    if name in __all__:
        from epochlog_torch import watching

        return getattr(watching, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
