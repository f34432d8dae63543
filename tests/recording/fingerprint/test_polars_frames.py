"""Facts about ``fingerprint/polars_frames.py``."""

from __future__ import annotations

import polars as pl
import pytest
from sample_data import ROWS, digest, polars_frame


@pytest.mark.parametrize("column", polars_frame().columns)
def test_polars_chunks_are_no_content(column: str) -> None:
    """A series appended from pieces has the digest of the whole one; an exchange of rows counts."""
    whole = polars_frame().select(column)
    parts = pl.concat([whole[:3], whole[3:13], whole[13:]], rechunk=False)
    swapped = whole[[0, 2, 1, *range(3, ROWS)]]

    assert parts.n_chunks() > 1
    assert digest(parts) == digest(whole)
    if column != "null":
        assert digest(swapped) != digest(whole)
