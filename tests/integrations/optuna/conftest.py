"""Optuna with epochlog on it, and a way to read what was stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import optuna
import pytest

import epochlog


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Optuna's own log is no part of a test's output."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture
def on() -> None:
    """Record Optuna alone."""
    epochlog.autolog("optuna", hardware=False)


@pytest.fixture
def stored() -> Callable[..., Any]:
    """Return a function that reads the only study of the store: (its run, its trials)."""

    def read() -> tuple[Any, list[Any]]:
        epochlog.flush()
        (study,) = epochlog.runs('kind == "study"')
        return study, study.children()

    return read


@pytest.fixture
def random_study() -> Callable[..., optuna.Study]:
    """Return a function that makes a study with a seeded random sampler."""

    def make(**options: Any) -> optuna.Study:
        return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3), **options)

    return make
