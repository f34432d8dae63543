"""Trainings end early when somebody asks, by their framework's own ending, and only if allowed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import epochlog
from epochlog.query.run_view import RunView

AT, MANY = 3, 40
"""The stop is requested at this step (0-based) of so many."""


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(64, 4)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(np.float32)


def lightgbm(tell: Callable[[int], None]) -> int:
    lgb = pytest.importorskip("lightgbm")
    X, y = data()
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 2}
    done = lgb.train(params, lgb.Dataset(X, y), MANY, callbacks=[lambda env: tell(env.iteration)])
    return int(done.current_iteration())


def xgboost(tell: Callable[[int], None]) -> int:
    xgb = pytest.importorskip("xgboost")
    X, y = data()

    class Tell(xgb.callback.TrainingCallback):  # type: ignore[misc, name-defined, unused-ignore]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            tell(epoch)
            return False

    done = xgb.train({"nthread": 1}, xgb.DMatrix(X, y), MANY, callbacks=[Tell()])
    return int(done.num_boosted_rounds())


def catboost(tell: Callable[[int], None]) -> int:
    cb = pytest.importorskip("catboost")
    X, y = data()

    class Tell:
        def after_iteration(self, info: Any) -> bool:
            tell(info.iteration - 1)
            return True

    model = cb.CatBoostClassifier(iterations=MANY, verbose=False, thread_count=1)
    model.fit(X, y, callbacks=[Tell()])
    return int(model.tree_count_)


def keras(tell: Callable[[int], None]) -> int:
    """Batches of one epoch: Keras looks at its flag after each."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    seen: list[int] = []

    class Tell(keras.callbacks.Callback):  # type: ignore[misc, name-defined, unused-ignore]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)
            tell(batch)

    X, y = data()
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.fit(X[:MANY], y[:MANY], batch_size=1, epochs=1, verbose=0, callbacks=[Tell()])
    return len(seen)


def lightning(tell: Callable[[int], None]) -> int:
    L = pytest.importorskip("lightning")
    import torch

    class Net(L.LightningModule):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            tell(self.trainer.global_step)
            return torch.nn.functional.mse_loss(self.layer(batch[0])[:, 0], batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    X, y = data()
    rows = torch.utils.data.TensorDataset(torch.tensor(X[:MANY]), torch.tensor(y[:MANY]))
    trainer = L.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Net(), torch.utils.data.DataLoader(rows, batch_size=1))
    return int(trainer.global_step)


def transformers(tell: Callable[[int], None]) -> int:
    transformers = pytest.importorskip("transformers")
    import torch

    class Net(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x: Any, labels: Any) -> dict[str, Any]:
            return {"loss": ((self.layer(x)[:, 0] - labels) ** 2).mean()}

    class Tell(transformers.TrainerCallback):  # type: ignore[misc, name-defined, unused-ignore]
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            tell(state.global_step)

    X, y = data()
    rows = [{"x": torch.tensor(X[i]), "labels": torch.tensor(y[i])} for i in range(MANY)]
    arguments = transformers.TrainingArguments(
        "out", max_steps=MANY, per_device_train_batch_size=1, save_strategy="no", report_to=[],
        disable_tqdm=True, use_cpu=True,
    )  # fmt: skip
    trainer = transformers.Trainer(Net(), arguments, train_dataset=rows, callbacks=[Tell()])
    trainer.train()
    return int(trainer.state.global_step)


def optuna(tell: Callable[[int], None]) -> int:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: Any) -> float:
        tell(trial.number)
        return float(trial.suggest_float("x", 0, 1))

    study = optuna.create_study()
    study.optimize(objective, n_trials=MANY)
    return len(study.trials)


def own_loop(tell: Callable[[int], None]) -> int:
    for step in range(MANY):
        tell(step)
        if epochlog.stop_requested():
            break
    return step + 1


BOOSTERS = [lightgbm, xgboost, pytest.param(catboost, marks=pytest.mark.slow)]
NETWORKS = [
    pytest.param(train, marks=pytest.mark.slow) for train in (keras, lightning, transformers)
]
ALL = [*BOOSTERS, *NETWORKS, optuna, own_loop]


def recorded(train: Callable[..., int], at: int | None) -> tuple[int, RunView]:
    """Train inside a run of the user's own that is asked to stop at step ``at``."""
    with epochlog.start_run() as run:

        def tell(step: int) -> None:
            if step == at:
                run.request_stop("val loss is flat", by="alice")

        steps = train(tell)
    return steps, epochlog.get_run(run.id)


@pytest.mark.parametrize("train", ALL)
def test_a_training_ends_at_the_next_step(train: Callable[..., int]) -> None:
    """The step in which the request comes is the last one; the run is completed, and says why."""
    epochlog.autolog(allow_stop=True, hardware=False)

    steps, run = recorded(train, AT)

    assert steps == AT + 1
    assert run.status == "completed"
    assert run.status_reason == "stopped on request of alice: val loss is flat"
    assert "stopped-on-request" in [tag for each in (run, *run.children()) for tag in each.tags]
    assert run.stop is not None
    assert (run.stop.by, run.stop.reason) == ("alice", "val loss is flat")


@pytest.mark.parametrize("train", [*BOOSTERS, *NETWORKS, optuna])
def test_nothing_stops_that_is_not_allowed_to(train: Callable[..., int]) -> None:
    """Without ``allow_stop`` a request changes nothing, and the run says of none that was obeyed."""
    epochlog.autolog(hardware=False)

    steps, run = recorded(train, AT)

    assert steps == MANY
    assert (run.status, run.status_reason, run.tags) == ("completed", "", [])


@pytest.mark.parametrize("train", ALL)
def test_nothing_stops_unasked(train: Callable[..., int]) -> None:
    """Allowed but not asked, a training goes to its end."""
    epochlog.autolog(allow_stop=True, hardware=False)

    steps, run = recorded(train, None)

    assert steps == MANY
    assert (run.status, run.status_reason, run.tags) == ("completed", "", [])


def test_being_stoppable_changes_no_model() -> None:
    """Allowed and not asked, LightGBM and XGBoost build the very same trees."""
    lgb, xgb = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    X, y = data()

    def models() -> tuple[str, bytes]:
        params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 2}
        rows = lgb.Dataset(X, y)
        first = lgb.train(
            params, rows, 10, valid_sets=[rows], callbacks=[lgb.early_stopping(3, verbose=False)]
        )
        second = xgb.train({"nthread": 1, "seed": 1}, xgb.DMatrix(X, y), 10)
        return f"{first.best_iteration} {first.model_to_string()}", bytes(second.save_raw("json"))

    plain = models()
    epochlog.autolog(allow_stop=True, hardware=False)
    assert models() == plain


def test_early_stopping_keeps_its_best_iteration() -> None:
    """A booster that is stopped on request predicts with the best iteration so far, as it would."""
    lgb = pytest.importorskip("lightgbm")
    X, y = data()
    epochlog.autolog(allow_stop=True, hardware=False)
    worse = iter([0.5, 0.4, 0.6, 0.7, 0.8, 0.9])
    with epochlog.start_run() as run:

        def tell(env: Any) -> None:
            if env.iteration == AT:
                run.request_stop()

        done = lgb.train(
            {"objective": "binary", "metric": "none", "verbosity": -1, "num_threads": 1},
            lgb.Dataset(X, y),
            MANY,
            valid_sets=[lgb.Dataset(X, y)],
            feval=lambda predicted, rows: ("odd", next(worse), False),
            callbacks=[lgb.early_stopping(100, verbose=False), tell],
        )

    assert done.best_iteration == 2
    assert next(worse) == 0.8  # the fifth iteration was never evaluated
