"""What the user passes as callbacks is theirs: never extended, usable again, None and tuples included."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb
import pytest

KERAS_SHAPES = [None, [], (), "list"]
TREES = {"verbose": -1, "num_threads": 1, "num_leaves": 4, "objective": "binary"}


def lightgbm_train(data: Any, callbacks: Any) -> None:
    X, y = data
    train = lgb.Dataset(X, y)
    lgb.train(TREES, train, 4, valid_sets=[train], valid_names=["val"], callbacks=callbacks)


def lightgbm_estimator(data: Any, callbacks: Any) -> None:
    model = lgb.LGBMClassifier(n_estimators=4, verbose=-1, n_jobs=1, num_leaves=4)
    model.fit(*data, eval_set=[data], eval_names=["val"], callbacks=callbacks)


def xgboost_train(data: Any, callbacks: Any) -> None:
    xgb = pytest.importorskip("xgboost")
    matrix = xgb.DMatrix(*data)
    xgb.train(
        {"nthread": 1, "objective": "binary:logistic"},
        matrix,
        4,
        evals=[(matrix, "val")],
        verbose_eval=False,
        callbacks=callbacks,
    )


def catboost_fit(data: Any, callbacks: Any) -> None:
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(
        iterations=4, thread_count=1, verbose=False, allow_writing_files=False
    )
    model.fit(*data, eval_set=data, callbacks=callbacks)


def keras_fit(data: Any, callbacks: Any) -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    model.fit(*data, epochs=4, batch_size=300, verbose=0, callbacks=callbacks, validation_data=data)


def lightning_fit(data: Any, callbacks: Any) -> None:
    pytest.importorskip("lightning")
    from small_models import lightning_module, lightning_trainer, loader

    lightning_trainer(epochs=4, callbacks=callbacks).fit(
        lightning_module(), loader(data), loader(data)
    )


def transformers_train(data: Any, callbacks: Any) -> None:
    pytest.importorskip("transformers")
    from small_models import transformers_trainer

    transformers_trainer(epochs=4, callbacks=callbacks).train()


def own_callback(kind: str) -> Any:
    """Return a callback of the framework that does nothing."""
    if kind == "lightgbm":
        return lambda env: None
    if kind == "xgboost":
        from xgboost.callback import TrainingCallback as Base
    elif kind == "catboost":
        return type("Own", (), {"after_iteration": lambda self, info: True})()
    elif kind == "keras":
        from keras.callbacks import Callback as Base
    elif kind == "lightning":
        from lightning import Callback as Base
    else:
        from transformers import TrainerCallback as Base
    return type("Own", (Base,), {})()


TRAININGS = [
    lightgbm_train,
    lightgbm_estimator,
    pytest.param(xgboost_train, marks=pytest.mark.xgboost),
    pytest.param(catboost_fit, marks=pytest.mark.catboost),
    pytest.param(keras_fit, marks=[pytest.mark.keras, pytest.mark.slow]),
    pytest.param(lightning_fit, marks=[pytest.mark.lightning, pytest.mark.slow]),
    pytest.param(transformers_train, marks=[pytest.mark.transformers, pytest.mark.slow]),
]
