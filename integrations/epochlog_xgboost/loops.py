"""Record boosting loops written by hand: ``for i in …: booster.update(dtrain, i)``.

One run per booster. It opens at the first ``update`` or ``boost`` outside of ``train`` and ``cv``,
and closes when the booster is deleted or the process ends. The run is not made current, since
nobody can say which code belongs to the loop.
"""

from __future__ import annotations

import contextvars
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from epochlog.plugins.api import guard, is_silenced, open_fit, patch_method, paused
from epochlog_xgboost.datasets import log_dataset, same_data
from epochlog_xgboost.endings import Endings
from epochlog_xgboost.engine import innermost
from epochlog_xgboost.extract import (
    TREE_KINDS,
    importance,
    lookup,
    resolved_params,
    signature_of,
)
from epochlog_xgboost.facts import function_name, matrix_facts, metric_goals, own_names
from epochlog_xgboost.names import canonical_splits, curve_key, parsed_line
from epochlog_xgboost.outcome import FORMAT, feature_names, model_facts, summary

Function = Callable[..., Any]
OWNER = "xgboost"
BUDGET_S = 0.1  # for the fingerprint of each data set


class Ending(NamedTuple):
    """What a booster tells at its end; plain data, since the booster itself is about to go."""

    data: bytes
    plot: dict[str, Any]
    facts: dict[str, Any]
    signature: dict[str, Any]


class Loop:
    """A booster's run."""

    def __init__(self, booster: Any, dtrain: Any, objective: str | None) -> None:
        self.booster = weakref.ref(booster)
        self.iterations = 0
        self._dtrain = weakref.ref(dtrain)
        self._scope = open_fit("xgboost.Booster", source="xgboost")
        # Entered in a context of its own, so that the user's code does not run inside the scope.
        self._context = contextvars.copy_context()
        self._context.run(self._scope.__enter__)
        self.run = self._scope.run
        self._custom = objective  # name of the user's own, None if XGBoost's
        self._objective = ""
        self._rate: Any = None
        self._keys: dict[tuple[str, str], str] = {}
        self._evaluated: dict[str, bool] = {}
        self._scheduled = False
        with guard("xgboost beginning of a loop"):
            given = {key: value for key, value in given_to(booster).items() if value is not None}
            if objective is not None:
                given["objective"] = objective
            self._rate = lookup(given, "learning_rate")
            self.run.log_params({"model_class": "xgboost.Booster"} | given | matrix_facts(dtrain))
            log_dataset(self.run, dtrain, "train", "train", BUDGET_S)

    def updated(self, booster: Any) -> None:
        """Count an iteration; the first one makes the effective configuration known."""
        self.iterations += 1
        step = self.step(booster)
        rate = lookup(given_to(booster), "learning_rate")
        if self.iterations == 1:
            effective = resolved_params(booster.save_config())
            self._objective = "" if self._custom is not None else str(effective.get("objective"))
            self._rate = effective.get("learning_rate") if rate is None else rate
            self.run.log_params({f"booster.{key}": value for key, value in effective.items()})
        elif rate is not None and rate != self._rate:
            if self._rate is not None and not self._scheduled:
                self.run.log_metrics({"learning_rate": float(self._rate)}, step - 1)
            self._rate, self._scheduled = rate, True
        if self._scheduled:
            self.run.log_metrics({"learning_rate": float(self._rate)}, step)

    def step(self, booster: Any) -> int:
        """Return the iteration that the booster has reached (0-based)."""
        rounds = booster.num_boosted_rounds()
        return max(rounds, 1) - 1 if rounds >= self.iterations else self.iterations - 1

    def evaluated(self, booster: Any, evals: Any, line: str) -> None:
        """Record an evaluation at the iteration that the booster has reached."""
        matrices = {name: matrix for matrix, name in evals}
        point: dict[str, float] = {}
        for name, metric, value in parsed_line(line):
            key = self._keys.get((name, metric))
            point[key or self._new_key(name, metric, matrices.get(name))] = value
        if point:
            self.run.log_metrics(point, self.step(booster))

    def _new_key(self, name: str, metric: str, matrix: Any) -> str:
        dtrain = self._dtrain()
        if name not in self._evaluated:
            is_train = matrix is not None and same_data(matrix, dtrain)
            self._evaluated[name] = is_train
            self._log_set(name, matrix, is_train)
        split = canonical_splits(self._evaluated.items())[name]
        key = curve_key(split, metric, self._objective)
        if key in self._keys.values():
            key = f"{split}/{metric}"
        self._keys[name, metric] = key
        self.run.log_params(metric_goals({(name, metric): key}))
        self.run.log_metric_aliases(own_names({(name, metric): key}))
        return key

    def _log_set(self, name: str, matrix: Any, is_train: bool) -> None:
        if matrix is None or is_train:
            return
        split = canonical_splits(self._evaluated.items())[name]
        self.run.log_params(matrix_facts(matrix, split, features=False))
        role = "test" if split == "test" else "train" if split == "train" else "validation"
        log_dataset(self.run, matrix, split, role, BUDGET_S)

    def close(self, ending: Ending | None) -> None:
        """Record the final model and end the run."""
        with guard("xgboost end of a loop"):
            if ending is not None:
                self._log_ending(ending)
        with guard("xgboost run of a loop"):
            self._context.run(self._scope.__exit__, None, None, None)

    def _log_ending(self, ending: Ending) -> None:
        import xgboost

        last = max(ending.facts["num_boosted_rounds"], self.iterations) - 1
        self.run.log_metrics({"stopped_iteration": last}, last)
        self.run.log_plot("importance", "importance", ending.plot)
        self.run.log_text("model/summary", summary(ending.facts))
        serializer = f"xgboost {xgboost.__version__}"
        self.run.log_model(
            ending.data,
            "model",
            format=FORMAT,
            serializer=serializer,
            schema=ending.signature,
            meta=ending.facts,
        )


def ending_of(booster: Any) -> Ending:
    """Return what ``booster`` ends with."""
    facts = model_facts(booster)
    if facts["booster"] == "gblinear":
        scores = {"coefficient": booster.get_score(importance_type="weight")}
    else:
        scores = {kind: booster.get_score(importance_type=kind) for kind in TREE_KINDS}
    plot = importance(feature_names(booster), scores)
    data = bytes(booster.save_raw(raw_format="ubj"))
    return Ending(data, plot, facts, signature_of(booster, facts))


class _Inside(threading.local):
    """Whether this thread is inside of ``update``, which calls ``boost`` for own objectives."""

    update = False


_inside = _Inside()
_endings = Endings()
_loops = _endings.loops
_given: weakref.WeakKeyDictionary[Any, dict[str, Any]] = weakref.WeakKeyDictionary()
"""Parameters by booster: XGBoost itself does not keep them as they were given."""


def instrument(booster: type) -> None:
    """Wrap the methods of ``xgboost.Booster`` that loops consist of."""
    # Loops never come through train. train calls all of these, too: asked first is whether we are
    # inside of it, and last whether recording is paused. What evaluates is wrapped with the first
    # loop, so that train does not pay for it.
    patch_method(booster, "update", counting, owner=OWNER, always=True)
    patch_method(booster, "boost", counting, owner=OWNER, always=True)
    patch_method(booster, "set_param", noting, owner=OWNER)
    patch_method(booster, "__del__", closing, owner=OWNER, always=True)


def given_to(booster: Any) -> dict[str, Any]:
    """Return the parameters that the user gave to a booster, by ``Booster()`` and ``set_param``."""
    return _given.get(booster, {})


def noting(original: Function) -> Function:
    """Wrap ``Booster.set_param``: a changed learning rate is a point of its curve."""

    def set_param(self: Any, params: Any, value: Any = None) -> None:
        original(self, params, value)
        with guard("xgboost set_param"):
            given = _pairs(params, value)
            session = innermost()
            if session is None:
                _given.setdefault(self, {}).update(given)
            elif session.container is not None and given:
                session.rate = lookup(given, "learning_rate", session.rate)

    return set_param


def _pairs(params: Any, value: Any) -> dict[str, Any]:
    if isinstance(params, str):
        return {params: value}
    if not isinstance(params, (Mapping, list, tuple)):
        return {}  # an iterator that is used up by now
    given = dict(params)
    given.pop("validate_parameters", None)  # XGBoost adds it itself
    return given


def counting(original: Function) -> Function:
    """Wrap ``Booster.update`` and ``boost``: outside of ``train`` and ``cv`` a step of a loop."""

    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        if innermost() is not None or _inside.update:
            return original(self, *args, **kwargs)
        loop = None
        with guard("xgboost loop"):
            loop = _loop_for(self, original.__name__, args, kwargs)
        if loop is None:
            return original(self, *args, **kwargs)
        _inside.update = True
        try:
            result = original(self, *args, **kwargs)
        finally:
            _inside.update = False
        with guard("xgboost step of a loop"):
            loop.updated(self)
        return result

    return step


def _loop_for(booster: Any, method: str, args: Any, kwargs: Any) -> Loop | None:
    """Return the loop that this step belongs to, a new one if it is its first."""
    loop = loop_of(booster)
    dtrain = args[0] if args else kwargs.get("dtrain")
    if loop is not None or not hasattr(dtrain, "num_row") or paused() or is_silenced(OWNER):
        return loop
    _patch_evaluations()
    custom = kwargs.get("fobj", args[2] if len(args) > 2 and method == "update" else None)
    objective = "custom" if method == "boost" and custom is None else None
    loop = Loop(booster, dtrain, function_name(custom) if custom is not None else objective)
    _endings.add(booster, loop)
    return loop


def _patch_evaluations() -> None:
    """Wrap what evaluates a booster, now that there is a loop."""
    from xgboost.core import Booster

    patch_method(Booster, "eval_set", observing, owner=OWNER)


def observing(original: Function) -> Function:
    """Wrap ``Booster.eval_set``, which ``eval`` calls, too: its results are points of curves."""

    def eval_set(self: Any, evals: Any, *args: Any, **kwargs: Any) -> Any:
        line = original(self, evals, *args, **kwargs)
        if innermost() is None and (loop := loop_of(self)) is not None:
            with guard("xgboost evaluation"):
                loop.evaluated(self, evals, line)
        return line

    return eval_set


def closing(original: Function) -> Function:
    """Wrap ``Booster.__del__``: the last chance to see a loop's model."""

    def finalizer(self: Any) -> None:
        if _loops.get(id(self)) is not None:
            with guard("xgboost booster deleted"):
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
