"""How long one core takes to hash a gigabyte of a data set's content, by kind and by hash."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, value_of

MEGABYTES, MEGABYTES_QUICK = 256, 32
REPEATS = 5
HASHES = ("sha256", "blake2b", "blake2s", "sha1", "sha512", "sha3_256", "md5")
KINDS = ("array", "fortran", "csr", "pandas", "arrow", "file")
TARGET_S = 1.0


def benchmark(options: Options) -> Iterator[Row]:
    """Processor seconds for a gigabyte: raw hashes, then `describe` with all it does."""
    options.say("hashing")
    size = MEGABYTES_QUICK if options.quick else MEGABYTES
    repeats = 1 if options.quick else 3
    try:
        found = [measure("cases.hashing:speeds", megabytes=size) for _ in range(repeats)]
    except MeasurementFailed as error:
        options.failures.append(("hashing", str(error)))
        return
    for name in found[0]:
        target = TARGET_S if name == "describe array" else None
        row = Row("hashing", f"{name}, one core", "s/GB", target)
        row.values[OURS] = value_of(each[name] for each in found)
        yield row


def speeds(folder: str, megabytes: int) -> dict[str, float]:
    """Return seconds for a gigabyte by name; in a child process."""
    import numpy as np

    block = np.random.default_rng(0).integers(0, 255, 2**22, dtype=np.uint8)
    rounds = max(1, megabytes * 2**20 // block.nbytes)
    found = {}
    for name in HASHES:
        found[f"hashlib.{name}"] = _cost(
            rounds * block.nbytes, lambda name=name: _raw(name, block, rounds)
        )
    from epochlog.recording.datasets import describe

    for kind, make in _kinds(folder, megabytes).items():
        data, size = make()
        found[f"describe {kind}"] = _cost(size, lambda data=data: describe(data))
    return found


def _raw(name: str, block: Any, rounds: int) -> None:
    made = hashlib.new(name, usedforsecurity=False)
    for _ in range(rounds):
        made.update(block)


def _cost(size: int, work: Callable[[], Any]) -> float:
    """Return the median of s/GB over some repetitions, by processor time of this thread."""
    taken = []
    for _ in range(REPEATS):
        started = time.thread_time()
        work()
        taken.append((time.thread_time() - started) / size * 1e9)
    return statistics.median(taken)


def _kinds(folder: str, megabytes: int) -> dict[str, Callable[[], tuple[Any, int]]]:
    import numpy as np

    rows = megabytes * 2**20 // 80

    def table() -> Any:
        return np.random.default_rng(0).normal(size=(rows, 10))

    def csr() -> tuple[Any, int]:
        import scipy.sparse

        data = scipy.sparse.csr_matrix(table() * (np.arange(10) % 2))
        return data, data.data.nbytes + data.indices.nbytes + data.indptr.nbytes

    def pandas() -> tuple[Any, int]:
        import pandas as pd

        return pd.DataFrame(table()), rows * 80

    def arrow() -> tuple[Any, int]:
        import pyarrow as pa

        whole = table()
        return pa.table({f"c{i}": np.ascontiguousarray(whole[:, i]) for i in range(10)}), rows * 80

    def file() -> tuple[Any, int]:
        from pathlib import Path

        path = Path(folder, "data.bin")
        path.write_bytes(table().tobytes())
        return path, rows * 80

    return {
        "array": lambda: (table(), rows * 80),
        "fortran": lambda: (np.asfortranarray(table()), rows * 80),
        "csr": csr,
        "pandas": pandas,
        "arrow": arrow,
        "file": file,
    }
