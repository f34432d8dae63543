"""However LightGBM is imported and called, the same is recorded; and it works in other processes."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from processes import run_python

MODEL = """
import numpy as np
X = np.random.default_rng(0).normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)
P = {"objective": "binary", "metric": "auc", "verbose": -1, "num_threads": 1}
"""
ON = "import epochlog; epochlog.autolog(hardware=False)\n"
CALLS = {
    "module": (
        "import lightgbm as lgb\n",
        "d = lgb.Dataset(X, y); lgb.train(P, d, 5, valid_sets=[d])\n",
    ),
    "from-import": (
        "from lightgbm import Dataset, train\n",
        "d = Dataset(X, y); train(P, d, 5, valid_sets=[d])\n",
    ),
    "submodule": (
        "from lightgbm.engine import train as fit\nfrom lightgbm.basic import Dataset\n",
        "d = Dataset(X, y); fit(P, d, 5, valid_sets=[d])\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("first", [True, False])
def test_same_record_by_every_entrance(call: str, first: bool, stored: Any) -> None:
    """Imported before or after autolog, as a module or by name: one run with the same curve."""
    imports, train = CALLS[call]
    done = run_python((ON + imports if first else imports + ON) + MODEL + train)
    (run,) = stored()

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert list(run.series("train/roc_auc").steps) == list(range(5))
    assert run.params["num_boost_round"] == 5


def test_autolog_imports_no_lightgbm() -> None:
    """Arming costs no import of the framework."""
    done = run_python(ON + "import sys; print('lightgbm' in sys.modules)")

    assert done.stdout.strip() == "False", done.stderr


def test_patched_functions_pickle_by_reference(on: None) -> None:
    """The wrappers are found again by name, as process pools need."""
    import lightgbm

    assert pickle.loads(pickle.dumps(lightgbm.train)) is lightgbm.train
    assert pickle.loads(pickle.dumps(lightgbm.cv)) is lightgbm.cv


POOL = """
import sys
if __name__ == "__main__":
    import epochlog; epochlog.autolog(hardware=False)
import lightgbm as lgb, numpy as np

def main():
    from concurrent.futures import ProcessPoolExecutor
    import multiprocessing
    X = np.random.default_rng(0).normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)
    P = {"objective": "binary", "metric": "auc", "verbose": -1, "num_threads": 1}
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(sys.argv[1])) as pool:
        booster = pool.submit(lgb.train, P, lgb.Dataset(X, y), 5).result(60)
    print(booster.num_trees())

if __name__ == "__main__":
    main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_process_pools(method: str, tmp_path: Any) -> None:
    """submit(lgb.train) works with every way to start processes."""
    import subprocess
    import sys

    from processes import environment

    script = tmp_path / "pool.py"
    script.write_text(POOL)
    done = subprocess.run(
        [sys.executable, str(script), method],
        env=environment(),
        text=True,
        capture_output=True,
        timeout=120,
    )

    assert done.stdout.strip() == "5", done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_joblib(backend: str, tmp_path: Any) -> None:
    """joblib.delayed(lgb.train) works with every backend."""
    code = (
        ON
        + MODEL
        + (
            "import lightgbm as lgb, joblib, sys\n"
            "done = joblib.Parallel(2, backend=sys.argv[1])("
            "joblib.delayed(lgb.train)(P, lgb.Dataset(X, y), 5) for _ in range(2))\n"
            "print([b.num_trees() for b in done])"
        )
    )
    done = run_python(code, backend)

    assert done.stdout.strip() == "[5, 5]", done.stderr


@pytest.mark.slow
def test_threads(on: None, arrays: Any, stored: Any) -> None:
    """Trainings in several threads at once have a run each, complete."""
    import threading

    import lightgbm as lgb

    X, y = arrays

    def work(rounds: int) -> None:
        data = lgb.Dataset(X, y)
        params = {"objective": "binary", "metric": "auc", "verbose": -1, "num_threads": 1}
        lgb.train(params, data, rounds, valid_sets=[data])

    threads = [threading.Thread(target=work, args=(rounds,)) for rounds in (10, 20, 30, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(len(run.series("train/roc_auc").steps) for run in stored()) == [10, 20, 30, 40]
    assert {run.status for run in stored()} == {"completed"}
