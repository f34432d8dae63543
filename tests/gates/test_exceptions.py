"""A training that fails at step k has its k points, the right status, and the user's own exception."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from processes import run_python
from small_trainings import TRAININGS, each_training

import epochlog

K = 5


class Boom(Exception):
    """The user's own."""


def fail(name: str, error: BaseException, at: int = K) -> BaseException:
    """Train until the user's callback raises ``error`` after step ``at``; return what came out."""
    pytest.importorskip(name)
    training = TRAININGS[name]

    def action(step: int) -> None:
        if step == at:
            raise error

    try:
        training.train(20, [training.own_callback(action)])
    except BaseException as caught:
        return caught
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("name", each_training("sklearn", "optuna", "torch"))
def test_points_up_to_the_exception(stored: Any, name: str) -> None:
    """An exception at step k leaves the points of all steps before it, at their places."""
    error = Boom("at five")
    caught = fail(name, error)
    (run,) = stored()
    curve = run.series(TRAININGS[name].curve)
    points = {round(epoch) for epoch in curve.epochs} if has_epochs(curve) else set(curve.steps)
    if name == "transformers":  # counts the epochs that are done
        points = {point - 1 for point in points}

    assert (
        caught is error
        or error in (caught.__cause__, caught.__context__)
        or "at five" in str(caught)
    )
    assert run.status == "failed"
    assert "Boom: at five" in run.traceback
    assert points >= set(range(K)), sorted(points)
    assert points <= set(range(K + 1))


def has_epochs(curve: Any) -> bool:
    """Whether the curve has a second x-axis."""
    return curve.epochs is not None and len(curve.epochs) > 0


@pytest.mark.parametrize("name", each_training("sklearn", "optuna", "torch"))
def test_the_same_exception_with_and_without_recording(stored: Any, name: str) -> None:
    """Type, text and chain of what the user catches are the same as without recording."""
    recorded = fail(name, Boom("no"))
    stored()
    epochlog.uninstrument()
    plain = fail(name, Boom("no"))

    assert type(recorded) is type(plain)
    if name != "catboost":  # repeats in each error the one of the training before
        assert str(recorded) == str(plain)
    assert type(recorded.__cause__) is type(plain.__cause__)


@pytest.mark.parametrize("name", each_training("sklearn", "optuna", "lightning", "torch"))
def test_an_interrupt_at_step_k_is_canceled(stored: Any, name: str) -> None:
    """Ctrl-C in the middle cancels the run, which keeps its points, and passes."""
    recorded = fail(name, KeyboardInterrupt())
    (run,) = stored()
    epochlog.uninstrument()
    plain = fail(name, KeyboardInterrupt())

    assert type(recorded) is type(plain)
    assert run.metrics[TRAININGS[name].curve].count >= K
    # CatBoost makes an error of its own of an interrupt in a callback.
    assert run.status == ("canceled" if isinstance(plain, KeyboardInterrupt) else "failed")


@pytest.mark.parametrize("name", each_training("sklearn", "optuna", "torch"))
def test_the_next_training_is_a_run_of_its_own(stored: Any, name: str) -> None:
    """After a failed training nothing of it is left over: the next run has its own points only."""
    fail(name, Boom("no"), at=2)
    TRAININGS[name].train(3)
    failed, good = stored()

    assert (failed.status, good.status) == ("failed", "completed")
    assert good.parent_id is None
    assert good.metrics[TRAININGS[name].curve].count == 3


LOOP = """
import epochlog; epochlog.autolog(hardware=False)
from small_trainings import train_torch
def action(epoch):
    if epoch == 5:
        raise {error}
train_torch(20, [action])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "status"), [("ValueError('at five')", "failed"), ("KeyboardInterrupt", "canceled")]
)
def test_a_plain_loop_of_torch_that_dies(store: Path, error: str, status: str) -> None:
    """A loop of the user's own has the loss of every step until the exception that ends the script."""
    pytest.importorskip("torch")
    run_python(LOOP.format(error=error))
    (run,) = epochlog.runs(store=store)

    assert run.status == status
    assert run.metrics["train/loss"].count >= 2 * K
