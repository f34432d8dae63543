"""Work out the run ids of a study and its trials, alike in every process that shares a storage."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any

from epochlog.plugins.api import guard, named_id


def storage_facts(storage: Any) -> dict[str, str]:
    """Return what a storage is, as plain data without host, user and password.

    ``storage`` is its class, ``storage.dialect`` sqlite, postgresql, file …; ``storage.path`` the
    file of those that are one.
    """
    backend = _innermost(storage)
    facts = {"storage": type(backend).__name__}
    place = _place(storage)
    if place is not None:
        dialect, where = place
        facts["storage.dialect"] = dialect
        if dialect in ("sqlite", "file"):
            facts["storage.path"] = where
    return facts


def shared_run_id(study: Any) -> str | None:
    """Return the run id that everybody works out for a study in a database or file.

    A study that was deleted and made again under its old name gets another: when its first trial
    began is part of the id. None for a study in memory, and before there is a trial.
    """
    storage = study._storage
    place = _place(storage)
    birth = _birth(storage, study._study_id, place) if place is not None else None
    if place is None or birth is None:
        return None
    name = "\n".join(("optuna", *place, study.study_name, str(study._study_id), birth[0]))
    return named_id(name, birth[1])


def new_run_id() -> str:
    """Return the run id of a study that lives in this process's memory."""
    return named_id(os.urandom(16).hex(), time.time_ns() // 1000)


def trial_run_id(study_run: str, number: int) -> str:
    """Return the id of the run that records trial ``number``: equal wherever it is told."""
    at_ms = int(study_run.replace("-", "")[:12], 16)
    return named_id(f"{study_run} trial {number}", at_ms * 1000)


def _innermost(storage: Any) -> Any:
    """Look through the cache that Optuna puts around a database."""
    return storage._backend if type(storage).__name__ == "_CachedStorage" else storage


def _place(storage: Any) -> tuple[str, str] | None:
    """Return (dialect, where) of a storage that other processes can open, None for any other."""
    with guard("optuna storage"):
        backend = _innermost(storage)
        if (url := getattr(backend, "url", None)) is not None:
            return _place_of_url(str(url))
        log = getattr(backend, "_backend", None)  # of a JournalStorage
        if (path := getattr(log, "_file_path", None)) is not None:
            return "file", os.path.realpath(path)
        if (url := getattr(log, "_url", None)) is not None:
            return _place_of_url(str(url))
        if type(backend).__name__ == "GrpcStorageProxy":
            return "grpc", ""  # one server has as many names as clients
    return None


def _place_of_url(url: str) -> tuple[str, str] | None:
    """Return (dialect, where) of a database's URL, without user, password and options."""
    from urllib.parse import urlsplit

    scheme, _, rest = url.partition("://")
    dialect = scheme.partition("+")[0]
    if dialect == "sqlite":
        path = rest.removeprefix("/").partition("?")[0]
        if path in ("", ":memory:"):
            return None
        return dialect, path if path.startswith("file:") else os.path.realpath(path)
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return dialect, f"{host}{parts.path}"


def _birth(storage: Any, study_id: int, place: tuple[str, str]) -> tuple[str, int] | None:
    """Return when the first trial began, as text and in microseconds; None before there is one.

    MySQL cuts fractions of seconds off what others still have in memory, but never gives the number
    of a study again, which makes up for it.
    """
    try:
        first = storage.get_trial_id_from_study_id_trial_number(study_id, 0)
        start = storage.get_trial(first).datetime_start
    except KeyError:
        return None
    if place[0] in ("mysql", "mariadb"):
        return "", 0
    if not isinstance(start, datetime):  # a first trial that waits while others run
        return "", 0
    return start.isoformat(), int(start.timestamp() * 1e6)
