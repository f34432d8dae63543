"""The callback for those who like to be explicit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import epochlog
from epochlog_keras import EpochlogCallback

keras = pytest.importorskip("keras")


@pytest.fixture
def off() -> None:
    """Record nothing by itself."""
    epochlog.autolog(disable=["keras", "torch"], hardware=False)


def test_a_run_of_its_own(
    off: None, arrays: Any, make_model: Any, stored: Any, tmp_path: Path
) -> None:
    """Without autolog it records what autolog would: arguments, curves, data, checkpoints, the model."""
    X, y = arrays
    keep = keras.callbacks.ModelCheckpoint(str(tmp_path / "m.keras"), save_best_only=True)
    stop = keras.callbacks.EarlyStopping(patience=5)
    callbacks = [keep, stop, EpochlogCallback()]
    mine = list(callbacks)
    history = make_model().fit(X, y, 40, 3, 0, callbacks, validation_data=(X[:30], y[:30]))
    (run,) = stored()

    assert callbacks == mine
    assert run.status == "completed"
    assert list(run.series("val/loss").values) == history.history["val_loss"]
    assert list(run.series("val/loss").steps) == [3, 6, 9]
    assert run.params["fit.batch_size"] == 40
    assert run.params["fit.epochs"] == 3
    assert run.params["callbacks.EarlyStopping.patience"] == 5
    assert [d.role for d in run.datasets] == ["train", "validation"]
    assert run.metrics["best_epoch"].last == stop.best_epoch
    assert [c.state for c in run.checkpoints][-1] == "live"
    assert len(run.models) == 1


def test_into_a_run_of_the_user(off: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Given a run, it records there and leaves its end to its owner."""
    with epochlog.start_run() as mine:
        make_model().fit(*arrays, verbose=0, callbacks=[EpochlogCallback(mine, models=False)])
        assert mine.active
    (run,) = stored()

    assert run.id == mine.id
    assert run.metrics["train/loss"].count == 1
    assert not run.models


def test_reused_for_several_fits(off: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """One callback in several fits makes a run for each."""
    callback = EpochlogCallback()
    for epochs in (1, 2):
        make_model().fit(*arrays, epochs=epochs, verbose=0, callbacks=[callback])

    assert [run.metrics["train/loss"].count for run in stored()] == [1, 2]
    assert {run.status for run in stored()} == {"completed"}


class Failing(keras.callbacks.Callback):
    """Raises in the second epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            raise ZeroDivisionError("theirs")


def test_a_training_that_fails(off: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """As a context manager it ends the run as failed; else the next fit finds it unfinished."""
    with pytest.raises(ZeroDivisionError), EpochlogCallback() as callback:
        make_model().fit(*arrays, epochs=3, verbose=0, callbacks=[callback, Failing()])
    bare = EpochlogCallback()
    with pytest.raises(ZeroDivisionError):
        make_model().fit(*arrays, epochs=3, verbose=0, callbacks=[bare, Failing()])
    make_model().fit(*arrays, epochs=1, verbose=0, callbacks=[bare])
    runs = stored()

    assert [run.status for run in runs] == ["failed", "failed", "completed"]
    assert [run.metrics["train/loss"].count for run in runs] == [1, 1, 1]
    assert {run.parent_id for run in runs} == {None}


def test_nothing_twice_with_autolog(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """With autolog on, fit is recorded once."""
    make_model().fit(*arrays, epochs=2, verbose=0, callbacks=[EpochlogCallback()])
    (run,) = stored()

    assert run.metrics["train/loss"].count == 2


def test_an_unknown_option() -> None:
    """An option that does not exist is named, with those that do."""
    with pytest.raises(TypeError, match=r"no option 'modles'; there are: .*models"):
        EpochlogCallback(modles=False)
