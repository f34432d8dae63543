"""The explicit callback, for those who do without ``autolog()``."""

from __future__ import annotations

from typing import Any

import pytest
import transformers

import epochlog
from epochlog_transformers import EpochlogCallback


@pytest.fixture
def off() -> None:
    """Configure recording without this integration."""
    epochlog.autolog(disable=["transformers", "torch"], hardware=False)


def test_a_run_of_its_own(off: None, make: Any, stored: Any, history: Any) -> None:
    """Each training opens a run, which ends with it; curves, parameters and checkpoints are there."""
    trainer = make(callbacks=[EpochlogCallback()], save_strategy="epoch")
    trainer.train()
    trainer.train()
    first, second = stored()

    assert (first.status, second.status) == ("completed", "completed")
    assert first.source == "transformers"
    for run in (first, second):
        assert list(run.series("train/loss").steps) == [2, 4, 6, 8]
        assert list(run.series("val/loss").steps) == [4, 8]
        assert run.params["args.learning_rate"] == 1e-3
        assert [each.step for each in run.checkpoints if each.state == "live"] == [4, 8]
    assert list(second.series("train/loss").values) == history(trainer, "loss").values


def test_evaluations_go_with_the_training(off: None, make: Any, stored: Any) -> None:
    """What is evaluated and predicted after a training belongs to its run."""
    trainer = make(callbacks=[EpochlogCallback()])
    trainer.train()
    result = trainer.evaluate()
    test = trainer.predict(trainer.eval_dataset)
    (run,) = stored()

    assert run.metrics["val/loss"].count == 2
    assert run.metrics["val/loss", "after training"].last == result["eval_loss"]
    assert run.metrics["test/loss"].last == test.metrics["test_loss"]


def test_the_users_run(off: None, make: Any, stored: Any) -> None:
    """It records into the current run, or into the one it was given, and leaves them open."""
    with epochlog.start_run(name="mine") as mine:
        make(callbacks=[EpochlogCallback()], max_steps=2).train()
        assert mine.active
    with epochlog.start_run(name="given") as given:
        make(callbacks=[EpochlogCallback(given)], max_steps=2).train()
    runs = stored()

    assert [run.name for run in runs] == ["mine", "given"]
    assert [run.metrics["train/loss"].count for run in runs] == [1, 1]


def test_as_a_context_manager(off: None, make: Any, stored: Any) -> None:
    """An exception inside the block ends the run as failed."""

    class Broken(transformers.TrainerCallback):
        def on_step_end(self, args, state, control, **kwargs):
            if state.global_step == 3:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), EpochlogCallback() as callback:
        make(callbacks=[callback, Broken()]).train()
    (run,) = stored()

    assert run.status == "failed"
    assert list(run.series("train/loss").steps) == [2]


def test_nothing_twice_with_autolog(on: None, make: Any, stored: Any) -> None:
    """With autolog on, a training is recorded once."""
    callback = EpochlogCallback()
    trainer = make(callbacks=[callback])
    trainer.train()
    trainer.evaluate()
    (run,) = stored()

    assert run.metrics["train/loss"].count == 4
    assert run.metrics["val/loss"].count == 2
    assert run.params["callbacks"] == [] if "callbacks" in run.params else True
