"""What the user passes as callbacks is theirs: never extended, usable again, None and tuples included."""

from __future__ import annotations

from typing import Any

import pytest
from small_trainings import TRAININGS, each_training

TAKERS = each_training("sklearn", "torch", "optuna")


@pytest.mark.parametrize("name", TAKERS)
def test_a_list_of_callbacks_is_used_twice(stored: Any, name: str) -> None:
    """The list is the same list with the same content after each fit; run 2 adds nothing to run 1."""
    pytest.importorskip(name)
    training, seen = TRAININGS[name], []
    callback = training.own_callback(seen.append)
    callbacks = [callback]
    training.train(3, callbacks)
    assert callbacks == [callback]

    training.train(4, callbacks)
    runs = stored()

    assert callbacks == [callback]
    assert callbacks[0] is callback
    assert seen == [0, 1, 2, 0, 1, 2, 3]
    assert [run.metrics[training.curve].count for run in runs] == [3, 4]
    assert [run.status for run in runs] == ["completed"] * 2


@pytest.mark.parametrize("name", TAKERS)
def test_none_as_callbacks(stored: Any, name: str) -> None:
    """``callbacks=None`` said out loud is the same as nothing said."""
    pytest.importorskip(name)
    training = TRAININGS[name]
    training.train(3, None)
    (run,) = stored()

    assert run.status == "completed"
    assert run.metrics[training.curve].count == 3


@pytest.mark.parametrize("name", each_training(only=("lightgbm", "xgboost", "keras")))
def test_an_empty_list_stays_empty(stored: Any, name: str) -> None:
    """A list without callbacks is without callbacks afterwards."""
    pytest.importorskip(name)
    training, callbacks = TRAININGS[name], []
    training.train(3, callbacks)
    (run,) = stored()

    assert callbacks == []
    assert run.metrics[training.curve].count == 3


@pytest.mark.parametrize("name", each_training(only=("lightgbm", "xgboost")))
def test_a_tuple_of_callbacks(stored: Any, name: str) -> None:
    """Callbacks may come as a tuple where the framework takes one."""
    training, seen = TRAININGS[name], []
    pytest.importorskip(name)
    training.train(3, (training.own_callback(seen.append),))
    (run,) = stored()

    assert seen == [0, 1, 2]
    assert run.metrics[training.curve].count == 3


@pytest.mark.parametrize("name", TAKERS)
def test_a_callback_holds_nothing_of_ours(stored: Any, name: str) -> None:
    """After the fit the user's callback has no attribute that mentions us."""
    pytest.importorskip(name)
    training = TRAININGS[name]
    callback = training.own_callback(lambda step: None)
    training.train(2, [callback])
    stored()

    assert "epochlog" not in repr(getattr(callback, "__dict__", {}))
