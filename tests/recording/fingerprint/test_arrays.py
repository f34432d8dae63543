"""Facts about ``fingerprint/arrays.py``: every element counts, no layout does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sample_data import digest, numbers


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from(["f8", ">f4", "i2", "u1", "?", "c16", "M8[ns]", "U3", "S2", "f2"]),
        hnp.array_shapes(max_dims=3, max_side=6),
    ),
    st.data(),
)
def test_a_change_of_any_element_changes_the_digest(array: np.ndarray, data: st.DataObject) -> None:
    """Wherever one element differs, so does the digest."""
    position = data.draw(st.integers(0, array.size - 1))
    changed = array.copy()
    changed.flat[position] = data.draw(hnp.from_dtype(array.dtype))
    same = changed.tobytes() == array.tobytes()

    assert (digest(array) == digest(changed)) == same


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(st.sampled_from(["f8", "i2", "O"]), hnp.array_shapes(max_dims=4, max_side=5)))
def test_the_layout_of_an_array_is_no_content(array: np.ndarray) -> None:
    """C and Fortran order, strided views, negative strides and byte order give one digest."""
    if array.dtype == object:
        array[...] = "x"
    expected = digest(array)
    padded = np.empty([2 * n for n in array.shape], array.dtype)
    view = padded[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    flipped = np.ascontiguousarray(array[::-1])[::-1]

    assert digest(np.asfortranarray(array)) == expected
    assert digest(view) == expected
    assert digest(flipped) == expected
    if array.dtype != object:
        assert digest(array.astype(array.dtype.newbyteorder(">"))) == expected


def test_large_arrays_have_one_digest_in_any_layout() -> None:
    """Cutting into chunks leaves no trace: more than one chunk, not a multiple of one."""
    array = np.arange(3_000_001.0)[:-1].reshape(1000, 3000)

    assert digest(np.asfortranarray(array)) == digest(array)
    changed = array.copy()
    changed[999, 2999] += 1
    assert digest(changed) != digest(array)


def test_memory_maps_and_subclasses_are_arrays(tmp_path: Path) -> None:
    """A memory map has the digest of the array in it."""
    np.save(tmp_path / "x.npy", numbers())

    assert digest(np.load(tmp_path / "x.npy", mmap_mode="r")) == digest(numbers())


def test_dtype_and_shape_are_content() -> None:
    """The same bytes as another type or in another shape are another version."""
    array = np.zeros(4, np.int64)
    forms = [array, array.view(np.float64), array.reshape(2, 2), array.reshape(4, 1), array[:3]]

    assert len({digest(form) for form in forms}) == 5


def test_padding_is_no_content() -> None:
    """Bytes between the fields of a record and unused bytes of long doubles don't count."""
    kind = np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8]})
    made = []
    for fill in (0, 255):
        memory = np.full(16 * 3, fill, np.uint8)
        records = memory.view(kind)
        records["a"], records["b"] = 1, 2.0
        long = np.full(16 * 3, fill, np.uint8).view(np.longdouble)
        long[:] = 1.5
        made.append((digest(records), digest(long)))

    assert made[0] == made[1]


def test_masks_are_content() -> None:
    """A masked array differs by its mask, not by what lies under it."""
    one = np.ma.MaskedArray([1, 2, 3], [0, 1, 0])
    hidden = np.ma.MaskedArray([1, 9, 3], [0, 1, 0])
    shown = np.ma.MaskedArray([1, 2, 3], [0, 0, 0])

    assert digest(one) == digest(hidden) != digest(shown)
