"""One training: curves with their x values, parameters, endings, and evaluations around it."""

from __future__ import annotations

from typing import Any

import pytest

CURVES = {
    "train/loss": "loss",
    "gradient_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "val/loss": "eval_loss",
    "val/accuracy": "eval_accuracy",
    "val/runtime": "eval_runtime",
}


def test_curves_are_the_trainers_history(on: None, make: Any, stored: Any, history: Any) -> None:
    """Every curve has the values, the steps and the epochs of the Trainer's own log history."""
    trainer = make()
    trainer.train()
    (run,) = stored()

    assert run.status == "completed"
    for key, own in CURVES.items():
        theirs = history(trainer, own)
        mine = run.series(key)
        assert list(mine.steps) == theirs.steps, key
        assert list(mine.values) == pytest.approx(theirs.values, abs=0), key
        assert list(mine.epochs) == theirs.epochs, key
    assert run.series("eval_loss").key == "val/loss"


def test_the_mean_loss_is_no_point_of_the_curve(on: None, make: Any, stored: Any) -> None:
    """The final ``train_loss`` and speeds stand beside the curve, once."""
    result = make(disable_tqdm=False).train()
    (run,) = stored()

    assert run.metrics["train/loss.mean"].count == 1
    assert run.metrics["train/loss.mean"].last == result.training_loss
    assert run.metrics["train/runtime"].last == result.metrics["train_runtime"]
    assert run.metrics["total_flos"].last == result.metrics["total_flos"]
    assert run.metrics["train/loss"].count == 4
