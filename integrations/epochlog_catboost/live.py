"""Follow trainings while they run: now and then what CatBoost has written goes into the run.

A Python callback would tell the same at once, but CatBoost hands it the whole history at every
iteration, which makes long trainings several times slower. A thread that looks into a file every
few seconds costs nothing, and a training that ends before its first look has not even that.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable

from epochlog.plugins.api import Run, guard
from epochlog_catboost.curves import Points
from epochlog_catboost.names import Keys
from epochlog_catboost.progress import Row

LOOK_EVERY_S = 2.0

_running: dict[str, list[Occupant]] = {}
"""Folder -> trainings of this process that write there now."""


class Occupant:
    """One training in its folder. Of two that write into one folder neither can be read.

    Attributes:
        alone: nobody else of this process has written there meanwhile.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = os.path.realpath(folder)
        others = _running.setdefault(self._folder, [])
        self.alone = not others
        for other in others:
            other.alone = False
        others.append(self)

    def leave(self) -> None:
        """Say that the training is over."""
        others = _running.get(self._folder, [])
        if self in others:
            others.remove(self)
        if not others:
            _running.pop(self._folder, None)


class Writer:
    """Writes points into a run, names its curves, and knows what it has written.

    Attributes:
        written: key of a curve -> iteration -> value, of rows that came from CatBoost's file.
        last: highest iteration, -1 at first.
    """

    def __init__(self, run: Run, keys: Keys, context: str = "") -> None:
        self.run, self.keys, self.context = run, keys, context
        self.written: dict[str, dict[int, float]] = {}
        self.last = -1
        self._announced = 0

    def rows(self, rows: Iterable[Row]) -> None:
        """Log rows of CatBoost's file, at the time when each was written there."""
        for row in rows:
            point = {self.keys.of(*curve): value for curve, value in row.values.items()}
            if not point:
                continue
            self.run.log_metrics(point, row.iteration, at=row.at, context=self.context)
            self.last = max(self.last, row.iteration)
            for key, value in point.items():
                self.written.setdefault(key, {})[row.iteration] = value
        self.announce()

    def points(self, points: Points, at_of: Callable[[int], int]) -> None:
        """Log the exact points of a finished training, without those that are there already."""
        key_of = self.keys.of
        for step, found in points.by_step.items():
            point = {key_of(*curve): value for curve, value in found.items()}
            if self.written:
                point = {k: v for k, v in point.items() if step not in self.written.get(k, ())}
            if point:
                self.run.log_metrics(point, step, at=at_of(step), context=self.context)
        self.last = max(self.last, points.last)
        self.announce()

    def contradicts(self, points: Points) -> bool:
        """Whether a row that was written is no row of this training: the file was shared."""
        return any(
            not math.isclose(value, there, rel_tol=1e-6, abs_tol=1e-9)
            for step, found in points.by_step.items()
            for curve, value in found.items()
            if (there := self.written.get(self.keys.of(*curve), {}).get(step)) is not None
        )

    def announce(self) -> None:
        """Log CatBoost's own names of the curves, and which way each gets better."""
        aliases = self.keys.aliases()
        if not self.context and len(aliases) > self._announced:
            self._announced = len(aliases)
            self.run.log_metric_aliases(aliases)
            self.run.log_params(self.keys.goals())


class Follower:
    """Calls ``look`` every few seconds from a thread of its own, between `start` and `stop`."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="epochlog-catboost", daemon=True)

    def start(self) -> None:
        """Begin; the first look comes after `LOOK_EVERY_S`."""
        self._thread.start()

    def stop(self) -> None:
        """End, after a look that is under way."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            with guard("catboost follow"):
                self._look()
