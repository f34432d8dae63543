"""Record one training from the arguments of ``fit`` to the finished model."""

from __future__ import annotations

import inspect
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from epochlog.plugins.api import (
    Budget,
    FitScope,
    IntegrationOptions,
    current_fit,
    guard,
    open_fit,
    tell_fitted,
)
from epochlog_catboost.callback import without_ours
from epochlog_catboost.curves import Axis, Points, points_of
from epochlog_catboost.datasets import log_datasets
from epochlog_catboost.engine import entered
from epochlog_catboost.facts import call_params, describe, passed_params, pool_facts
from epochlog_catboost.live import Follower, Occupant, Writer
from epochlog_catboost.names import Keys
from epochlog_catboost.outcome import detector_is_on, log_outcome, log_snapshot
from epochlog_catboost.progress import Progress
from epochlog_catboost.stopping import with_stopper

SOURCE = "catboost"
TRAIN_DIR = "catboost_info"  # CatBoost's default
JOINED = ("sklearn", SOURCE)
"""Around a ``fit``: a pipeline, search or fold of scikit-learn, or CatBoost's own search."""

Call = inspect.BoundArguments
Original = Callable[..., Any]

_members: weakref.WeakKeyDictionary[FitScope, int] = weakref.WeakKeyDictionary()
"""How many trainings joined the fit of an estimator: a bagging ensemble trains many models."""


def record_fit(
    original: Original, options: IntegrationOptions, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call ``CatBoost._fit`` and record it; result and exceptions are the original's."""
    call = bound(original, args, kwargs)
    if call is None:
        return original(*args, **kwargs)
    around = current_fit()
    join = around is not None and around.source in JOINED
    with open_fit(type(args[0]).__name__, source=SOURCE, join=join) as fit:
        member = _count_member(around) if fit.joined and around is not None else 0
        session = Training(fit, options, args[0], member)
        with guard("catboost before fit"):
            session.start(call)
        try:
            with entered(session):
                result = original(*call.args, **call.kwargs)
        except BaseException:
            with guard("catboost failed fit"):
                session.abort()
            raise
        with guard("catboost after fit"):
            session.finish(Budget(fit.elapsed_s))
            if not fit.joined:
                tell_fitted(fit.run, args[0], call.arguments.get("X"))
        return result


def bound(original: Original, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
    """Return the call's arguments by name, defaults included; None if CatBoost will refuse them."""
    try:
        call = inspect.signature(original).bind(*args, **kwargs)
    except TypeError:
        return None
    call.apply_defaults()
    return call


def _count_member(fit: FitScope) -> int:
    """Return how many trainings recorded into the same run before this one, inside one fit."""
    count = _members.get(fit, 0)
    _members[fit] = count + 1
    return count


def now_us() -> int:
    """Return microseconds since the epoch."""
    return time.time_ns() // 1000


class Training:
    """One call of ``fit``.

    Attributes:
        fold: of a search's many folds the curves matter; models and all that they tell would be
            hundreds of nearly equal ones.
    """

    def __init__(
        self, fit: FitScope, options: IntegrationOptions, model: Any, member: int = 0
    ) -> None:
        self.run, self.options, self.joined = fit.run, options, fit.joined
        self.model = model
        self.member = member
        self.fold = fit.run.kind == "fold"
        self.params: dict[str, Any] = {}
        self.started = now_us()
        self._context = f"member={member}" if member else ""
        self._writer = Writer(fit.run, Keys(), self._context)
        self._progress: Progress | None = None
        self._occupant: Occupant | None = None
        self._follower: Follower | None = None

    def start(self, call: Call) -> None:
        """Record what is known before CatBoost looks at the arguments."""
        if call.arguments.get("callbacks"):
            call.arguments["callbacks"] = without_ours(call.arguments["callbacks"])
        if self.options.get("stop", True) and "callbacks" in call.arguments:
            theirs = call.arguments["callbacks"]
            params = self.model.get_params()
            call.arguments["callbacks"] = with_stopper(theirs, self.run, params)
        if self.member:  # of an ensemble the first model tells everything that they share
            return
        params = passed_params(self.model.get_params()) | call_params(call.arguments)
        self.run.log_params(
            params if self.joined else {"model_class": type(self.model).__name__} | params
        )
        if self.options.get("datasets", True):
            log_datasets(self.run, call.arguments, skip_train=self.joined)

    def begins(self, train_pool: Any, eval_pools: list[Any], params: dict[str, Any]) -> None:
        """Record what CatBoost made of the arguments, and follow the training."""
        self.params = params
        keys = Keys(params.get("loss_function"), several=len(eval_pools) > 1)
        self._writer = Writer(self.run, keys, self._context)
        if params.get("allow_writing_files", True):
            folder = params.get("train_dir") or TRAIN_DIR
            self._progress, self._occupant = Progress(folder), Occupant(folder)
            if self.options.get("follow", True) and not self.joined:
                self._follower = Follower(self.look)
                self._follower.start()
        if not self.member:
            found = {name: describe(value) for name, value in params.items() if name != "callbacks"}
            self.run.log_params(found | pool_facts(train_pool, eval_pools))

    def look(self) -> None:
        """Write what the training has put into its file since the last look."""
        if self._progress is not None and self._occupant is not None and self._occupant.alone:
            self._writer.rows(self._progress.read())

    def finish(self, budget: Budget) -> None:
        """Record what training ended with."""
        self._leave()
        ended = now_us()
        all_params = self.model.get_all_params()
        points = points_of(self.model.evals_result_, self._axis(all_params))
        if self._writer.contradicts(points):
            self.run.log_notice(SHARED, level="warning", source=SOURCE)
        self._writer.points(points, self._clock(points, ended))
        if not self.member:
            log_outcome(self, all_params, self._writer.keys, points, budget)

    def abort(self) -> None:
        """Record the curves up to an exception; CatBoost itself forgets them."""
        self._leave()
        if self._progress is None and self.params:
            self.run.log_notice(UNWRITTEN, level="warning", source=SOURCE)
        if not self.fold:  # whose folder other folds in other processes share
            self.look()
        if self._writer.last >= 0 and not self.member:
            self.run.log_metrics({"stopped_iteration": self._writer.last}, self._writer.last)
        if not self.member:
            log_snapshot(self, self._writer.last)

    @property
    def train_dir(self) -> Path:
        """Where CatBoost writes."""
        return Path(self.params.get("train_dir") or TRAIN_DIR)

    def _leave(self) -> None:
        if self._follower is not None:
            self._follower.stop()
        if self._occupant is not None:
            self._occupant.leave()

    def _axis(self, all_params: dict[str, Any]) -> Axis:
        watched = None
        pools = sum(name.startswith("validation") for name in self.model.evals_result_)
        if detector_is_on(all_params) and pools:
            name = f"validation_{pools - 1}" if pools > 1 else "validation"
            watched = (name, str(all_params.get("eval_metric")))
        period = self.params.get("metric_period") or 1
        return Axis(int(all_params.get("iterations", 0)), int(period), watched)

    def _clock(self, points: Points, ended: int) -> Callable[[int], int]:
        """Return when an iteration was done: by CatBoost's file, else all at the end."""
        usable = self._occupant is not None and self._occupant.alone and not self.fold
        times = self._progress.times() if usable and self._progress is not None else {}
        if not times or max(times) > points.last or not set(times) <= set(points.by_step):
            return lambda _: ended
        known = self.started

        def at_of(step: int) -> int:
            nonlocal known
            known = min(max(times.get(step, known), self.started), ended)
            return known

        return at_of


SHARED = (
    "another training wrote into the same train_dir at the same time: points that were recorded "
    "while this one ran may be the other's; give each training a train_dir of its own"
)
UNWRITTEN = (
    "no curve up to the end: CatBoost keeps none when a training does not finish, and with "
    "allow_writing_files=False it writes none"
)
