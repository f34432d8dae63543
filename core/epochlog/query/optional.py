"""Import an optional library when it is first needed."""

from __future__ import annotations

import importlib
from typing import Any

from epochlog.base.errors import EpochlogError


def require(library: str) -> Any:
    """Import an optional library.

    Raises:
        EpochlogError: it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        extra = "frames" if library in ("pandas", "polars", "pyarrow") else library
        raise EpochlogError(
            f'{library} is not installed; install it, or the extra: pip install "epochlog[{extra}]"'
        ) from error
