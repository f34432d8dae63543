"""What ``recording/datasets.py`` asks of each kind of data: a digest, a schema, sizes, a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from epochlog.recording.fingerprint.meter import Meter

COLUMNS_MAX = 1000
"""Columns named in a schema; the digest always covers all."""

STATS_COLUMNS_MAX = 200


Inside = Callable[[Any, Meter], bytes]
"""Digest of an array, frame or tensor found inside a list, an object array or an object column."""


class Content(Protocol):
    """One data set, read where it lies.

    Attributes:
        format: "numpy", "pandas", "csv" …
        size: bytes of the content.
        cost: bytes that hashing it is expected to cost; Python objects count more than their size.
        rows: number of rows, None where there are none.
    """

    @property
    def format(self) -> str: ...  # noqa: D102 - see Attributes

    @property
    def size(self) -> int: ...  # noqa: D102

    @property
    def cost(self) -> int: ...  # noqa: D102

    @property
    def rows(self) -> int | None: ...  # noqa: D102

    def schema(self) -> dict[str, Any]:
        """Return type, shape, columns as plain data (with columns' digests after `digest`)."""
        ...

    def digest(self, meter: Meter) -> bytes:
        """Return the digest of all of the content."""
        ...

    def every(self, step: int) -> Any:
        """Return data of the same kind with the rows 0, step, 2·step and so on."""
        ...

    def stats(self, step: int) -> dict[str, Any]:
        """Return statistics of the rows 0, step, 2·step … as plain data."""
        ...
