"""What other trackers get wrong with XGBoost, each as a test of its own."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from processes import run_python, start_python

import epochlog

PARAMS = {"objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1}
QUIET: dict[str, Any] = {"verbose_eval": False}

pytestmark = pytest.mark.usefixtures("on")


def test_a_reused_callbacks_list_stays_as_it_is(sets: Any, stored: Any) -> None:
    """The user's list is not extended, and a second training records into its own run."""
    train, valid = sets
    callbacks: list[Any] = []
    for rounds in (3, 5):
        xgb.train(PARAMS, train, rounds, evals=[(valid, "eval")], callbacks=callbacks, **QUIET)

    assert callbacks == []
    assert [len(run.series("val/loss").steps) for run in stored()] == [3, 5]


def test_best_values_are_no_extra_point(sets: Any, stored: Any) -> None:
    """No point behind the last iteration bends the curve."""
    train, valid = sets
    theirs: dict[str, Any] = {}
    xgb.train(
        PARAMS, train, 50, evals=[(valid, "eval")], early_stopping_rounds=3, evals_result=theirs,
        **QUIET,
    )  # fmt: skip

    assert list(stored()[0].series("val/loss").values) == theirs["eval"]["logloss"]


def test_train_and_valid_do_not_collide(sets: Any, stored: Any) -> None:
    """Two sets with the same metric are two curves, each point at its own step."""
    train, valid = sets
    xgb.train(PARAMS, train, 4, evals=[(train, "train"), (valid, "valid")], **QUIET)
    (run,) = stored()

    assert list(run.series("train/loss").values) != list(run.series("val/loss").values)
    assert list(run.series("val/loss").steps) == [0, 1, 2, 3]


def test_two_names_for_validation_do_not_collide(sets: Any, stored: Any) -> None:
    """'valid' and 'eval' would both be val: the second one is numbered."""
    train, valid = sets
    other = valid.slice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    xgb.train(PARAMS, train, 2, evals=[(valid, "valid"), (other, "eval")], **QUIET)

    assert {"val/loss", "val_1/loss"} <= set(stored()[0].metrics)


def test_one_odd_metric_name_spoils_nothing(sets: Any, stored: Any) -> None:
    """A name with characters that others refuse is a curve, and so are all others."""
    train, valid = sets
    names = ["a(b)[c]{d}", "ü%$&", "x" * 300]
    own = lambda predictions, data: [(name, 0.5) for name in names]
    xgb.train(PARAMS, train, 3, evals=[(valid, "eval")], custom_metric=own, **QUIET)
    (run,) = stored()

    assert run.status == "completed"
    assert len(run.series("val/loss").steps) == 3
    for name in names[:2]:
        assert list(run.series(f"val/{name}").values) == [0.5, 0.5, 0.5]


def test_infinite_values_are_kept(sets: Any, stored: Any) -> None:
    """NaN and infinity come back as they were."""
    train, valid = sets
    values = iter([float("inf"), float("nan"), float("-inf")])
    own = lambda predictions, data: ("own", next(values))
    xgb.train(PARAMS, train, 3, evals=[(valid, "eval")], custom_metric=own, **QUIET)
    found = list(stored()[0].series("val/own").values)

    assert found[0] == float("inf")
    assert found[1] != found[1]
    assert found[2] == float("-inf")


def test_without_evaluation_sets(sets: Any, stored: Any) -> None:
    """No evals, no curves: params, model, importances and the last iteration are there."""
    xgb.train(PARAMS, sets[0], 3)
    (run,) = stored()

    assert run.metrics["stopped_iteration"].last == 2
    assert run.models
    assert run.params["booster.max_depth"] == 6


def test_a_sparse_matrix_is_not_densified(stored: Any) -> None:
    """A sparse matrix that would take 80 GB dense is fingerprinted as it is."""
    sparse = pytest.importorskip("scipy.sparse")
    ones, rows = np.ones(2000), np.arange(2000)
    X = sparse.csr_matrix((ones, (rows, rows * 2000)), shape=(2000, 5_000_000))
    y = [0, 1] * 1000
    xgb.train({"booster": "gblinear", "nthread": 1}, xgb.DMatrix(X, label=y), 1)

    (run,) = stored()

    assert run.datasets[0].digest
    assert len(run.plots[0].data["features"]) == 10_000


def test_change_in_a_late_row_changes_the_digest(arrays: Any, stored: Any) -> None:
    """One changed value anywhere is another version of the data."""
    X, y = arrays
    changed = X.copy()
    changed[599, 5] += 1e-9
    for data in (X, X, changed):
        xgb.train(PARAMS, xgb.DMatrix(data, label=y), 1)
    digests = [run.datasets[0].digest for run in stored()]

    assert digests[0] == digests[1] != digests[2]


@pytest.mark.slow
def test_eight_trainings_in_four_threads(arrays: Any, stored: Any) -> None:
    """Each has a complete run of its own, none is empty or mixed up."""
    X, y = arrays

    def work(rounds: int) -> None:
        for more in (0, 1):
            data = xgb.DMatrix(X, label=y)
            xgb.train(PARAMS, data, rounds + more, evals=[(data, "train")], **QUIET)

    threads = [threading.Thread(target=work, args=(rounds,)) for rounds in (10, 20, 30, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    runs = stored()

    assert sorted(len(run.series("train/loss").steps) for run in runs) == [
        10, 11, 20, 21, 30, 31, 40, 41,
    ]  # fmt: skip
    assert all(run.models and run.params["booster.max_depth"] == 6 for run in runs)


def test_trainings_in_threads_inside_runs_of_the_user(arrays: Any, stored: Any) -> None:
    """A run that a thread opened gets that thread's training."""
    X, y = arrays

    def work(rounds: int) -> None:
        with epochlog.start_run(name=f"mine {rounds}"):
            data = xgb.DMatrix(X, label=y)
            xgb.train(PARAMS, data, rounds, evals=[(data, "train")], **QUIET)

    threads = [threading.Thread(target=work, args=(rounds,)) for rounds in (2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = {run.name: len(run.series("train/loss").steps) for run in stored(nested=False)}
    assert found == {"mine 2": 2, "mine 3": 3, "mine 4": 4}


@pytest.mark.parametrize("pruned", [True, False])
def test_optuna_pruning(sets: Any, stored: Any, pruned: bool) -> None:
    """Optuna's pruning callback ends the training's run as pruned, with its curve up to there."""
    optuna = pytest.importorskip("optuna")
    integration = pytest.importorskip("optuna_integration")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    train, valid = sets

    class Pruner(optuna.pruners.BasePruner):
        def prune(self, study: Any, trial: Any) -> bool:
            return pruned and trial.last_step == 2

    def objective(trial: Any) -> float:
        callbacks = [integration.XGBoostPruningCallback(trial, "eval-logloss")]
        xgb.train(PARAMS, train, 5, evals=[(valid, "eval")], callbacks=callbacks, **QUIET)
        return 0.0

    study = optuna.create_study(pruner=Pruner())
    study.optimize(objective, n_trials=1)
    (run,) = stored()

    assert run.status == ("pruned" if pruned else "completed")
    assert len(run.series("val/loss").steps) == (3 if pruned else 5)
    assert study.trials[0].state.name == ("PRUNED" if pruned else "COMPLETE")


SLOW_TRAINING = """
import epochlog; epochlog.autolog(hardware=False)
import numpy as np, time, xgboost as xgb
X = np.random.default_rng(0).normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)
class Telling(xgb.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        if epoch == 5:
            print("ready", flush=True)
        time.sleep(0.02)
        return False
d = xgb.DMatrix(X, label=y)
params = {"objective": "binary:logistic", "nthread": 1}
xgb.train(params, d, 100000, evals=[(d, "train")], verbose_eval=False, callbacks=[Telling()])
"""


@pytest.mark.slow
def test_ctrl_c(stored: Any) -> None:
    """A real SIGINT: status canceled, the curve up to there, the exit that Python always makes."""
    process = start_python(SLOW_TRAINING)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    (run,) = stored()

    assert "KeyboardInterrupt" in errors
    assert process.returncode == -signal.SIGINT
    assert run.status == "canceled"
    assert list(run.series("train/loss").steps) == list(range(run.metrics["train/loss"].count))
    assert run.metrics["train/loss"].count >= 6


@pytest.mark.slow
def test_killed_process_leaves_its_curve(stored: Any) -> None:
    """After SIGKILL everything up to there is readable."""
    process = start_python(SLOW_TRAINING)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    process.kill()
    process.communicate(timeout=60)
    (run,) = stored()

    assert run.metrics["train/loss"].count >= 5
    assert run.params["booster.max_depth"] == 6


POOL = """
import sys
if __name__ == "__main__":
    import epochlog; epochlog.autolog(hardware=False)
import xgboost as xgb, numpy as np

def work(train, rounds):
    X = np.random.default_rng(0).normal(size=(300, 4)); y = (X[:, 0] > 0).astype(int)
    return train({"nthread": 1}, xgb.DMatrix(X, label=y), rounds).num_boosted_rounds()

if __name__ == "__main__":
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        print(pool.submit(work, xgb.train, 5).result(60))
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_process_pools(method: str) -> None:
    """xgb.train travels to worker processes by its name."""
    done = run_python(POOL, method)

    assert done.stdout.strip() == "5", done.stderr


def test_autolog_imports_no_xgboost() -> None:
    """Arming costs no import of the framework."""
    done = run_python(
        "import epochlog; epochlog.autolog(hardware=False)\n"
        "import sys; print('xgboost' in sys.modules)"
    )

    assert done.stdout.strip() == "False", done.stderr


def test_switched_off_by_name(sets: Any, stored: Any) -> None:
    """autolog(xgboost=False) leaves XGBoost alone, and scikit-learn keeps the estimator's model."""
    epochlog.uninstrument()
    epochlog.autolog(xgboost=False, hardware=False)
    xgb.train(PARAMS, sets[0], 2)
    xgb.XGBClassifier(n_estimators=2, n_jobs=1).fit([[0], [1], [2], [3]], [0, 1, 0, 1])
    (run,) = stored()

    assert run.source == "sklearn"
    (model,) = run.models
    assert model.format in ("pickle", "skops")  # as an estimator's, not XGBoost's own


def test_a_failing_subprocess_is_not_hidden() -> None:
    """A script that XGBoost ends with an error ends with the same code as without us."""
    code = "import xgboost as x; x.train({'objective': 'none'}, x.DMatrix([[1.0]], label=[1]))"
    codes = [
        run_python(line + code).returncode
        for line in ("", "import epochlog; epochlog.autolog(hardware=False)\n")
    ]

    assert codes[0] == codes[1] == 1
