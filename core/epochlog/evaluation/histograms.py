"""Reduce many numbers to a histogram that can be stored, drawn and compared."""

from __future__ import annotations

from typing import Any


def histogram(values: Any, bins: int = 64) -> dict[str, Any]:
    """Return a histogram as plot data of kind ``histogram``.

    Args:
        values: numbers in any shape: array, list, or a tensor in the processor's memory.
        bins: of equal width between the smallest and the largest finite value.

    Returns:
        ``edges`` (bins + 1), ``counts`` (bins), ``count``, ``mean``, ``std``, ``norm`` (L2),
        ``min`` and ``max`` of the finite values (None if there are none), and how many are
        ``nan`` or ``inf``.
    """
    import numpy as np

    detached = values.detach() if hasattr(values, "detach") else values
    if hasattr(detached, "float") and hasattr(detached, "cpu"):
        detached = detached.float().cpu().numpy()  # bfloat16 is unknown to NumPy
    array = np.asarray(detached, dtype=np.float64).ravel()
    finite = array[np.isfinite(array)]
    facts: dict[str, Any] = {
        "count": int(array.size),
        "nan": int(np.isnan(array).sum()),
        "inf": int(np.isinf(array).sum()),
    }
    if not finite.size:
        return {
            "edges": [], "counts": [], **facts,
            "mean": None, "std": None, "norm": None, "min": None, "max": None,
        }  # fmt: skip
    low, high = float(finite.min()), float(finite.max())
    counts, edges = np.histogram(finite, bins=bins, range=safe_range(low, high, bins))
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        **facts,
        "mean": float(finite.mean()),
        "std": float(finite.std()),
        "norm": float(np.linalg.norm(finite)),
        "min": low,
        "max": high,
    }


def safe_range(low: float, high: float, bins: int) -> tuple[float, float]:
    """Return a range that floating-point numbers can divide into ``bins`` parts."""
    import numpy as np

    narrowest = bins * float(np.spacing(max(abs(low), abs(high), 1e-300))) * 2
    if high - low >= narrowest:
        return low, high
    margin = max(narrowest, 1e-12)
    return low - margin, high + margin
