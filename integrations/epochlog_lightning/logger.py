"""A Lightning logger for those who like to be explicit."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from epochlog.plugins.api import FitScope, Run, guard, open_fit
from epochlog_lightning import extract
from epochlog_lightning.checkpoints import Follower
from epochlog_lightning.names import CurveNames, own_curves

SOURCE = "lightning"
_TELLERS = (".connectors.logger_connector.logger_connector", ".loggers.utilities")
FRAMES_MAX = 3


class _Nobody:
    """What other ranks get as experiment: everything can be called, nothing happens."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None  # noqa: ARG005


class EpochlogLoggerMethods:
    """A Lightning ``Logger``: ``Trainer(logger=EpochlogLogger())``.

    Takes what Lightning gives to loggers: metrics, hyperparameters, checkpoints, the end. It
    records into ``run``; without one into the current run, or a new run, which it ends. With
    ``autolog()`` on, the Trainer is being recorded already: then `experiment` is that run and
    nothing is recorded twice, but what is logged to the logger by hand arrives.

    Args:
        run: the run to record into; it is not ended.
        save_dir: where Lightning puts its own files (default: the trainer's ``default_root_dir``).
        log_checkpoints: keep ModelCheckpoint's files as artifacts, as long as it keeps them.
    """

    def __init__(
        self,
        run: Run | None = None,
        *,
        save_dir: str | Path | None = None,
        log_checkpoints: bool = True,
    ) -> None:
        super().__init__()
        self._run = run
        self._save_dir = None if save_dir is None else str(save_dir)
        self._log_checkpoints = log_checkpoints
        self._scope: FitScope | None = None
        self._bound: Run | None = None  # during a call that autolog records
        self._last: Run | None = None  # after it
        self._names = CurveNames()
        self._follower = Follower()

    def __getstate__(self) -> dict[str, Any]:
        # Runs belong to this process; Lightning pickles loggers for processes that it spawns.
        return {**self.__dict__, "_run": None, "_scope": None, "_bound": None, "_last": None}

    # -- what Lightning asks for -----------------------------------------------------------------

    @property
    def experiment(self) -> Any:
        """The `Run` that is recorded into; opened when first asked for."""
        if _rank() > 0:
            return _Nobody()
        return self.run

    @property
    def run(self) -> Run:
        """The `Run` that is recorded into; opened when first asked for."""
        if (bound := self._bound or self._last) is not None:
            return bound
        if self._run is None:
            self._scope = open_fit("lightning.Trainer", source=SOURCE)
            self._run = self._scope.run
        return self._run

    @property
    def own_run(self) -> Run | None:
        """The run that the user gave, or that was opened by asking for `experiment`."""
        return self._run if self._run is not None and self._run.active else None

    @property
    def name(self) -> str:
        """The experiment."""
        run = self._bound or self._last or self._run
        return run.experiment if run is not None else "epochlog"

    @property
    def version(self) -> str:
        """The run's id."""
        return str(self.experiment.id) if _rank() == 0 else ""

    @property
    def save_dir(self) -> str | None:
        """Where Lightning puts its own files; None leaves that to the trainer."""
        return self._save_dir

    @property
    def root_dir(self) -> str | None:
        """Where Lightning puts its own files."""
        return self._save_dir

    @property
    def log_dir(self) -> str | None:
        """Where Lightning puts its own files."""
        return self._save_dir

    def log_hyperparams(self, params: Any, *args: Any, **kwargs: Any) -> None:
        """Record hyperparameters as ``hparams.*``."""
        del args, kwargs
        if _rank() > 0 or self._is_recorded_anyway():
            return
        with guard("lightning log_hyperparams"):
            given = params if isinstance(params, Mapping) else vars(params)
            self.run.log_params(dict(extract.flat(given, "hparams")))

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Record values at a step; the entry ``epoch`` becomes their second axis."""
        if _rank() > 0 or self._is_recorded_anyway():
            return
        with guard("lightning log_metrics"):
            values = {name: extract.scalar(value) for name, value in metrics.items()}
            epoch = values.pop("epoch", None)
            point: dict[str, float] = {}
            for own in own_curves(values, per_epoch=False):
                if (value := values[own]) is not None:
                    per_epoch = not own.endswith("_step")
                    point[self._names.key(own, "train", per_epoch=per_epoch)] = value
            self.run.log_metrics(point, step, epoch=epoch)
            aliases, self._names.new_aliases = self._names.new_aliases, {}
            if aliases:
                self.run.log_metric_aliases(aliases)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Record checkpoints that are new, and that others were removed."""
        if _rank() > 0 or self._bound is not None or not self._log_checkpoints:
            return
        with guard("lightning after_save_checkpoint"):
            self._follower.follow(self.run, [checkpoint_callback])

    def finalize(self, status: str) -> None:
        """End the run if it is our own; ``status`` is Lightning's word for how the work ended."""
        scope, self._scope = self._scope, None
        if scope is None or not scope.owned or _rank() > 0:
            return
        with guard("lightning finalize"):
            # An exception in sight may be an old one: some extensions leave theirs behind.
            error = sys.exc_info()[1] if status != "success" else None
            if status == "failed" and error is None:
                scope.run.end("failed")
            else:
                scope.run.__exit__(None if error is None else type(error), error, None)

    # -- with autolog() on -----------------------------------------------------------------------

    def bind(self, run: Run | None) -> None:
        """Have this call of the Trainer recorded by autolog, into this run; None: no more."""
        self._bound, self._last = run, run or self._bound

    def _is_recorded_anyway(self) -> bool:
        """Whether autolog records the call, and Lightning itself now tells us the same again."""
        if self._bound is None:
            return False
        frame: FrameType | None = sys._getframe(2)
        for _ in range(FRAMES_MAX):  # a subclass of ours may lie in between
            if frame is None:
                return False
            if frame.f_globals.get("__name__", "").endswith(_TELLERS):
                return True
            frame = frame.f_back
        return False


def _rank() -> int:
    """Return this process's rank as Lightning knows it."""
    for name in ("lightning.fabric.utilities.rank_zero", "lightning_fabric.utilities.rank_zero"):
        module = sys.modules.get(name)
        rank = getattr(getattr(module, "rank_zero_only", None), "rank", None)
        if rank:
            return int(rank)
    return 0
