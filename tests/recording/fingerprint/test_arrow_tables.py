"""Facts about ``fingerprint/arrow_tables.py``."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sample_data import ROWS, digest, table


@pytest.mark.parametrize("column", table().column_names)
def test_arrow_chunks_are_no_content(column: str) -> None:
    """However a column is chunked and sliced, its digest is that of its values."""
    whole = table().select([column])
    parts = pa.concat_tables([whole.slice(0, 3), whole.slice(3, 10), whole.slice(13)])
    shifted = pa.concat_tables([whole.slice(ROWS - 1), whole]).slice(1)
    swapped = pa.concat_tables([whole.slice(i, 1) for i in (0, 2, 1)] + [whole.slice(3)])

    assert parts.column(0).num_chunks == 3
    assert digest(parts) == digest(whole) == digest(shifted)
    assert digest(parts.combine_chunks()) == digest(whole)
    if column != "null":
        assert digest(swapped) != digest(whole)


def test_arrow_values_under_nulls_are_no_content() -> None:
    """What the buffers hold where a value is null doesn't count."""
    valid = pa.py_buffer(b"\x05")  # 1, null, 1

    def hidden(value: int) -> pa.Array:
        data = pa.py_buffer(np.array([1, value, 3], np.int64))
        return pa.Array.from_buffers(pa.int64(), 3, [valid, data])

    def hidden_text(text: bytes) -> pa.Array:
        offsets = pa.py_buffer(np.array([0, 1, 1 + len(text), 2 + len(text)], np.int32))
        return pa.Array.from_buffers(pa.string(), 3, [valid, offsets, pa.py_buffer(b"a%bc" % text)])

    assert digest(hidden(2)) == digest(hidden(9)) == digest(pa.array([1, None, 3]))
    assert (
        digest(hidden_text(b"xyz"))
        == digest(hidden_text(b""))
        == digest(pa.array(["a", None, "c"]))
    )


def test_arrow_texts_of_all_widths_are_the_same() -> None:
    """string, large_string and string_view hold the same content."""
    texts = ["a", None, "a text longer than twelve bytes"]
    kinds = (pa.string(), pa.large_string(), pa.string_view())

    assert len({digest(pa.array(texts, kind)) for kind in kinds}) == 1
