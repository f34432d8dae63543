"""validate, test and predict are runs of their own, and belong to the fit of their module."""

from __future__ import annotations

from typing import Any

import lightning.pytorch as pl
import pytest

import epochlog


def test_a_test_belongs_to_the_fit(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:
    """It is a child with data and parameters, and its metrics stand in the fit's run as well."""
    trainer = make(max_epochs=1)
    trainer.fit(model, *sets)
    result = trainer.test(model, sets[1], verbose=False)
    trainer.validate(model, sets[1], verbose=False)
    predicted = trainer.predict(model, sets[1])
    (run,) = stored()

    assert run.metrics["test/loss"].last == pytest.approx(result[0]["test_loss"])
    assert run.metrics["val/loss"].count == 1
    test, validate, predict = run.children()
    assert [c.name for c in (test, validate, predict)] == ["test", "validate", "predict"]
    assert {c.kind for c in (test, validate, predict)} == {"eval"}
    assert test.metrics["test/loss"].last == pytest.approx(result[0]["test_loss"])
    assert {"val/loss", "val/accuracy"} <= set(validate.metrics)
    assert "predict" in {data.role for data in predict.datasets}
    assert test.params["test_loader.batch_size"] == 16
    assert len(predicted) == 3


def test_without_a_fit_they_are_runs(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """A test, validation or prediction alone is a run, with the model's facts."""
    make().validate(model, sets[1], verbose=False)
    make().test(model, sets[1], verbose=False)
    validate, test = stored()

    assert validate.kind == test.kind == "eval"
    assert validate.metrics["val/loss"].count == 1
    assert test.params["model_class"] == "Tiny"
    assert test.params["hparams.lr"] == 0.1
    assert test.params["model.parameters"] == 26


def test_in_another_run_of_the_user(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """A run that the user opened for a test gets it, although the fit was elsewhere."""
    make(max_epochs=1).fit(model, *sets)
    with epochlog.start_run("evaluation"):
        make().test(model, sets[1], verbose=False)
    fit, mine = stored()

    assert mine.name == "evaluation"
    assert mine.metrics["test/loss"].count == 1
    assert "test/loss" not in fit.metrics


def test_several_loaders(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:
    """Each loader has its curve, its settings and its data set."""

    class Two(type(model)):  # type: ignore[misc]
        def validation_step(self, batch: Any, batch_idx: int, dataloader_idx: int = 0) -> None:
            self.log("val_loss", self.loss(batch))

    make(max_epochs=2).fit(Two(), sets[0], [sets[0], sets[1]])
    (run,) = stored()

    for i in (0, 1):
        assert run.metrics[f"val/loss/dataloader_idx_{i}"].count == 2
    assert run.params["val_loader.0.batch_size"] == 8
    assert run.params["val_loader.1.batch_size"] == 16
    assert {d.name for d in run.datasets} == {"train", "validation", "validation_1"}


def test_a_failing_test_fails_alone(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:  # fmt: skip
    """The fit stays completed, its test is failed."""

    class Boom(pl.Callback):
        def on_test_start(self, *_: Any) -> None:
            raise ValueError("boom")

    trainer = make(max_epochs=1, callbacks=[Boom()])
    trainer.fit(model, *sets)
    with pytest.raises(ValueError, match="boom"):
        trainer.test(model, sets[1])
    (run,) = stored()

    assert run.status == "completed"
    assert [c.status for c in run.children()] == ["failed"]
