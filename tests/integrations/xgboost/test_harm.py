"""With and without epochlog, everything that a user can see of XGBoost is the same."""

from __future__ import annotations

import random
import re
import warnings
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

import epochlog
from epochlog.plugins.testing import IntegrationTestCase

PARAMS = {
    "objective": "binary:logistic", "eval_metric": ["auc", "logloss"], "nthread": 1,
    "subsample": 0.7, "colsample_bytree": 0.8, "seed": 3,
}  # fmt: skip


_CLOCK = re.compile(r"\[\d\d:\d\d:\d\d\]")


class Noting(xgb.callback.TrainingCallback):
    """A user's callback that keeps everything that it sees."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.seen.append((epoch, repr(evals_log), model.attr("best_iteration")))
        return False


def everything(arrays: Any) -> dict[str, Any]:
    """Train in several ways and return all that can be seen afterwards."""
    X, y = arrays
    random.seed(1)
    np.random.seed(1)
    stop = xgb.callback.EarlyStopping(rounds=5)
    callbacks = [Noting(), stop, xgb.callback.LearningRateScheduler(lambda i: 0.3 * 0.99**i)]
    mine, params, result = list(callbacks), dict(PARAMS), {}
    train, valid = xgb.DMatrix(X[:400], label=y[:400]), xgb.DMatrix(X[400:], label=y[400:])
    evals = [(train, "train"), (valid, "eval")]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        booster = xgb.train(
            {**params, "nonsense": 1}, train, 60, evals=evals, callbacks=callbacks,
            evals_result=result, verbose_eval=20,
        )  # fmt: skip
        cv = xgb.cv(params, train, 5, nfold=3, seed=4, as_pandas=False)
        model = xgb.XGBClassifier(n_estimators=5, n_jobs=1, subsample=0.5)
        model.fit(X[:400], y[:400], eval_set=[(X[400:], y[400:])], verbose=False)
        loop = xgb.Booster(params, [train])
        for i in range(3):
            loop.update(train, i)
        lines = loop.eval_set(evals, 2)
    return {
        "model": bytes(booster.save_raw("ubj")),
        "config": booster.save_config(),
        "attributes": booster.attributes(),
        "result": repr(result),
        "cv": repr(cv),
        "estimator": (bytes(model.get_booster().save_raw("ubj")), repr(model.evals_result())),
        "estimator fields": sorted(vars(model)),
        "loop": (bytes(loop.save_raw("ubj")), lines),
        "params": params,
        "list": [a is b for a, b in zip(callbacks, mine, strict=True)],
        "callback fields": [sorted(vars(callback)) for callback in callbacks],
        "seen": callbacks[0].seen,
        "warnings": [(w.category, _CLOCK.sub("", str(w.message))) for w in caught],
        "random": (random.random(), np.random.random()),
        "fields": (sorted(vars(booster)), sorted(vars(train))),
    }


def test_nothing_changes(arrays: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Models, scores, callbacks, params, warnings, printed lines, random states are equal."""
    without = everything(arrays)
    printed = capfd.readouterr()
    epochlog.autolog(hardware=False)
    recorded = everything(arrays)

    # Before 3.1 XGBoost keeps callbacks in a set: which of them see the last iteration is chance.
    ordered = isinstance(xgb.callback.CallbackContainer([]).callbacks, list)
    by_chance = set() if ordered else {"seen", "config"}
    for key in without.keys() - by_chance:
        assert recorded[key] == without[key], key
    now = capfd.readouterr()
    assert now.out == printed.out or not ordered
    assert _CLOCK.sub("", now.err) == _CLOCK.sub("", printed.err)


def test_uninstrument_restores_every_object() -> None:
    """Every wrapped function and method is the very same object again afterwards."""
    from xgboost import callback, core, sklearn, training

    def objects() -> list[Any]:
        methods = [core.Booster.__dict__[n] for n in ("update", "boost", "set_param", "__del__")]
        container = vars(callback.CallbackContainer)
        methods += [container[name] for name in ("before_training", "after_iteration")]
        methods += [vars(core.DMatrix)["__init__"], vars(core.QuantileDMatrix)["__init__"]]
        return [xgb.train, xgb.cv, training.train, training.cv, sklearn.train, *methods]

    before = objects()
    epochlog.autolog("xgboost", hardware=False)
    during = objects()
    epochlog.autolog("xgboost", hardware=False)
    epochlog.uninstrument()

    assert all(a is not b for a, b in zip(before, during, strict=True))
    assert all(a is b for a, b in zip(before, objects(), strict=True))


def test_our_failures_stay_ours(arrays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When recording fails in every place that it can, training does not notice."""
    from epochlog_xgboost import curves, datasets, loops, outcome, training

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ours")

    for module, name in (
        (training, "call_params"), (training, "log_datasets"), (training, "matrix_facts"),
        (curves, "parsed_line"), (curves, "resolved_params"), (curves, "curve_keys"),
        (outcome, "importance"), (outcome, "model_facts"), (datasets, "Source"),
        (training, "log_end"), (loops, "resolved_params"), (loops, "parsed_line"),
        (loops, "matrix_facts"), (training, "callbacks_of"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, broken)
    without = everything(arrays)
    epochlog.autolog("xgboost", hardware=False)
    recorded = everything(arrays)

    assert recorded["model"] == without["model"]
    assert recorded["cv"] == without["cv"]
    assert recorded["loop"] == without["loop"]


def test_changed_internals_switch_the_plugin_off(
    arrays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the container of callbacks nothing is wrapped, and the report says why."""
    from xgboost.callback import CallbackContainer

    original = xgb.train
    monkeypatch.delattr(CallbackContainer, "before_training")
    report = epochlog.autolog(hardware=False)

    assert xgb.train is original
    assert "before_training" in str(report)


DATA = """
from sklearn.datasets import load_breast_cancer
X, y = load_breast_cancer(return_X_y=True)
params = {"objective": "binary:logistic", "eval_metric": "auc", "max_depth": 3, "nthread": 1}
"""
TRAIN = """
class Noting({0}callback.TrainingCallback):
    pass
callbacks, curves, kept = [Noting(), {0}callback.EarlyStopping(5)], dict(), dict(params)
handed = list(callbacks)
model = {0}train(
    params, data, 10, evals=[(valid, "val")], verbose_eval=False, callbacks=callbacks,
    evals_result=curves,
)
result = [model.predict(valid), model.num_boosted_rounds(), bytes(model.save_raw("ubj"))]
result += [callbacks == handed, params == kept, curves, model.attributes()]
"""


@pytest.mark.slow
class TestXgboost(IntegrationTestCase):
    """The published suite: ``train`` with a validation set."""

    name = "xgboost"
    variants = {
        "module": (
            "import xgboost" + DATA,
            "data = xgboost.DMatrix(X[::2], y[::2])\nvalid = xgboost.DMatrix(X[1::2], y[1::2])"
            + TRAIN.format("xgboost."),
        ),
        "from": (
            "from xgboost import DMatrix, callback, train" + DATA,
            "data, valid = DMatrix(X[::2], y[::2]), DMatrix(X[1::2], y[1::2])" + TRAIN.format(""),
        ),
    }
    failing = "xgboost.train(params, X, 2)"
    expected_params = {"max_depth": 3, "booster.max_depth": 3}
    expected_metrics = ("val/roc_auc",)
    pickled = ("xgboost.train", "xgboost.cv", "xgboost.Booster.update", "xgboost.DMatrix.__init__")
