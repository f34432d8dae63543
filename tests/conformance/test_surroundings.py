"""The published suite notices each thing that recording could change around a training."""

from __future__ import annotations

import gc
import logging
import os
import random
import signal
import sys
import threading
import warnings

import numpy as np
import pytest

from epochlog.plugins.testing import integration as suite
from epochlog.plugins.testing.surroundings import differing, surroundings

torch = pytest.importorskip("torch")


def test_nothing_differs_when_nothing_happens():
    """Two looks at an idle process are equal."""
    assert differing(surroundings(), surroundings(), suite.same) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (random.random, "states of random"),
        (np.random.random, "states of numpy.random"),
        (lambda: torch.rand(1), "torch"),
        (lambda: torch.set_grad_enabled(False), "torch"),
        (lambda: np.seterr(all="raise"), "NumPy's error state"),
        (lambda: warnings.simplefilter("ignore"), "warnings.filters"),
        (lambda: setattr(warnings, "showwarning", print), "warnings.showwarning"),
        (lambda: logging.disable(logging.ERROR), "logging"),
        (lambda: logging.root.addHandler(logging.NullHandler()), "logging"),
        (lambda: logging.root.setLevel(logging.DEBUG), "logging"),
        (lambda: logging.getLogger("known").setLevel(logging.DEBUG), "logging"),
        (lambda: setattr(sys, "excepthook", print), "hooks"),
        (lambda: setattr(threading, "excepthook", print), "hooks"),
        (lambda: sys.setprofile(lambda *args: None), "hooks"),
        (lambda: gc.callbacks.append(lambda *args: None), "hooks"),
        (lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN), "signal handlers"),
        (lambda: setattr(sys, "stdout", sys.__stderr__), "streams"),
        (lambda: os.environ.update(OMP_NUM_THREADS="3"), "os.environ"),
        (lambda: os.chdir("/"), "working directory and sys.path"),
        (lambda: sys.path.append("elsewhere"), "working directory and sys.path"),
        (lambda: sys.setswitchinterval(0.01), "interpreter"),
    ],
)
def test_each_change_is_noticed(change, what, as_before):
    """A change of the process's state shows under the name of what was changed."""
    before = surroundings()
    change()
    found = differing(before, surroundings(), suite.same)

    assert what in found


@pytest.mark.parametrize(
    "harmless",
    [
        lambda: os.environ.update(EPOCHLOG_RUN_ID="x"),
        lambda: logging.getLogger("epochlog.store").setLevel(logging.DEBUG),
        lambda: logging.getLogger("a framework's logger, made at its import"),
    ],
)
def test_what_is_documented_does_not_count(harmless, as_before):
    """Our own variables and loggers, and loggers of modules imported meanwhile, are no harm."""
    before = surroundings()
    harmless()

    assert differing(before, surroundings(), suite.same) == []


@pytest.fixture
def as_before(monkeypatch):
    """Put everything back that the changes of these tests touch."""
    logging.getLogger("known")
    loggers = [logging.getLogger(n) for n in ("known", "epochlog.store")]
    root, levels = list(logging.root.handlers), [(e, e.level) for e in (logging.root, *loggers)]
    kept = [(sys, "excepthook"), (threading, "excepthook"), (sys, "stdout"), (sys, "path")]
    for owner, name in kept:
        value = getattr(owner, name)
        monkeypatch.setattr(owner, name, list(value) if name == "path" else value)
    interval, errors, handler = sys.getswitchinterval(), np.geterr(), signal.getsignal(10)
    here, callbacks, environment = os.getcwd(), list(gc.callbacks), dict(os.environ)
    with warnings.catch_warnings():
        yield
    logging.disable(logging.NOTSET)
    logging.root.handlers[:] = root
    for each, level in levels:
        each.setLevel(level)
    sys.setprofile(None)
    sys.setswitchinterval(interval)
    np.seterr(**errors)
    signal.signal(10, handler)
    gc.callbacks[:] = callbacks
    torch.set_grad_enabled(True)
    os.chdir(here)
    os.environ.clear()
    os.environ.update(environment)
