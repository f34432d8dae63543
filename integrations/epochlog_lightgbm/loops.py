"""Record boosting loops written by hand: ``for …: booster.update(); booster.eval_valid()``.

One run per booster. It opens at the first ``update`` outside of ``train`` and ``cv``, and closes
when the booster is deleted or the process ends. The run is not made current, since nobody can say
which code belongs to the loop.
"""

from __future__ import annotations

import contextvars
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from epochlog.plugins.api import guard, open_fit, patch_method, paused
from epochlog_lightgbm.datasets import log_dataset
from epochlog_lightgbm.endings import Endings
from epochlog_lightgbm.engine import innermost
from epochlog_lightgbm.extract import importance, lookup
from epochlog_lightgbm.facts import booster_facts, metric_goals, own_names
from epochlog_lightgbm.names import canonical_splits, curve_key, result_fields
from epochlog_lightgbm.outcome import log_text

Function = Callable[..., Any]
OWNER = "lightgbm"
BUDGET_S = 0.1  # for the fingerprint of each data set


class Ending(NamedTuple):
    """What a booster tells at its end; plain data, since the booster itself is about to go."""

    text: str
    plot: dict[str, Any]
    iterations: int
    facts: dict[str, int]


class Loop:
    """A booster's run."""

    def __init__(self, booster: Any) -> None:
        self.booster = weakref.ref(booster)
        self._scope = open_fit("lightgbm.Booster", source="lightgbm")
        # Entered in a context of its own, so that the user's code does not run inside the scope.
        self._context = contextvars.copy_context()
        self._context.run(self._scope.__enter__)
        self.run = self._scope.run
        self._rate: Any = lookup(booster.params, "learning_rate")
        self._objective = lookup(booster.params, "objective", "regression")
        self._keys: dict[tuple[str, str], str] = {}
        self._names = ["training", *booster.name_valid_sets]
        with guard("lightgbm beginning of a loop"):
            self._log_beginning(booster)

    def _log_beginning(self, booster: Any) -> None:
        params = {"model_class": "lightgbm.Booster"} | dict(booster.params)
        self.run.log_params(params | booster_facts(booster))
        splits = canonical_splits(self._names)
        log_dataset(self.run, booster.train_set, "train", "train", BUDGET_S)
        for name, valid in zip(booster.name_valid_sets, booster.valid_sets, strict=False):
            log_dataset(self.run, valid, splits[name], "validation", BUDGET_S)

    def updating(self, booster: Any) -> None:
        """Record the learning rate of a new iteration, if ``reset_parameter`` changed it."""
        rate = lookup(booster.params, "learning_rate")
        if rate != self._rate:
            iteration = booster.current_iteration()
            if self._rate is not None and iteration > 0:
                self.run.log_metrics({"learning_rate": self._rate}, iteration - 1)
            self.run.log_metrics({"learning_rate": rate}, iteration)
            self._rate = rate

    def evaluated(self, booster: Any, results: Sequence[Any]) -> None:
        """Record an evaluation at the iteration that the booster has reached (0-based)."""
        point: dict[str, float] = {}
        for result in results:
            name, metric, value, _ = result_fields(result)
            key = self._keys.get((name, metric)) or self._new_key(name, metric, result)
            point[key] = value
        if point:
            self.run.log_metrics(point, booster.current_iteration() - 1)

    def _new_key(self, name: str, metric: str, result: Any) -> str:
        if name not in self._names:
            self._names.append(name)
        key = curve_key(canonical_splits(self._names)[name], metric, self._objective)
        self._keys[name, metric] = key
        self.run.log_params(metric_goals([result], self._keys))
        self.run.log_metric_aliases(own_names({(name, metric): key}))
        return key

    def close(self, ending: Ending | None) -> None:
        """Record the final model and end the run."""
        with guard("lightgbm end of a loop"):
            if ending is not None:
                self.run.log_metrics(
                    {"stopped_iteration": ending.iterations - 1}, ending.iterations - 1
                )
                self.run.log_plot("importance", "importance", ending.plot)
                log_text(self.run, ending.text, "model", ending.facts)
        with guard("lightgbm run of a loop"):
            self._context.run(self._scope.__exit__, None, None, None)


def ending_of(booster: Any) -> Ending:
    """Return what ``booster`` ends with."""
    gain, split = booster.feature_importance("gain"), booster.feature_importance("split")
    plot = importance(booster.feature_name(), gain, split)
    facts = {"num_trees": booster.num_trees(), "num_features": booster.num_feature()}
    return Ending(booster.model_to_string(), plot, booster.current_iteration(), facts)


_endings = Endings()
_loops = _endings.loops


def counting(original: Function) -> Function:
    """Wrap ``Booster.update``: outside of ``train`` and ``cv`` it is a step of a loop.

    ``train`` calls it, too, so it is patched with ``always`` and asks last whether we are paused.
    """

    def update(self: Any, *args: Any, **kwargs: Any) -> Any:
        if innermost() is None and getattr(self, "train_set", None) is not None and not paused():
            with guard("lightgbm loop"):
                loop = loop_of(self)
                if loop is None:
                    _patch_evaluations()
                    loop = Loop(self)
                    _endings.add(self, loop)
                loop.updating(self)
        return original(self, *args, **kwargs)

    return update


def _patch_evaluations() -> None:
    """Wrap what evaluates a booster, now that there is a loop: ``train`` shall not pay for it."""
    from lightgbm.basic import Booster

    for name in ("eval", "eval_train", "eval_valid"):
        patch_method(Booster, name, observing, owner=OWNER)


def observing(original: Function) -> Function:
    """Wrap ``Booster.eval`` & co.: inside a loop, their results are points of its curves."""

    def evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
        results = original(self, *args, **kwargs)
        if innermost() is None and (loop := loop_of(self)) is not None:
            with guard("lightgbm evaluation"):
                loop.evaluated(self, results)
        return results

    return evaluate


def closing(original: Function) -> Function:
    """Wrap ``Booster.__del__``: the last chance to see a loop's model."""

    def finalizer(self: Any) -> None:
        if _loops.get(id(self)) is not None:
            with guard("lightgbm booster deleted"):
                _endings.deleted(self, ending_of)
        original(self)

    return finalizer


def loop_of(booster: Any) -> Loop | None:
    """Return the loop that ``booster`` is in."""
    loop = _loops.get(id(booster))
    return loop if loop is not None and loop.booster() is booster else None


def close_all() -> None:
    """End the runs of all loops: the process ends, or the integration is switched off."""
    _endings.close_all(ending_of)
