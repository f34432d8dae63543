"""Tell this distribution's version."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """Return the version of the installed distribution, "unknown" if there is none."""
    try:
        return importlib.metadata.version("epochlog")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
