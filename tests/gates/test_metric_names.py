"""No name of a metric is illegal, and an odd one costs no other curve and no status."""

from __future__ import annotations

from typing import Any

import pytest
from small_trainings import TREES, cancer, held_out

import epochlog

ODD = [
    "f1(macro)",
    "ndcg@10",
    "top-5 %",
    "µ/ü 漢字",
    "a:b\\c|d",
    "'; drop table run; --",
    "new\nline",
    " leading",
    "x" * 2000,
    "",
]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_in_lightgbm(stored: Any, name: str) -> None:
    """A metric function of the user's with an odd name is a curve, and so are the others."""
    import lightgbm as lgb

    data, theirs = lgb.Dataset(*cancer()), {}
    lgb.train(
        TREES,
        data,
        4,
        valid_sets=[data],
        valid_names=["val"],
        feval=lambda predicted, data: (name, float(predicted[0]), True),
        callbacks=[lgb.record_evaluation(theirs)],
    )
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series(f"val/{name}").values) == theirs["val"][name]
    assert list(run.series("val/loss").steps) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_in_a_run_of_the_user(stored: Any, name: str) -> None:
    """Metrics, params, texts and tags of any name come back under it."""
    with epochlog.start_run() as run:
        run.log_metrics({name: 1.0, "fine": 2.0}, step=3)
        run.log_params({name: 1})
    (found,) = stored()

    assert found.metrics[name].last == 1.0
    assert found.metrics["fine"].last == 2.0
    assert dict(found.params) == {name: 1}


@pytest.mark.parametrize("name", ["ndcg@2", "f1(macro)", "top-5%", "µ漢字", "a\\b"])
def test_an_odd_name_in_xgboost(stored: Any, name: str) -> None:
    """A custom metric of XGBoost with an odd name is a curve, and so is the loss.

    XGBoost itself allows neither spaces nor colons.
    """
    xgb = pytest.importorskip("xgboost")
    data, theirs = xgb.DMatrix(*cancer()), {}
    xgb.train(
        {"nthread": 1, "objective": "binary:logistic"},
        data,
        4,
        evals=[(xgb.DMatrix(*held_out()), "val")],
        custom_metric=lambda predicted, data: (name, float(predicted[0])),
        evals_result=theirs,
        verbose_eval=False,
    )
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series(f"val/{name}").values) == pytest.approx(theirs["val"][name])
    assert list(run.series("val/loss").steps) == [0, 1, 2, 3]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["f1(macro)", "top-5 %", "ndcg@10"])
def test_an_odd_name_in_keras(stored: Any, name: str) -> None:
    """A metric of Keras with an odd name is a curve, for training and validation."""
    keras = pytest.importorskip("keras")
    from small_trainings import keras_model

    model = keras_model()
    model.compile("sgd", "binary_crossentropy", metrics=[keras.metrics.MeanSquaredError(name=name)])
    history = model.fit(*cancer(), epochs=2, verbose=0, validation_data=cancer()).history
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series(f"train/{name}").values) == history[name]
    assert list(run.series(f"val/{name}").values) == history[f"val_{name}"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["val_f1(macro)", "val_top-5 %", "val_ndcg@10"])
def test_an_odd_name_in_lightning(stored: Any, name: str) -> None:
    """What a LightningModule logs under an odd name is a curve."""
    pytest.importorskip("lightning")
    from small_trainings import lightning_class, lightning_trainer, loader

    class Odd(lightning_class()):  # type: ignore[misc]
        def validation_step(self, batch: Any, index: int) -> None:
            super().validation_step(batch, index)
            self.log(name, 0.5)

    lightning_trainer(2).fit(Odd(), loader(), loader())
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series(f"val/{name.removeprefix('val_')}").values) == [0.5, 0.5]
    assert run.metrics["val/loss"].count == 2


def test_an_odd_name_in_scikit_learn(only: Any) -> None:
    """Scorers of any name are metrics of a search and its folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_validate

    cross_validate(LogisticRegression(), *cancer(), cv=2, scoring={"f1(macro) @ 5 %": "f1_macro"})
    run = only()

    assert run.status == "completed"
    assert any("f1(macro) @ 5 %" in key for key in run.metrics)
    assert all(any("f1(macro)" in key for key in fold.metrics) for fold in run.children())


def test_one_value_that_cannot_be_logged_costs_only_itself(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the values of one call, those that are numbers are kept; the run completes and says what was not."""
    monkeypatch.delenv("EPOCHLOG_RAISE")
    with epochlog.start_run() as run:
        run.log_metrics({"good": 1.0, "bad": object(), "better": 2.0}, step=0)  # type: ignore[dict-item]
        run.log_metrics({"good": 3.0}, step=1)
    (found,) = stored()

    assert found.status == "completed"
    assert list(found.series("good").values) == [1.0, 3.0]
    assert found.metrics["better"].count == 1
    assert any("bad" in notice.text for notice in found.notices)
