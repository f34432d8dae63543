"""Tell everything of a process that recording must leave alone, besides what a training returns."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import random
import signal
import sys
import threading
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def surroundings() -> dict[str, Any]:
    """Return the state of the process, as names and values that two equal trainings share.

    Call it right after the training, without and with recording, and compare the two. Looks into
    frameworks only if they are loaded. Not among it, because documented: variables named
    ``EPOCHLOG_…``, loggers named ``epochlog…``, and what the C level does on SIGTERM.
    """
    return {
        "states of random": random.getstate(),
        "states of numpy.random": np.random.get_state(),
        "NumPy's error state": (np.geterr(), np.geterrcall(), np.get_printoptions()),
        "torch": _torch(sys.modules.get("torch")),
        "warnings.filters": [_filter(each) for each in warnings.filters],
        "warnings.showwarning": warnings.showwarning,
        "logging": _logging(),
        "hooks": _hooks(),
        "signal handlers": {str(each): signal.getsignal(each) for each in _signals()},
        "streams": (id(sys.stdin), id(sys.stdout), id(sys.stderr)),
        "os.environ": {k: v for k, v in os.environ.items() if not k.startswith("EPOCHLOG_")},
        "working directory and sys.path": (str(Path.cwd()), list(sys.path)),
        "interpreter": _interpreter(),
        "figures": _figures(),
    }


def differing(one: dict[str, Any], two: dict[str, Any], same: Any) -> list[str]:
    """Return what differs between two answers; loggers count only if both know them."""
    found = []
    for what, value in one.items():
        other = two[what]
        if what == "logging":
            other = {name: state for name, state in other.items() if name in value}
        if not same(value, other):
            found.append(what)
    return found


def _logging() -> dict[str, Any]:
    loggers = {
        name: _logger(each)
        for name, each in list(logging.root.manager.loggerDict.items())
        if isinstance(each, logging.Logger) and name.split(".")[0] != "epochlog"
    }
    own = (logging.root.manager.disable, logging.raiseExceptions, logging.getLoggerClass())
    return {**loggers, "": (*own, id(logging.lastResort), _logger(logging.root))}


def _logger(each: logging.Logger) -> tuple[Any, ...]:
    handlers = [(id(handler), handler.level) for handler in each.handlers]
    filters = [id(found) for found in each.filters]
    return each.level, each.propagate, each.disabled, handlers, filters


def _hooks() -> dict[str, Any]:
    return {
        "sys.excepthook": sys.excepthook,
        "sys.unraisablehook": sys.unraisablehook,
        "sys.displayhook": sys.displayhook,
        "threading.excepthook": threading.excepthook,
        "sys.settrace": sys.gettrace(),
        "sys.setprofile": sys.getprofile(),
        "threading.settrace": threading.gettrace(),
        "threading.setprofile": threading.getprofile(),
        "gc.callbacks": [id(each) for each in gc.callbacks],
    }


def _interpreter() -> dict[str, Any]:
    return {
        "gc": (gc.isenabled(), gc.get_threshold()),
        "recursion limit": sys.getrecursionlimit(),
        "switch interval": sys.getswitchinterval(),
        "start method": multiprocessing.get_start_method(allow_none=True),
        "umask": _umask(),
    }


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _signals() -> list[signal.Signals]:
    return sorted(each for each in signal.valid_signals() if isinstance(each, signal.Signals))


def _filter(each: Any) -> tuple[Any, ...]:
    """Return a filter with its patterns as texts, as compiled ones may be compiled anew."""
    return tuple(getattr(part, "pattern", part) for part in each)


def _torch(torch: ModuleType | None) -> dict[str, Any]:
    """Return PyTorch's random state and global switches."""
    if torch is None or not hasattr(torch, "get_rng_state"):
        return {}
    return {
        "rng": torch.get_rng_state().numpy().tobytes(),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "dtype": str(torch.get_default_dtype()),
        "threads": torch.get_num_threads(),
        "anomaly": torch.is_anomaly_enabled(),
    }


def _figures() -> Any:
    """Return matplotlib's open figures and its backend, if it is loaded."""
    pyplot, matplotlib = (sys.modules.get(n) for n in ("matplotlib.pyplot", "matplotlib"))
    figures = pyplot.get_fignums() if pyplot is not None else []
    backend = dict.get(matplotlib.rcParams, "backend") if matplotlib is not None else None
    return figures, backend if isinstance(backend, str) else None
