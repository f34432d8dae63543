"""For those who like to be explicit: a callback of ``optimize``, and `track_study`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from epochlog.plugins.api import current_run, guard, patched
from epochlog_optuna.adding import OWNER, recorded_add
from epochlog_optuna.loops import recorded_tell
from epochlog_optuna.optimizing import recorded_ask, recorded_by_us, recorded_optimize
from epochlog_optuna.record import outcome_of
from epochlog_optuna.registry import known, record_of


class EpochlogCallback:
    """Records each finished trial: ``study.optimize(objective, callbacks=[EpochlogCallback()])``.

    Optuna calls it after a trial, so what trains inside one can't be nested in it and an error that
    ends ``optimize`` isn't seen: `track_study` and ``autolog()`` do both. Where one of them is at
    work already, this does nothing. The study's run stays open until the study object is gone, or
    `finish` is called.
    """

    def __init__(self) -> None:
        self._studies: list[Any] = []

    def __call__(self, study: Any, trial: Any) -> None:
        """Record one finished trial: Optuna's callback protocol."""
        if recorded_by_us(study):
            return
        with guard("optuna EpochlogCallback"):
            record = record_of(study)
            record.opened(study, current_run())
            record.finish(study, trial)
            if not any(each is study for each in self._studies):
                self._studies.append(study)

    def finish(self, error: BaseException | None = None) -> None:
        """End the runs of the studies that this callback has seen.

        Args:
            error: what ended ``optimize``, if it failed.
        """
        for study in self._studies:
            record_of(study).let_go(outcome_of(error))
        self._studies.clear()


@contextmanager
def track_study(study: Any) -> Iterator[Any]:
    """Record one study without ``autolog()``; the context manager is used around ``optimize``.

    Inside the block, ``optimize``, ``ask``, ``tell`` and ``add_trial`` of this very object record
    as they do with ``autolog()``; afterwards the object is as it was. The end of the block ends the
    study's run, and is all that this does with ``autolog()`` on.

    Yields:
        The study.
    """
    ways: dict[str, Callable[..., Any]] = {
        "optimize": recorded_optimize,
        "ask": recorded_ask,
        "tell": recorded_tell,
        "add_trial": recorded_add,
    }
    mine = [] if patched(OWNER) else [name for name in ways if name not in vars(study)]
    for name in mine:
        setattr(study, name, _bound(ways[name], study, name))
    error: BaseException | None = None
    try:
        yield study
    except BaseException as raised:
        error = raised
        raise
    finally:
        for name in mine:
            delattr(study, name)
        with guard("optuna track_study"):
            _close(study, error)


def _bound(record: Callable[..., Any], study: Any, name: str) -> Callable[..., Any]:
    original = getattr(type(study), name)

    def method(*args: Any, **kwargs: Any) -> Any:
        return record(original, study, args, kwargs)

    return method


def _close(study: Any, error: BaseException | None) -> None:
    record = known(study)
    if record is not None and not recorded_by_us(study):
        record.let_go(outcome_of(error))
