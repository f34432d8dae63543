"""A training must not notice that it is being recorded."""

from __future__ import annotations

import pickle
import signal
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from processes import start_python

import epochlog
from epochlog.plugins.api import patched

HERE = Path(__file__).parent


class Stumble(transformers.TrainerCallback):
    """Raises at a step."""

    def __init__(self, step: int, error: BaseException) -> None:
        self.step, self.error = step, error

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.step:
            raise self.error


def train(trainer: Any) -> list[Any]:
    """Return what a training leaves, timings aside."""
    result = trainer.train()
    torch_state = torch.get_rng_state().numpy().copy()
    weights = [value.detach().numpy().copy() for value in trainer.model.state_dict().values()]
    log = [
        {k: v for k, v in each.items() if "runtime" not in k and "second" not in k}
        for each in trainer.state.log_history
    ]
    return [*weights, torch_state, np.random.get_state()[1].copy(), result.training_loss, log]


def test_bit_identical(make: Any) -> None:
    """Weights, losses, log history and random states are the same with and without recording."""
    arguments = {"save_strategy": "epoch", "num_train_epochs": 2, "disable_tqdm": False}
    plain = train(make(**arguments))
    options = {"transformers": {"histograms_every": 2}}
    epochlog.autolog("transformers", hardware=False, options=options)
    recorded = train(make(**arguments))

    for one, two in zip(plain, recorded, strict=True):
        assert np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two


def test_callbacks_are_the_users(on: None, make: Any, stored: Any) -> None:
    """The user's list and the Trainer's handler are as before, also while training fails."""
    mine = [transformers.EarlyStoppingCallback(9)]
    same = list(mine)
    kept = {
        "metric_for_best_model": "loss",
        "load_best_model_at_end": True,
        "save_strategy": "epoch",
    }
    trainer = make(callbacks=mine, num_train_epochs=1, **kept)
    before = list(trainer.callback_handler.callbacks)
    the_list = trainer.callback_handler.callbacks
    trainer.train()
    trainer.evaluate()
    failing = make(callbacks=[*mine, Stumble(1, ValueError("no"))], num_train_epochs=1, **kept)
    with pytest.raises(ValueError, match="no"):
        failing.train()

    assert mine == same
    assert trainer.callback_handler.callbacks is the_list
    assert the_list == before
    assert not any("epochlog" in type(c).__module__ for c in failing.callback_handler.callbacks)
    assert trainer.args.report_to == []


def test_nothing_of_ours_in_what_is_saved(on: None, make: Any, stored: Any) -> None:
    """Checkpoints, arguments and model do not mention us."""
    trainer = make(save_strategy="epoch", num_train_epochs=1)
    trainer.train()

    files = [path for path in Path(trainer.args.output_dir).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"epochlog" in path.read_bytes()]
    assert b"epochlog" not in pickle.dumps(trainer.model)


def test_an_exception(on: None, make: Any, stored: Any) -> None:
    """What was logged up to an exception is stored, and the very same exception arrives."""
    error = ValueError("step 5")
    trainer = make(callbacks=[Stumble(5, error)])
    with pytest.raises(ValueError, match="step 5") as caught:
        trainer.train()
    (run,) = stored()

    assert caught.value is error
    assert run.status == "failed"
    assert list(run.series("train/loss").steps) == [2, 4]
    assert run.params["args.learning_rate"] == 1e-3


def test_an_exception_while_logging(on: None, make: Any, stored: Any) -> None:
    """A point is recorded even when the user's own callback fails on it."""

    class Broken(transformers.TrainerCallback):
        def on_log(self, args, state, control, **kwargs):
            raise RuntimeError("their tracker is down")

    with pytest.raises(RuntimeError, match="tracker"):
        make(callbacks=[Broken()]).train()
    (run,) = stored()

    assert list(run.series("train/loss").steps) == [2]


def test_a_training_that_never_begins(on: None, make: Any, stored: Any) -> None:
    """Without a checkpoint to resume from, the failed run still has its parameters."""
    with pytest.raises(ValueError, match="No valid checkpoint"):
        make().train(resume_from_checkpoint=True)
    (run,) = stored()

    assert run.status == "failed"
    assert run.params["args.num_train_epochs"] == 2


def test_ctrl_c(on: None, make: Any, stored: Any) -> None:
    """An interrupt ends the run as canceled, with everything up to then."""
    with pytest.raises(KeyboardInterrupt):
        make(callbacks=[Stumble(3, KeyboardInterrupt())]).train()
    (run,) = stored()

    assert run.status == "canceled"
    assert run.metrics["train/loss"].count == 1


def test_wrong_arguments(on: None, make: Any, stored: Any) -> None:
    """A call that the Trainer refuses is refused with its own words, and is no run."""
    with pytest.raises(TypeError, match="unexpected"):
        make(eval_strategy="no").evaluate(nonsense=1)

    assert stored() == []


def test_paused_and_disabled(on: None, make: Any, stored: Any) -> None:
    """Inside `paused()`, and with the integration off, nothing is recorded."""
    with epochlog.paused():
        make(max_steps=1).train()
    epochlog.uninstrument()
    epochlog.autolog(disable=["transformers", "torch"], hardware=False)
    make(max_steps=1).train()

    assert stored() == []


def test_undone(on: None, make: Any) -> None:
    """Taken off, the Trainer's methods are its own; a Trainer made meanwhile trains."""
    trainer = make(max_steps=1)
    epochlog.uninstrument()

    assert patched("transformers") == []
    assert transformers.Trainer.train.__code__.co_filename.endswith("trainer.py")
    trainer.train()


def test_no_warning_and_no_output(make: Any, capfd: Any) -> None:
    """We warn about nothing and print nothing, no progress bar for the stored model either."""

    def outputs() -> tuple[list[str], int]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(max_steps=2, eval_strategy="no").train()
        seen = capfd.readouterr()
        return [str(w.message) for w in caught], len((seen.out + seen.err).splitlines())

    outputs()
    plain = outputs()
    epochlog.autolog("transformers", hardware=False)

    assert outputs() == plain


def test_torch_integration_is_silent(make: Any, stored: Any) -> None:
    """With PyTorch's integration on, a training is one run, not two."""
    epochlog.autolog("transformers", "torch", hardware=False)
    trainer = make(max_steps=4)
    trainer.train()
    trainer.evaluate()
    (run,) = stored()

    assert run.source == "transformers"
    assert run.metrics["train/loss"].count == 2


def test_other_integrations_settings_stay(make: Any, stored: Any) -> None:
    """A training resets nobody's settings: those given to ``autolog`` hold afterwards."""
    from sklearn.linear_model import LinearRegression

    options = {"sklearn": {"models": False}}
    epochlog.autolog("transformers", "sklearn", hardware=False, options=options)
    make(max_steps=1).train()
    LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
    ours, theirs = stored()

    assert len(ours.models) == 1
    assert theirs.source == "sklearn"
    assert list(theirs.models) == []


SCRIPT = """
import epochlog; epochlog.autolog(hardware=False)
import sys, time
sys.path.insert(0, {here!r})
import conftest, transformers

class Slow(transformers.TrainerCallback):
    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == 5:
            print("ready", flush=True)
            for _ in range(600):
                time.sleep(0.1)

data = conftest.Sentences(list(conftest.rows()))
args = transformers.TrainingArguments(
    output_dir="out", per_device_train_batch_size=4, logging_steps=1, report_to=[], use_cpu=True,
    disable_tqdm=True, save_strategy="no")
transformers.Trainer(
    conftest.make_model(), args, train_dataset=data, callbacks=[Slow()]).train()
"""


@pytest.mark.slow
def test_a_real_interrupt(store: Path, stored: Any, tmp_path: Path) -> None:
    """Ctrl-C in a terminal: the run is canceled, the curve readable, Python's exit as usual."""
    process = start_python(SCRIPT.format(here=str(HERE)), cwd=tmp_path)
    for line in process.stdout:
        if "ready" in line:
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    (run,) = stored()

    assert "KeyboardInterrupt" in err
    assert run.status == "canceled"
    assert list(run.series("train/loss").steps) == [1, 2, 3, 4]
