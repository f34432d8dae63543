"""Facts about ``recording/datasets.py``: any data set, its digest, budget, what can't be hashed."""

from __future__ import annotations

import copy
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_data import KINDS, ROWS, digest, numbers

from epochlog.recording.datasets import describe


@pytest.mark.parametrize("kind", KINDS)
def test_equal_content_has_an_equal_digest(kind: str) -> None:
    """Made twice, it has the same digest, and the data is not changed by looking."""
    first, second = KINDS[kind](), KINDS[kind]()
    untouched = copy.deepcopy(first)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert digest(first) == digest(second) == digest(untouched)


@pytest.mark.parametrize("kind", KINDS)
def test_dropping_a_row_changes_the_digest(kind: str) -> None:
    """Any of the first and last rows missing makes another version."""
    data = KINDS[kind]()
    if isinstance(data, dict):
        shorter = {key: value[1:] for key, value in data.items()}
        cut = {key: value[:-1] for key, value in data.items()}
    else:
        data = data.tocsr() if kind == "coo" else data
        shorter, cut = data[1:], data[:-1]

    assert len({digest(data), digest(shorter), digest(cut)}) == 3


def test_target_and_weight_are_content() -> None:
    """Other labels or weights make another version; the data's own digest is kept beside."""
    x, y = numbers(), np.arange(ROWS) % 3
    alone, full = describe(x), describe(x, target=y)

    assert len({alone.digest, full.digest, digest(x, weight=y), digest(x, target=y + 1)}) == 4
    assert full.schema["digest"] == alone.digest
    assert full.schema["target"]["dtype"] == "int64"
    assert full.stats["target"]["classes"] == {"0": 14, "1": 13, "2": 13}
    assert full.size == x.nbytes + y.nbytes
    assert describe(pd.DataFrame({"a": [1]}), target="a").schema["target"] == {"name": "a"}


@pytest.mark.parametrize("kind", ["float array", "pandas", "polars", "arrow", "csr", "rows"])
def test_over_budget_a_sample_is_hashed_and_said_to_be(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampled digest is marked, can be repeated, and depends on the number of rows."""
    monkeypatch.setattr("epochlog.recording.fingerprint.meter.FREE_BYTES", 10)
    monkeypatch.setattr("epochlog.recording.datasets.SAMPLE_ROWS_MAX", 10)
    data = KINDS[kind]()
    facts, again = describe(data, budget_s=0.0), describe(data, budget_s=0.0)

    assert (facts.digest_algo, facts.complete) == ("sha256-sample", False)
    assert facts.digest == again.digest not in ("", digest(data))
    assert facts.stats["sample"] == {"rule": "rows 0, 4, 8 …", "step": 4, "of": ROWS}
    assert describe(data[:-1], budget_s=0.0).digest != facts.digest


def test_small_data_is_hashed_in_full_whatever_the_budget() -> None:
    """Below a mebibyte there is one version, not one by budget."""
    assert digest(numbers(), budget_s=0.0) == digest(numbers())
    assert describe(np.zeros(2_000_000), budget_s=100.0).complete


class Odd:
    """Something that is no data set and fails when it is measured."""

    def __len__(self) -> int:
        raise RuntimeError("no length")


@pytest.mark.parametrize(
    "data",
    [Odd(), object(), 5, None, lambda: 0, "no such file", "x" * 5000, "a\0b", [object()],
     np.array([object()], dtype=object), {"x": object()}, pl.LazyFrame({"a": [1]}), iter([1])],
    ids=lambda data: type(data).__name__,
)  # fmt: skip
def test_what_cannot_be_hashed_is_said_to_be_so(data: Any) -> None:
    """No digest, the name of the type and a reason; never an exception."""
    facts = describe(data)

    assert (facts.digest, facts.complete) == ("", False)
    assert facts.schema["type"]
    assert facts.stats["reason"]


def test_endless_data_is_no_trap() -> None:
    """A list that holds itself has no digest."""
    loop: list[Any] = []
    loop.append(loop)

    assert describe(loop).digest == ""


def test_the_shape_of_unknown_data_is_read() -> None:
    """An array of an unknown library says its shape, an URL is kept without its secrets."""

    class Foreign:
        shape = (3, 4)

    assert describe(Foreign()).schema["shape"] == [3, 4]
    assert describe("s3://key:secret@bucket/x").schema["uri"] == "s3://key:***@bucket/x"


def test_foreign_errors_are_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extension that raises anything costs the digest and nothing else."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    data = numbers()
    monkeypatch.setattr("epochlog.recording.datasets.adapt", lambda _: 1 / 0)

    assert "ZeroDivisionError" in describe(data).stats["reason"]


def test_torch_tensors_are_read_in_place() -> None:
    """A CPU tensor is described over its own memory; one without data is not copied."""
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0).reshape(2, 3)

    assert digest(tensor) == digest(tensor.clone()) == digest(tensor.t().contiguous().t())
    assert digest(tensor.to(torch.bfloat16)) != digest(tensor)
    assert describe(tensor).format == "torch"
    assert describe(torch.empty(3, device="meta")).digest == ""
    assert digest(torch.utils.data.TensorDataset(tensor, tensor))


def test_a_list_of_arrays_is_several_data_sets() -> None:
    """The inputs of a model with several: each has its schema, all count, in their order."""
    x, y = numbers(), np.arange(ROWS)
    facts = describe([x, y])

    assert [column["shape"] for column in facts.schema["columns"]] == [[ROWS, 3], [ROWS]]
    assert (facts.format, facts.size) == ("list", x.nbytes + y.nbytes)
    assert len({facts.digest, digest([y, x]), digest((x, y)), digest([x])}) == 4


def test_large_arrays_in_lists_keep_to_the_budget() -> None:
    """A list hides no cost: neither a few large arrays nor many small ones."""
    few = [np.zeros(1_000_000), np.zeros(1_000_000)]
    many = [np.zeros(10_000) for _ in range(200)]

    assert describe(few, budget_s=0.0).digest_algo == "sha256-sample"
    assert describe(many, budget_s=0.0).digest_algo == "sha256-sample"


def test_lazy_data_is_not_computed() -> None:
    """Asking a lazy frame for its length would run the whole computation."""

    class Lazy:
        def compute(self) -> None:
            raise AssertionError

        def __len__(self) -> int:
            raise AssertionError

    assert "shape" not in describe(Lazy()).schema


def test_a_mapping_may_hold_texts_and_numbers() -> None:
    """A bunch of scikit-learn's has a description beside its arrays."""
    bunch = {"data": numbers(), "DESCR": "about it", "version": 3, "frame": None}

    assert digest(bunch) != digest({**bunch, "DESCR": "about that"})


def test_files_in_a_mapping_keep_to_the_budget(tmp_path: Path) -> None:
    """Each part is sampled as its kind is; parts of different lengths are no trap."""
    (tmp_path / "big.bin").write_bytes(bytes(3_000_000))
    parts = {"file": tmp_path / "big.bin", "x": np.zeros(200_000), "scalar": np.array(3.0)}
    facts = describe(parts, budget_s=0.0)

    assert facts.stats["sample"]["rule"] == "each part on its own"
    assert facts.digest == describe(parts, budget_s=0.0).digest
    assert digest(parts) != facts.digest


def changed_frame(row: int, column: int, what: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a frame, and one that differs in a cell, a name, a dtype or the order of columns."""
    frame = pd.DataFrame({f"c{i}": np.arange(50) + i for i in range(4)})
    other = frame.copy()
    name = f"c{column}"
    if what == "cell":
        other.loc[row, name] += 1
    elif what == "name":
        other = other.rename(columns={name: "x"})
    elif what == "dtype":
        other[name] = other[name].astype("int32")
    elif what == "row":
        other = other.drop(index=row)
    else:
        other = other[[name, *other.columns.drop(name)][::-1]]
    return frame, other


FORMS: dict[str, Any] = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "dict": lambda frame: {name: frame[name].to_numpy() for name in frame.columns},
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 49),
    st.integers(0, 3),
    st.sampled_from(["cell", "name", "dtype", "row", "order"]),
)
def test_any_change_of_a_table_is_another_version(
    form: str, row: int, column: int, what: str
) -> None:
    """A cell, a row, a column's name, dtype or place: each makes another digest."""
    first, second = map(FORMS[form], changed_frame(row, column, what))

    same = form == "dict" and what == "order"  # the order of a mapping is no content
    assert (digest(first) == digest(second)) == same


CELLS: dict[str, Any] = {
    "csr": lambda dense: scipy.sparse.csr_matrix(dense),
    "csc": lambda dense: scipy.sparse.csc_array(dense),
    "coo": lambda dense: scipy.sparse.coo_array(dense),
    "list": lambda dense: dense.tolist(),
    "array": lambda dense: np.asfortranarray(dense),
}


@pytest.mark.parametrize("form", CELLS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 19), st.integers(0, 6), st.sampled_from([0.0, 0.5, -1.0, 7.0]))
def test_any_change_of_a_cell_is_another_version(
    form: str, row: int, column: int, value: float
) -> None:
    """Wherever one value of a matrix differs, so does the digest; where none does, it doesn't."""
    dense = np.where(np.arange(140).reshape(20, 7) % 3 == 0, 7.0, 0.0)
    other = dense.copy()
    other[row, column] = value

    equal = bool((dense == other).all())
    assert (digest(CELLS[form](dense)) == digest(CELLS[form](other))) == equal


def test_columns_of_an_object_have_no_order_in_rows() -> None:
    """Slices, copies and rows taken out of a larger frame have the version of equal content."""
    whole = pd.DataFrame({"a": np.arange(100), "b": [f"t{i}" for i in range(100)]})
    part = whole.iloc[10:60]

    assert digest(part) == digest(part.copy()) == digest(pd.DataFrame(part.to_dict("series")))
    assert digest(pl.from_pandas(whole)[10:60]) == digest(pl.from_pandas(part))
    table = pa.Table.from_pandas(whole, preserve_index=False)
    assert digest(table.slice(10, 50)) == digest(table.take(list(range(10, 60))))


MEMORY = """
import resource, sys
import numpy as np, scipy.sparse
kind = sys.argv[1]
if kind == "array":
    data = np.ones((25_000_000 // 10, 10))
elif kind == "fortran":
    data = np.asfortranarray(np.ones((25_000_000 // 10, 10)))
else:
    data = scipy.sparse.random(400_000, 1_000, density=0.042, format="csr", random_state=0)
from epochlog.recording.datasets import describe
from epochlog.recording.fingerprint.samples import Looks
describe(np.ones(10), looks=Looks(5))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert describe(data, target=np.ones(data.shape[0]), looks=Looks(5)).complete
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["array", "fortran", "sparse"])
def test_looking_at_200_megabytes_takes_less_than_50(kind: str) -> None:
    """Neither a dense nor a sparse matrix is copied or made dense: peak memory says so."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, kind], capture_output=True, text=True, check=True
    )

    assert float(done.stdout) < 50
