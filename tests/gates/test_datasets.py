"""Data are known by their whole content, and looking at them costs no copy."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest
from processes import run_python
from sklearn.linear_model import SGDClassifier
from sklearn.tree import DecisionTreeClassifier

ROWS = 50_000


@pytest.fixture(scope="module")
def table() -> Any:
    """Return 50,000 rows of 8 features and a target."""
    X = np.random.default_rng(0).normal(size=(ROWS, 8))
    return X, (X[:, 0] > 0).astype(int)


def digest_of_fit(stored: Any, X: Any, y: Any) -> str:
    DecisionTreeClassifier(max_depth=1).fit(X, y)
    (data,) = stored()[-1].datasets
    assert data.digest
    return str(data.digest)


@pytest.mark.parametrize("kind", ["array", "fortran", "frame"])
@pytest.mark.parametrize("row", [20_000, ROWS - 1])
def test_a_change_far_down_is_another_version(stored: Any, table: Any, kind: str, row: int) -> None:
    """One value in row 20,000 differs: another digest; equal content again: the same digest."""
    import pandas as pd

    X, y = table
    make = {
        "array": np.array,
        "fortran": np.asfortranarray,
        "frame": lambda values: pd.DataFrame(values, columns=list("abcdefgh")),
    }[kind]
    changed = X.copy()
    changed[row, 3] += 1e-9
    digests = [digest_of_fit(stored, make(data), y) for data in (X, changed, X.copy())]

    assert digests[0] == digests[2] != digests[1]


def test_a_change_of_the_target_is_another_version(stored: Any, table: Any) -> None:
    """One label differs: another digest."""
    X, y = table
    flipped = y.copy()
    flipped[20_000] ^= 1

    assert digest_of_fit(stored, X, y) != digest_of_fit(stored, X, flipped)


def test_a_change_in_sparse_data_is_another_version(stored: Any) -> None:
    """One stored value of a sparse matrix differs: another digest."""
    import scipy.sparse as sparse

    X = sparse.random(ROWS, 40, density=0.01, format="csr", random_state=0)
    y = (np.arange(ROWS) % 2).astype(int)
    changed = X.copy()
    changed.data[15_000] += 1.0
    digests = []
    for data in (X, changed, X.copy()):
        SGDClassifier(max_iter=2, tol=None).fit(data, y)
        digests.append(stored()[-1].datasets[0].digest)

    assert digests[0] == digests[2] != digests[1]


def test_the_same_data_in_two_frameworks_are_one_version(stored: Any, table: Any) -> None:
    """Features and target have one digest, whoever trains on them."""
    import lightgbm as lgb

    X, y = table
    DecisionTreeClassifier(max_depth=1).fit(X, y)
    model = lgb.LGBMClassifier(n_estimators=1, num_leaves=2, verbose=-1, n_jobs=1)
    model.fit(X, y)
    first, second = (run.datasets[0].digest for run in stored())

    assert first == second


SPARSE = """
import json, resource, sys
import numpy as np, scipy.sparse as sparse
from sklearn.linear_model import SGDClassifier
recorded = json.loads(sys.argv[1])
if recorded:
    import epochlog
    epochlog.autolog(hardware=False)
ROWS, COLUMNS = 20_000, 20_000  # 3.2 GB if it were dense
draw = np.random.default_rng(0)
places = (np.repeat(np.arange(ROWS), 10), draw.integers(0, COLUMNS, ROWS * 10))
X = sparse.csr_matrix((draw.normal(size=ROWS * 10), places), (ROWS, COLUMNS))
y = np.arange(ROWS) % 2
SGDClassifier(max_iter=2, tol=None).fit(X[:2000], y[:2000])  # what is loaded once
if recorded:
    epochlog.flush()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
SGDClassifier(max_iter=2, tol=None).fit(X, y)
if recorded:
    epochlog.flush()
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
scale = 1 if sys.platform == "darwin" else 1024
print("\\n" + json.dumps([before * scale / 2**20, after * scale / 2**20]))
"""


@pytest.mark.slow
def test_a_sparse_fit_adds_less_than_50_mb() -> None:
    """The peak memory of a process that fits sparse data grows by less than 50 MB by the recording."""
    peaks = {}
    for recorded in (False, True):
        done = run_python(SPARSE, json.dumps(recorded))
        assert done.returncode == 0, done.stderr
        peaks[recorded] = json.loads(done.stdout.splitlines()[-1])
    grown = {recorded: after - before for recorded, (before, after) in peaks.items()}

    assert grown[True] - grown[False] < 20, peaks  # of the fit itself
    if sys.platform == "linux":  # with all that recording imports: database, journal, threads
        assert peaks[True][1] - peaks[False][1] < 50, peaks


DENSE = """
import json, resource, sys
import numpy as np
from sklearn.linear_model import SGDClassifier
recorded = json.loads(sys.argv[1])
if recorded:
    import epochlog
    epochlog.autolog(hardware=False)
X = np.random.default_rng(0).normal(size=(1_000_000, 20))  # 160 MB
y = (X[:, 0] > 0).astype(int)
SGDClassifier(max_iter=1, tol=None).fit(X, y)
if recorded:
    epochlog.flush()
print("\\n" + json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""


@pytest.mark.slow
def test_a_dense_fit_is_not_copied() -> None:
    """Recording a fit on 160 MB adds less than a third of that to the peak: nothing is copied whole."""
    peaks = []
    for recorded in (False, True):
        done = run_python(DENSE, json.dumps(recorded))
        assert done.returncode == 0, done.stderr
        peaks.append(json.loads(done.stdout.splitlines()[-1]))

    assert peaks[1] - peaks[0] < 60, peaks
