"""Loops written by hand: one run per model, ended when the model or the process ends."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from processes import run_python

import epochlog

keras = pytest.importorskip("keras")


def batches(arrays: Any, size: int = 30) -> list[Any]:
    """Return the data in batches."""
    X, y = arrays
    return [(X[i : i + size], y[i : i + size]) for i in range(0, len(y), size)]


def test_a_loop_is_one_run(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Each batch is a point at its global step, named although Keras returns bare numbers."""
    model = make_model()
    results = [model.train_on_batch(*b) for _ in range(2) for b in batches(arrays)]
    epochlog.uninstrument()
    (run,) = stored()

    assert list(run.series("train/loss").values) == [float(r[0]) for r in results]
    assert list(run.series("train/accuracy").values) == [float(r[1]) for r in results]
    assert list(run.series("train/loss").steps) == list(range(1, 9))
    assert run.metrics["learning_rate"].last == pytest.approx(0.02)
    assert run.params["fit.batch_size"] == 30
    assert run.params["model.parameters"] == 51
    assert run.status == "completed"
    assert run.models[0].format == "keras"


def test_results_as_dict(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """return_dict=True and bare numbers give the same curves."""
    one, two = make_model(), make_model()
    for batch in batches(arrays):
        one.train_on_batch(*batch)
        two.train_on_batch(*batch, return_dict=True)
    epochlog.uninstrument()
    first, second = stored()

    for key in ("train/loss", "train/accuracy"):
        assert list(first.series(key).values) == list(second.series(key).values)


def test_test_on_batch_is_validation(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """What is tested between two training batches is one point: the mean over all its rows."""
    X, y = arrays
    model = make_model()
    model.train_on_batch(X[:60], y[:60])
    results = [model.test_on_batch(*b)[0] for b in ((X[:30], y[:30]), (X[30:40], y[30:40]))]
    model.train_on_batch(X[:60], y[:60])
    last = model.test_on_batch(X[:30], y[:30])[0]
    epochlog.uninstrument()
    (run,) = stored()

    mean = (float(results[0]) * 30 + float(results[1]) * 10) / 40
    assert list(run.series("val/loss").values) == pytest.approx([mean, float(last)])
    assert list(run.series("val/loss").steps) == [1, 2]


def test_two_models_in_turn(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """Two models that are trained in turn, as in a GAN, have a run each."""
    one, two = make_model(), make_model()
    for batch in batches(arrays):
        one.train_on_batch(*batch)
        two.train_on_batch(*batch)
        two.train_on_batch(*batch)
    epochlog.uninstrument()

    assert [run.metrics["train/loss"].count for run in stored()] == [4, 8]


def test_a_deleted_model_ends_its_run(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """When the model goes its run is completed, with nothing of ours keeping it alive."""
    import time
    import weakref

    model = make_model()
    model.train_on_batch(*batches(arrays)[0])
    reference = weakref.ref(model)
    del model
    keras.backend.clear_session()
    gc.collect()
    for _ in range(100):
        if reference() is not None or stored()[0].status == "completed":
            break
        time.sleep(0.05)

    assert reference() is None
    assert stored()[0].status == "completed"


def test_fit_after_a_loop(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """A fit ends the loop's run and has its own; a later loop opens a new one."""
    model = make_model()
    model.train_on_batch(*batches(arrays)[0])
    model.fit(*arrays, epochs=2, verbose=0)
    model.train_on_batch(*batches(arrays)[0])
    epochlog.uninstrument()

    assert [run.metrics["train/loss"].count for run in stored()] == [1, 2, 1]


def test_a_loop_inside_a_run_of_the_user(
    on: None, arrays: Any, make_model: Any, stored: Any
) -> None:
    """The user's own run gets the curve; what they log themselves stays beside it."""
    with epochlog.start_run() as mine:
        model = make_model()
        for step, batch in enumerate(batches(arrays)):
            model.train_on_batch(*batch)
            epochlog.log_metrics({"mine": step}, step=step)
    (run,) = stored()

    assert run.id == mine.id
    assert run.metrics["train/loss"].count == 4
    assert run.metrics["mine"].count == 4


def test_evaluate_in_a_loop(on: None, arrays: Any, make_model: Any, stored: Any) -> None:
    """evaluate() inside of a loop is test/… at the step that the loop has reached."""
    model = make_model()
    for batch in batches(arrays)[:3]:
        model.train_on_batch(*batch)
        model.evaluate(*arrays, verbose=0)
    epochlog.uninstrument()
    (run,) = stored()

    assert list(run.series("test/loss").steps) == [1, 2, 3]


def test_results_do_not_change(on: None, arrays: Any, make_model: Any) -> None:
    """Values, their types and the weights are what they are without recording."""

    def train() -> tuple[Any, ...]:
        model = make_model()
        found = [model.train_on_batch(*b) for b in batches(arrays)]
        found += [model.test_on_batch(*batches(arrays)[0])]
        return found, model.get_weights()

    recorded, weights = train()
    epochlog.uninstrument()
    plain, plain_weights = train()

    assert [[(type(v), float(v)) for v in r] for r in recorded] == [
        [(type(v), float(v)) for v in r] for r in plain
    ]
    assert all(np.array_equal(a, b) for a, b in zip(weights, plain_weights, strict=True))


SCRIPT = """
import epochlog; epochlog.autolog(hardware=False)
import keras, numpy as np
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
for _ in range(5):
    model.train_on_batch(np.ones((4, 2), "float32"), np.ones((4, 1), "float32"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("last", "status"), [("", "completed"), ("1 / 0", "failed")])
def test_a_loop_at_the_end_of_a_script(last: str, status: str, stored: Any) -> None:
    """A script that ends, also by an exception, leaves every point of its loop."""
    run_python(SCRIPT + last)
    (run,) = stored()

    assert run.metrics["train/loss"].count == 5
    assert run.status == status
