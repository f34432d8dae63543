"""Import an optional library when it is first needed."""

from __future__ import annotations

import importlib
from typing import Any

from epochlog.base.errors import EpochlogError

_EXTRAS = {"pandas": "frames", "polars": "frames", "pyarrow": "frames", "matplotlib": "plots"}


def require(library: str) -> Any:
    """Import an optional library.

    Raises:
        EpochlogError: it is not installed; the message says how to.
    """
    try:
        return importlib.import_module(library)
    except ImportError as error:
        extra = _EXTRAS.get(library, library)
        raise EpochlogError(
            f'{library} is not installed; install it, or the extra: pip install "epochlog[{extra}]"'
        ) from error
