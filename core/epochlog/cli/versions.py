"""Tell this distribution's version."""

from __future__ import annotations


def version() -> str:
    """Return the version of the installed distribution, "unknown" if there is none."""
    import importlib.metadata  # 20 ms that other commands need not wait for

    try:
        return importlib.metadata.version("epochlog")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
