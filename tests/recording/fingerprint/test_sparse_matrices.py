"""Facts about ``fingerprint/sparse_matrices.py``."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from sample_data import digest


def test_sparse_matrices_are_hashed_in_canonical_form() -> None:
    """Unsorted indices and duplicates make no difference, and the user's matrix stays as it is."""
    rows, columns, values = [0, 0, 0, 2], [2, 0, 2, 1], [1.0, 2.0, 3.0, 4.0]
    messy = sparse.csr_matrix((values, columns, [0, 3, 3, 4]), shape=(3, 3))
    clean = sparse.coo_matrix((values, (rows, columns)), shape=(3, 3)).tocsr()
    before = messy.indices.tolist(), messy.data.tolist()

    assert digest(messy) == digest(clean)
    assert (messy.indices.tolist(), messy.data.tolist()) == before
    assert digest(clean) != digest(clean.tocsc())
    wide = clean.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    assert digest(wide) == digest(clean)
