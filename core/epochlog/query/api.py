"""The reading verbs of the front door: runs, get_run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from epochlog.base.settings import load_settings
from epochlog.query.lookup import find_run
from epochlog.query.opening import open_store
from epochlog.query.ordering import DEFAULT_ORDER
from epochlog.query.run_view import RunView
from epochlog.query.runs import Runs


def runs(
    where: str = "",
    order_by: str | Sequence[str] = DEFAULT_ORDER,
    limit: int | None = None,
    *,
    nested: bool = True,
    deleted: bool = False,
    missing_ok: bool = False,
    store: str | Path | None = None,
) -> Runs:
    """Return the runs that match a filter: lazy, newest first, never capped.

    ``runs('metrics["val/loss"].min < 0.2 and params.lr < 1e-2 and "vision" in tags',
    order_by="-metrics.acc.max")``

    Args:
        where: a filter expression (see `epochlog.query.filters`); "" = all runs.
        order_by: field, ``-field`` for descending, several separated by commas or in a list.
        limit: at most so many.
        nested: False leaves out runs that are part of another (folds, candidates, trials).
        deleted: include runs in the bin.
        missing_ok: accept names of params and metrics that no run has.
        store: folder or URL of the store; default: that of the settings.

    Raises:
        FilterError: the expression is malformed or names something unknown.
        StoreError: there is no store, or it can't be read.
    """
    reader = open_store(load_settings(store=None if store is None else str(store)))
    return Runs(
        reader, where, order_by, limit, nested=nested, deleted=deleted, missing_ok=missing_ok
    )


def get_run(ref: str, *, store: str | Path | None = None) -> RunView:
    """Return the run with this id, beginning or end of an id, or name.

    Raises:
        RunNotFound: nothing or more than one run fits; the message lists near ones.
        StoreError: there is no store, or it can't be read.
    """
    return find_run(open_store(load_settings(store=None if store is None else str(store))), ref)
