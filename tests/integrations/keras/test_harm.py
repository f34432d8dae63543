"""With and without epochlog, everything that a user can see of Keras is the same."""

from __future__ import annotations

import copy
import pickle
import random
import signal
from typing import Any

import numpy as np
import pytest
from processes import run_python, start_python

import epochlog

keras = pytest.importorskip("keras")


def train(arrays: Any, make_model: Any) -> dict[str, Any]:
    """Train with everything that can be passed, and return all that can be seen afterwards."""
    X, y = arrays
    keras.utils.clear_session()  # Keras 3.8 goes on with one generator, whatever seed is set
    random.seed(1)
    np.random.seed(1)
    model = make_model()
    callbacks = [keras.callbacks.EarlyStopping(patience=1), keras.callbacks.TerminateOnNaN()]
    given, weights = list(callbacks), {0: 1.0, 1: 2.0, 2: 1.0}
    history = model.fit(
        X, y, 20, 3, 0, callbacks, 0.2, None, True, weights, validation_batch_size=7
    )
    return {
        "history": history.history,
        "epochs": history.epoch,
        "params": history.params,
        "identity": model.history is history,
        "weights": [w.tobytes() for w in model.get_weights()],
        "evaluate": model.evaluate(X, y, verbose=0),
        "predict": model.predict(X, verbose=0).tobytes(),
        "list": [a is b for a, b in zip(callbacks, given, strict=True)],
        "class_weight": weights,
        "random": (random.random(), np.random.random()),
        "keras random": float(keras.random.uniform(())),
        "attributes": sorted(k for k in vars(model) if not k.startswith("__")),
        "optimizer": int(model.optimizer.iterations),
    }


def test_nothing_changes(arrays: Any, make_model: Any) -> None:
    """History, weights, predictions, random states, callbacks and attributes are bit-equal."""
    without = train(arrays, make_model)
    epochlog.autolog("keras", hardware=False, options={"keras": {"histograms": True}})
    recorded = train(arrays, make_model)

    for key, value in without.items():
        assert recorded[key] == value, key


@pytest.mark.parametrize("kind", ["none", "list", "tuple", "single", "callback_list"])
def test_callbacks_in_every_container(
    on: None, arrays: Any, make_model: Any, stored: Any, kind: str
) -> None:
    """None, list, tuple, one alone, Keras's CallbackList: all train, none is changed, all can be reused."""
    stop = keras.callbacks.EarlyStopping("loss", patience=9)
    model = make_model()
    containers: dict[str, Any] = {
        "none": None, "list": [stop], "tuple": (stop,), "single": stop,
        "callback_list": keras.callbacks.CallbackList([stop], add_history=True, model=model),
    }  # fmt: skip
    callbacks = containers[kind]
    flat = list(callbacks.callbacks) if kind == "callback_list" else repr(callbacks)
    for _ in range(2):
        model.fit(*arrays, epochs=2, verbose=0, callbacks=callbacks)
    runs = stored()

    assert [run.metrics["train/loss"].count for run in runs] == [2, 2]
    assert {run.status for run in runs} == {"completed"}
    after = list(callbacks.callbacks) if kind == "callback_list" else repr(callbacks)
    assert after == flat
    if kind != "none":
        assert runs[0].params["callbacks.EarlyStopping.patience"] == 9


def test_positional_callbacks_do_not_raise(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """Callbacks as sixth positional argument make a peer raise TypeError; here they just work."""
    make_model().fit(*arrays, 30, 1, 0, [keras.callbacks.TerminateOnNaN()])

    assert stored()[0].params["fit.callbacks"] == ["TerminateOnNaN"]


class Failing(keras.callbacks.Callback):
    """Raises what it was given, in the third epoch."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise self.error


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError("theirs"), "failed"), (KeyboardInterrupt(), "canceled")],
)
def test_exceptions_pass_with_everything_up_to_them(
    on: None, arrays: Any, make_model: Any, stored: Any, error: BaseException, status: str
) -> None:
    """The very same exception comes out; two epochs are stored, and where it ended."""
    with pytest.raises(type(error)) as raised:
        make_model().fit(*arrays, epochs=5, verbose=0, callbacks=[Failing(error)])
    (run,) = stored()

    assert raised.value is error
    assert run.status == status
    assert run.metrics["train/loss"].count == 2
    assert run.metrics["stopped_epoch"].last == 1 or run.metrics["stopped_epoch"].last == 2
    assert run.params["model.parameters"] == 51


def test_what_keras_refuses_is_refused_the_same(on: None, arrays: Any, make_model: Any) -> None:
    """Wrong arguments raise what they raise without us."""
    model = make_model()
    for call in (
        lambda: model.fit(*arrays, epoch=3),
        lambda: model.fit(),
        lambda: model.evaluate(nonsense=1),
        lambda: keras.Sequential([keras.layers.Dense(1)]).fit(*arrays, verbose=0),
    ):
        with pytest.raises(Exception) as ours:
            call()
        with epochlog.paused(), pytest.raises(Exception) as theirs:
            call()
        assert type(ours.value) is type(theirs.value)
        assert str(ours.value) == str(theirs.value)


def test_nothing_of_ours_stays_in_the_model(
    on: None, arrays: Any, make_model: Any, tmp_path: Any
) -> None:
    """After a fit model and history can be copied, pickled and saved without a mention of us."""
    model = make_model()
    history = model.fit(*arrays, verbose=0, validation_split=0.2)
    model.save(tmp_path / "mine.keras")

    assert b"epochlog" not in pickle.dumps(model)
    assert b"epochlog" not in (tmp_path / "mine.keras").read_bytes()
    assert "epochlog" not in repr(vars(history))
    assert copy.deepcopy(model).count_params() == 51
    assert keras.models.clone_model(model).count_params() == 51


def test_disabled_paused_and_taken_off(arrays: Any, make_model: Any, stored: Any) -> None:
    """autolog(disable=…), paused() and uninstrument() each leave no run."""
    from keras.src.callbacks.callback_list import CallbackList

    trainer = next(c for c in keras.Model.__mro__ if "train_on_batch" in vars(c))
    before = [vars(trainer)["fit"], vars(trainer)["train_on_batch"], CallbackList.__init__]
    before += [keras.Model.save, keras.Model.save_weights]
    epochlog.autolog(disable=["keras", "torch"], hardware=False)
    make_model().fit(*arrays, verbose=0)
    epochlog.autolog("keras", hardware=False)
    with epochlog.paused():
        make_model().fit(*arrays, verbose=0)
    epochlog.uninstrument()
    make_model().fit(*arrays, verbose=0)
    after = [vars(trainer)["fit"], vars(trainer)["train_on_batch"], CallbackList.__init__]
    after += [keras.Model.save, keras.Model.save_weights]
    epochlog.autolog("keras", hardware=False)
    make_model().fit(*arrays, verbose=0)

    assert len(stored()) == 1
    assert all(a is b for a, b in zip(before, after, strict=True))


def test_our_failures_stay_ours(
    arrays: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When recording fails in every place that it can, training does not notice."""
    from epochlog_keras import checkpoints, curves, model, outcome, session

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("ours")

    for where, name in (
        (session, "compile_settings"), (session, "log_fit_data"), (session, "model_facts"),
        (session, "learning_rates"), (curves.CurveNames, "points"), (outcome, "log_model"),
        (session, "log_structure"), (checkpoints.Checkpoints, "saved"), (model, "has_lambda"),
        (session.Progress, "advance"), (session.FitSession, "attach"),
    ):  # fmt: skip
        monkeypatch.setattr(where, name, broken)
    without = train(arrays, make_model)
    epochlog.autolog("keras", hardware=False)

    assert train(arrays, make_model) == without


def test_internals_that_changed_switch_the_plugin_off(
    arrays: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A Keras without the class that we enter is left alone, with one line that says so."""
    from keras.src.callbacks import callback_list as internals

    monkeypatch.setenv("EPOCHLOG_RAISE", "0")
    monkeypatch.delattr(internals, "CallbackList")
    report = epochlog.autolog(hardware=False)
    make_model().fit(*arrays, verbose=0)

    assert "keras" in str(report)
    assert [r for r in caplog.records if "'keras' is off" in r.getMessage()]


SCRIPT = """
import epochlog; epochlog.autolog(hardware=False)
import keras, numpy as np, sys
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
tell = keras.callbacks.LambdaCallback(on_epoch_end=lambda e, logs: print(e, flush=True))
X = np.ones((64, 2), "float32")
model.fit(X, X[:, :1], epochs=100000, verbose=0, callbacks=[tell])
"""


@pytest.mark.slow
def test_a_real_interrupt(stored: Any) -> None:
    """Ctrl-C in the middle of a training: canceled, every epoch so far is there."""
    process = start_python(SCRIPT)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    (run,) = stored()

    assert "KeyboardInterrupt" in err
    assert process.returncode == -signal.SIGINT
    assert run.status == "canceled"
    assert run.metrics["train/loss"].count >= 3  # ours comes after the callback that interrupts


@pytest.mark.slow
@pytest.mark.parametrize("order", ["autolog first", "keras first"])
def test_the_backend_is_the_users_choice(order: str, stored: Any) -> None:
    """autolog() imports no Keras and settles no backend, whenever it is called."""
    backend = keras.backend.backend()
    on = "import epochlog; epochlog.autolog(hardware=False)\n"
    on += "import sys; early = 'keras' in sys.modules\n"
    choose = f"import os; os.environ['KERAS_BACKEND'] = {backend!r}\nimport keras\n"
    first = order == "autolog first"
    training = SCRIPT.replace("import epochlog; epochlog.autolog(hardware=False)", "")
    code = (on + choose if first else choose + on) + training.replace("100000", "2")
    done = run_python(code + f"assert early is {not first}\n", KERAS_BACKEND="")
    (run,) = stored()

    assert done.returncode == 0, done.stderr
    assert run.params["backend"] == backend
    assert run.metrics["train/loss"].count == 2
