"""With and without epochlog, everything that a user can see of LightGBM is the same."""

from __future__ import annotations

import random
import warnings
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

import epochlog

PARAMS = {
    "objective": "binary", "metric": ["auc", "binary_logloss"], "verbose": -1, "num_threads": 1,
    "bagging_fraction": 0.7, "bagging_freq": 1, "feature_fraction": 0.8, "seed": 3, "deterministic": True,
}  # fmt: skip


class Noting:
    """A user's callback that keeps everything that it sees."""

    def __init__(self, order: int | None = None) -> None:
        self.seen: list[Any] = []
        if order is not None:
            self.order = order

    def __call__(self, env: Any) -> None:
        self.seen.append(
            (
                env.iteration,
                env.begin_iteration,
                env.end_iteration,
                [tuple(r) for r in env.evaluation_result_list],
            )
        )


def everything(arrays: Any) -> dict[str, Any]:
    """Train in several ways and return all that can be seen afterwards."""
    X, y = arrays
    random.seed(1)
    np.random.seed(1)
    callbacks = [Noting(), Noting(5), lgb.early_stopping(5, verbose=False), Noting()]
    mine = list(callbacks)
    params = dict(PARAMS)
    train = lgb.Dataset(X[:400], y[:400])
    valid = lgb.Dataset(X[400:], y[400:], reference=train)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        booster = lgb.train(params, train, 60, valid_sets=[train, valid], callbacks=callbacks)
        cv = lgb.cv(params, lgb.Dataset(X, y), 5, nfold=3, seed=4)
        model = lgb.LGBMClassifier(
            n_estimators=5, verbose=-1, n_jobs=1, subsample=0.5, subsample_freq=1
        )
        model.fit(X[:400], y[:400], eval_set=[(X[400:], y[400:])])
    return {
        "text": booster.model_to_string(),
        "best": (booster.best_iteration, dict(booster.best_score), booster.params),
        "cv": cv,
        "model": (model.booster_.model_to_string(), model.evals_result_, model.get_params()),
        "params": params,
        "list": [a is b for a, b in zip(callbacks, mine, strict=True)],
        "orders": [callback.__dict__.get("order") for callback in callbacks],
        "seen": [callback.seen for callback in callbacks if isinstance(callback, Noting)],
        "warnings": [(w.category, str(w.message)) for w in caught],
        "random": (random.random(), np.random.random()),
        "data": (train.data is None, valid.data is None),
        "attributes": sorted(vars(booster)),
    }


def test_nothing_changes(arrays: Any) -> None:
    """Models, scores, callbacks and their orders, params, warnings and random states are bit-equal."""
    without = everything(arrays)
    epochlog.autolog(hardware=False)
    recorded = everything(arrays)

    for key, value in without.items():
        assert recorded[key] == value, key


def test_uninstrument_restores_every_object() -> None:
    """Every wrapped function and method is the very same object again afterwards."""
    from lightgbm import basic, engine, sklearn

    def objects() -> list[Any]:
        names = ("update", "model_to_string", "__del__")
        methods = [basic.Booster.__dict__[name] for name in names]
        return [
            lgb.train,
            lgb.cv,
            engine.train,
            engine.cv,
            engine._agg_cv_result,
            sklearn.train,
            *methods,
        ]

    before = objects()
    epochlog.autolog("lightgbm", hardware=False)
    during = objects()
    epochlog.autolog("lightgbm", hardware=False)
    epochlog.uninstrument()

    assert all(a is not b for a, b in zip(before, during, strict=True))
    assert all(a is b for a, b in zip(before, objects(), strict=True))


def test_our_failures_stay_ours(arrays: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When recording fails in every place that it can, training does not notice."""
    from epochlog_lightgbm import callback, datasets, outcome, training

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ours")

    for module, name in (
        (training, "call_params"), (training, "log_datasets"), (callback, "booster_facts"),
        (callback, "fold_point"), (outcome, "best_scores"), (outcome, "importance"),
        (outcome, "resolved_params"), (datasets, "valid_sets"), (outcome, "cv_ends"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, broken)
    without = everything(arrays)
    epochlog.autolog("lightgbm", hardware=False)

    assert everything(arrays)["text"] == without["text"]
