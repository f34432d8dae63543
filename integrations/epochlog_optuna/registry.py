"""Find the record of a study: one per study and process, forgotten with the study."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

from epochlog.plugins.api import guard
from epochlog_optuna.identity import new_run_id, shared_run_id
from epochlog_optuna.record import StudyRecord

_lock = threading.Lock()
_by_study: weakref.WeakKeyDictionary[Any, StudyRecord] = weakref.WeakKeyDictionary()
_in_memory: weakref.WeakKeyDictionary[Any, dict[int, StudyRecord]] = weakref.WeakKeyDictionary()
_by_run: weakref.WeakValueDictionary[str, StudyRecord] = weakref.WeakValueDictionary()


def record_of(study: Any) -> StudyRecord:
    """Return the record of ``study``, a new one if it has none here.

    Several ``Study`` objects of one study (each thread may load its own) share a record. Called
    only once the study has a trial: the id of its run depends on the first one.
    """
    found = known(study)
    if found is not None:
        return found
    shared = shared_run_id(study)
    with _lock:
        found = known(study)
        if found is None:
            found = _in_own_memory(study) if shared is None else _of_run(shared)
            _by_study[study] = found
            found.holders += 1
            weakref.finalize(study, _gone, found).atexit = False
    return found


def known(study: Any) -> StudyRecord | None:
    """Return the record of ``study`` if this process made one."""
    found = _by_study.get(study)
    return found if found is not None and found.pid == os.getpid() else None


def all_records() -> list[StudyRecord]:
    """Return the records of this process."""
    return [each for each in list(_by_run.values()) if each.pid == os.getpid()]


def _of_run(run_id: str) -> StudyRecord:
    found = _by_run.get(run_id)
    if found is None or found.pid != os.getpid():
        found = _by_run[run_id] = StudyRecord(run_id)
    return found


def _in_own_memory(study: Any) -> StudyRecord:
    studies = _in_memory.setdefault(study._storage, {})
    found = studies.get(study._study_id)
    if found is None or found.pid != os.getpid():
        found = studies[study._study_id] = _of_run(new_run_id())
    return found


def _gone(record: StudyRecord) -> None:
    """A ``Study`` object is gone; with the last one of a study, so are its untold trials."""
    record.holders -= 1
    if record.holders == 0:
        with guard("optuna study"):
            record.let_go()


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
