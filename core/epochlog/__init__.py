"""One line, and every training run leaves a complete, queryable, crash-proof record.

>>> import epochlog
>>> report = epochlog.autolog()

``import epochlog`` imports next to nothing; each part comes in when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from epochlog.contract.events import Step
    from epochlog.monitoring.arming import WatchGiven
    from epochlog.plugins.report import Report
    from epochlog.query.run_view import RunView
    from epochlog.query.runs import Runs
    from epochlog.recording.active import current_run
    from epochlog.recording.active import pausing as paused
    from epochlog.recording.run import Run
    from epochlog.server.notebook import Shown

__version__ = "0.1.0"

__all__ = [
    "Run",
    "autolog",
    "current_run",
    "end_run",
    "flush",
    "get_run",
    "log_artifact",
    "log_artifacts",
    "log_checkpoint",
    "log_dataset",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_params",
    "log_plot",
    "log_text",
    "paused",
    "remove_tags",
    "runs",
    "set_note",
    "set_tags",
    "start_run",
    "stop_requested",
    "uninstrument",
]

_LATER = {
    "Run": ("epochlog.recording.run", "Run"),
    "current_run": ("epochlog.recording.active", "current_run"),
    "paused": ("epochlog.recording.active", "pausing"),
}
"""Names that are not defined here: the module that has each, and its name there."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'epochlog' has no attribute {name!r}")
    import importlib

    module, attribute = _LATER[name]
    value = globals()[name] = getattr(importlib.import_module(module), attribute)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def autolog(
    *names: str,
    store: str | Path | None = None,
    disable: Iterable[str] = (),
    options: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Report:
    """Record every training from now on, of every supported framework, imported before or later.

    Args:
        names: frameworks that must be recorded; without any, all that are installed are, quietly.
        store: folder or database URL (default: the nearest ``.epochlog`` upward).
        disable: integrations that stay off.
        options: per integration, e.g. ``{"sklearn": {"models": False}}``.
        settings: any field of `epochlog.base.settings.Settings`; and names of integrations:
            ``keras=False`` is short for ``disable=["keras"]``.

    Returns:
        What is on, what is off, and why; shown nicely when echoed in a terminal or notebook.

    Raises:
        FrameworkNotFound: a framework that was named is not installed or not supported.
        UnsupportedVersion: a framework that was named has a version outside its range.
        SettingsError: a setting is unknown or unusable.
    """
    from epochlog import session

    return session.autolog(
        *names,
        disable=disable,
        options=options,
        store=None if store is None else str(store),
        **settings,
    )


def uninstrument() -> None:
    """Undo `autolog`: restore every patched object. Open runs stay open."""
    from epochlog import session

    session.uninstrument()


def start_run(
    name: str = "",
    *,
    run_id: str = "",
    experiment: str = "",
    tags: Sequence[str] = (),
    params: Mapping[str, Any] | None = None,
    note: str = "",
    parent: Run | str | None = None,
    kind: str = "run",
    watch: WatchGiven = None,
) -> Run:
    """Open a run and make it current. Use it with ``with``, or end it by `end_run`.

    Inside ``with start_run()`` another `start_run` opens a nested run. A process that has
    ``EPOCHLOG_RUN_ID`` in its environment joins that run instead.

    Args:
        name: shown to people (default: one that can be said aloud).
        run_id: resume this run.
        experiment: group of runs (default: the setting ``experiment``).
        tags, params, note: set at once.
        parent: the run to nest in, or its id.
        kind: run, study, eval …
        watch: rules (``"plateau metric=val/loss patience=5 -> print"``) and functions for this
            run and those nested in it, on top of those for all runs.

    Raises:
        SettingsError: a rule can't be understood.
    """
    from epochlog import session
    from epochlog.recording import starting

    recorder = session.ensure_session()
    rules: Sequence[Any] = ()
    if watch is not None:
        from epochlog.monitoring.arming import rules_of_run

        rules = rules_of_run(recorder, watch)
    return starting.start_run(
        recorder,
        name,
        run_id=run_id,
        experiment=experiment,
        tags=tags,
        params=params,
        note=note,
        parent=parent,
        kind=kind,
        rules=rules,
    )


def end_run(status: str = "completed", reason: str = "") -> None:
    """End the current run with ``status`` completed, failed, canceled, pruned or skipped."""
    from epochlog.recording import starting

    starting.end_current_run(status, reason)


def _run() -> Run:
    from epochlog.recording.active import current_run

    run = current_run()
    if run is not None:
        return run
    from epochlog import session
    from epochlog.recording import starting

    return starting.run_for_verbs(session.ensure_session())


def log_params(params: Mapping[str, Any] | None = None, /, **more: Any) -> None:
    """Log parameters into the current run (a new one if there is none); see `Run.log_params`."""
    _run().log_params(params, **more)


def log_metric(key: str, value: float, step: Step | None = None, **fields: Any) -> None:
    """Log one value into the current run (a new one if there is none); see `Run.log_metrics`."""
    _run().log_metrics({key: value}, step, **fields)


def log_metrics(metrics: Mapping[str, float], step: Step | None = None, **fields: Any) -> None:
    """Log values of one moment into the current run (a new one if there is none)."""
    _run().log_metrics(metrics, step, **fields)


def log_text(key: str, text: str, step: Step | None = None) -> None:
    """Log a text into the current run (a new one if there is none)."""
    _run().log_text(key, text, step)


def log_plot(
    key: str,
    kind: str | Any,
    data: Mapping[str, Any] | None = None,
    step: Step | None = None,
) -> None:
    """Log a plot as data, or a figure of matplotlib, plotly or altair; see `Run.log_plot`."""
    _run().log_plot(key, kind, data, step)


def log_artifact(source: str | Path | bytes, name: str = "", **fields: Any) -> None:
    """Log a file, folder or bytes into the current run; see `Run.log_artifact`."""
    _run().log_artifact(source, name, **fields)


def log_artifacts(folder: str | Path, name: str = "", **fields: Any) -> None:
    """Log a folder with a manifest into the current run; see `Run.log_artifacts`."""
    _run().log_artifacts(folder, name, **fields)


def log_dataset(data: Any, name: str = "", **fields: Any) -> None:
    """Log that the current run saw a data set; see `Run.log_dataset`."""
    _run().log_dataset(data, name, **fields)


def log_model(model: Any, name: str = "model", **fields: Any) -> None:
    """Log a model into the current run; see `Run.log_model`."""
    _run().log_model(model, name, **fields)


def log_checkpoint(path: str | Path, name: str = "checkpoint", **fields: Any) -> None:
    """Log a checkpoint into the current run; see `Run.log_checkpoint`."""
    _run().log_checkpoint(path, name, **fields)


def set_tags(*tags: str | Iterable[str]) -> None:
    """Add tags to the current run."""
    _run().set_tags(*tags)


def remove_tags(*tags: str | Iterable[str]) -> None:
    """Remove tags from the current run."""
    _run().remove_tags(*tags)


def set_note(text: str) -> None:
    """Set the current run's note (Markdown)."""
    _run().set_note(text)


def stop_requested() -> bool:
    """Whether somebody asked the current run to stop (``epochlog stop``): leave your loop then.

    The run accepts such requests from the first call on, and says that it was stopped on request
    once this was True. A call costs about a microsecond.
    """
    from epochlog.recording.active import current_run

    run = current_run()
    return run is not None and run.stop_requested


def flush() -> None:
    """Wait until everything logged so far is committed to the store."""
    from epochlog.recording.recorder import get_recorder

    recorder = get_recorder()
    if recorder is not None:
        recorder.flush()


def runs(
    where: str = "",
    *,
    order_by: str | Sequence[str] = "-started",
    limit: int | None = None,
    nested: bool = True,
    deleted: bool = False,
    missing_ok: bool = False,
    store: str | Path | None = None,
) -> Runs:
    """Return the stored runs that match, lazily, newest first, never capped.

    What this process logged before the call is included, and so is what killed processes left.

    Args:
        where: filter, e.g. ``'metrics["val/loss"].min < 0.2 and params.lr < 1e-2'``.
        order_by: field or fields, ``-`` first for descending.
        limit: at most so many.
        nested: False leaves out runs that are part of another (fits, folds, candidates, trials).
        deleted: include runs in the bin.
        missing_ok: accept names of params and metrics that no run has.
        store: folder or database URL (default: the one this process records into).

    Raises:
        FilterError: the expression is malformed or names something unknown; points at the column.
        StoreError: there is no store, or it can't be read.
    """
    from epochlog.query import api

    return api.runs(
        where,
        order_by,
        limit,
        nested=nested,
        deleted=deleted,
        missing_ok=missing_ok,
        store=_store_to_read(store),
    )


def get_run(ref: str, *, store: str | Path | None = None) -> RunView:
    """Return one stored run by id, unique beginning of an id, or name.

    Raises:
        RunNotFound: none matches, or several do; the message lists near matches.
        StoreError: there is no store, or it can't be read.
    """
    from epochlog.query import api

    return api.get_run(ref, store=_store_to_read(store))


def ui(
    store: str | Path | None = None, *, path: str = "", port: int | None = None, height: int = 800
) -> Shown:
    """Show the web UI: inline in a notebook, elsewhere at the ``url`` of what is returned.

    Its server runs in a thread of this process, reachable from this machine alone; ``.stop()``
    ends it.

    Args:
        store: folder or database URL (default: the one this process records into).
        path: which view, as in the address of a page.
        port: default: 6160 or the next that is free.
        height: of the frame in pixels.

    Raises:
        EpochlogError: the extra "ui" is not installed, or the port is taken.
    """
    from epochlog.server import notebook

    return notebook.show(_store_to_read(store), path=path, port=port, height=height)


def _store_to_read(store: str | Path | None) -> str | None:
    """Return where to read: by default where this process records, with all it logged so far."""
    from epochlog.recording.recorder import get_recorder

    recorder = get_recorder()
    if recorder is not None:
        recorder.flush()
    if store is not None:
        return str(store)
    return None if recorder is None else recorder.location.url
