"""Optuna's objects as plain data, and ids that processes work out alike."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import optuna
import pytest

from epochlog_optuna.extract import (
    component_params,
    constraints_of,
    distribution_data,
    is_feasible,
    value_keys,
)
from epochlog_optuna.identity import storage_facts, trial_run_id

RDBStorage: Any = type("RDBStorage", (), {})


def rdb(url: str) -> Any:
    """Return what looks like a database storage, without the database."""
    storage = RDBStorage()
    storage.url = url
    return storage


@pytest.mark.parametrize(
    ("distribution", "data"),
    [
        (
            optuna.distributions.FloatDistribution(0.1, 1, log=True),
            {"name": "FloatDistribution", "low": 0.1, "high": 1.0, "log": True, "step": None},
        ),
        (
            optuna.distributions.CategoricalDistribution(["a", None, 1.5]),
            {"name": "CategoricalDistribution", "choices": ["a", None, 1.5]},
        ),
    ],
)
def test_distributions(distribution: Any, data: dict[str, Any]) -> None:
    """A distribution is its class and its attributes."""
    assert distribution_data(distribution) == data


def test_choices_of_any_kind() -> None:
    """Choices that JSON doesn't know become texts."""
    found = distribution_data(optuna.distributions.CategoricalDistribution([print, 1]))

    assert found["choices"][1] == 1
    assert "print" in str(found["choices"][0])


def test_settings_of_nested_components() -> None:
    """What a sampler wraps is described below it; random state and seeds are left out."""
    inner = optuna.samplers.NSGAIISampler(population_size=7, seed=1)
    sampler = optuna.samplers.PartialFixedSampler({"x": 1}, inner)
    found = component_params("sampler", sampler)

    assert found["sampler"] == "PartialFixedSampler"
    assert found["sampler.fixed_params"] == {"x": 1}
    assert found["sampler.base_sampler"] == "NSGAIISampler"
    assert found["sampler.base_sampler.population_size"] == 7
    assert not [name for name in found if name.endswith((".rng", ".seed"))]


def test_objectives_have_names() -> None:
    """One objective is ``value``; several are named or numbered."""
    assert value_keys(1, ["loss"]) == ["value"]
    assert value_keys(2, None) == ["values/0", "values/1"]
    assert value_keys(2, ["a", "b"]) == ["values/a", "values/b"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://ann:s3cret@db.example:5432/studies?sslmode=require",
        "mysql+pymysql://ann:s3cret@db.example/studies?password=s3cret",
        "postgresql://s3cret@db.example/x",
    ],
)
def test_no_credentials(url: str) -> None:
    """Nothing of a database's URL but its dialect is recorded."""
    facts = storage_facts(rdb(url))

    assert facts == {"storage": "RDBStorage", "storage.dialect": re.match("[a-z]+", url)[0]}


def test_a_database_file_is_named() -> None:
    """Of a file, the path is recorded; a database in memory is nobody else's."""
    assert storage_facts(rdb("sqlite:////data/x.db"))["storage.path"] == "/data/x.db"
    assert storage_facts(rdb("sqlite:///:memory:")) == {"storage": "RDBStorage"}


def test_trial_ids() -> None:
    """Trial ids follow from the study's run and the number, and differ."""
    run = "01a20098-464b-742d-884e-3bd8406dc898"
    found = {trial_run_id(run, number) for number in range(1000)}

    assert len(found) == 1000
    assert trial_run_id(run, 3) in found
    assert all(each[:13] == run[:13] and each[14] == "7" for each in found)


def test_constraints_of_both_generations() -> None:
    """Numbered constraints from before Optuna 5, named ones since."""
    old = SimpleNamespace(system_attrs={"constraints": (0.5, -1.0)})
    new = SimpleNamespace(constraints={"memory": -2.0})

    assert constraints_of(old) == {"0": 0.5, "1": -1.0}
    assert (is_feasible(old), is_feasible(new)) == (False, True)
