"""The explicit callback, with autolog off and on; users' own callbacks stay theirs."""

from __future__ import annotations

from typing import Any

import pytest
from catboost import CatBoostClassifier

import epochlog
from epochlog_catboost import EpochlogCallback
from epochlog_catboost.callback import without_ours

QUIET: dict[str, Any] = {"verbose": False, "thread_count": 1, "depth": 2}


class Noting:
    """A user's callback that keeps what it sees."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def after_iteration(self, info: Any) -> bool:
        """Note iteration and length of the history."""
        self.seen.append((info.iteration, len(info.metrics["learn"]["Logloss"])))
        return True


@pytest.fixture
def configured() -> None:
    """Have a store, but no framework recorded by itself."""
    epochlog.autolog("sklearn", hardware=False)


def test_without_autolog(configured: None, arrays: Any, stored: Any) -> None:
    """Curves with 0-based steps, and what the model knows: params, best, importances, the model."""
    X, y = arrays
    callback = EpochlogCallback(loss="Logloss")
    model = CatBoostClassifier(iterations=8, custom_metric="AUC", **QUIET)
    model.fit(X, y, eval_set=(X, y), callbacks=[callback])
    callback.finish(model)
    (run,) = stored()

    assert run.status == "completed"
    assert list(run.series("val/loss").steps) == list(range(8))
    assert list(run.series("val/loss").values) == model.evals_result_["validation"]["Logloss"]
    assert list(run.series("val/roc_auc").values) == model.evals_result_["validation"]["AUC"]
    assert run.series("validation/AUC").values.tolist() == run.series("val/roc_auc").values.tolist()
    assert run.params["model_class"] == "CatBoostClassifier"
    assert run.metrics["best_iteration"].last == model.best_iteration_
    assert run.models[0].load().tree_count_ == model.tree_count_


def test_twice_and_as_a_context_manager(configured: None, arrays: Any, stored: Any) -> None:
    """One object serves several fits; an error inside ``with`` ends its run as failed."""
    X, y = arrays
    callback = EpochlogCallback()
    for iterations in (3, 4):
        model = CatBoostClassifier(iterations=iterations, **QUIET)
        callback.finish(model.fit(X, y, callbacks=[callback]))
    with pytest.raises(KeyError), callback:
        CatBoostClassifier(iterations=2, **QUIET).fit(X, y, callbacks=[callback])
        raise KeyError("later")

    assert [run.metrics["train/log_loss"].count for run in stored()] == [3, 4, 2]
    assert [run.status for run in stored()] == ["completed", "completed", "failed"]


def test_into_a_run_of_the_user(configured: None, arrays: Any, stored: Any) -> None:
    """A run that was given stays open."""
    X, y = arrays
    with epochlog.start_run("mine") as run:
        callback = EpochlogCallback(run)
        callback.finish(CatBoostClassifier(iterations=3, **QUIET).fit(X, y, callbacks=[callback]))
        assert run.active

    assert [r.name for r in stored()] == ["mine"]


def test_with_autolog_nothing_twice(on: None, arrays: Any, stored: Any) -> None:
    """Under autolog the callback does nothing, and does not even slow CatBoost down."""
    X, y = arrays
    callbacks = [EpochlogCallback()]
    mine = list(callbacks)
    for _ in range(2):
        CatBoostClassifier(iterations=5, **QUIET).fit(X, y, callbacks=callbacks)
    callbacks[0].finish()

    assert callbacks == mine
    assert [run.metrics["train/loss"].count for run in stored()] == [5, 5]
    assert without_ours(mine) is None


def test_callbacks_of_the_user(on: None, arrays: Any, stored: Any) -> None:
    """Their list is the same object afterwards, reusable; each callback saw every iteration."""
    X, y = arrays
    first, last = Noting(), Noting()
    callbacks = [first, EpochlogCallback(), last]
    mine = list(callbacks)
    for _ in range(2):
        CatBoostClassifier(iterations=4, **QUIET).fit(X, y, callbacks=callbacks)

    assert callbacks == mine
    assert first.seen == last.seen == [(i, i) for i in (1, 2, 3, 4)] * 2
    assert without_ours([first]) == [first]
    assert [run.params["fit.callbacks"] for run in stored()] == [["Noting", "Noting"]] * 2


def test_autolog_attaches_no_callback(
    on: None, arrays: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Python callback is added: any would make training slower with each iteration."""
    from catboost import core

    X, y = arrays
    used: list[Any] = []
    monkeypatch.setattr(core, "_TrainCallbacksWrapper", lambda callbacks: used.append(callbacks))
    CatBoostClassifier(iterations=3, **QUIET).fit(X, y)

    assert used == []
