"""Carry the current run and settings into threads and worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any

from epochlog.base.guard import guard
from epochlog.recording import listeners
from epochlog.recording.active import (
    current_run,
    enter_attached,
    enter_run,
    leave_attached,
    leave_run,
    set_borrowed,
)
from epochlog.recording.recorder import Recorder, get_recorder
from epochlog.recording.run import Run

_restore_session: Callable[[dict[str, Any]], None] | None = None
_export_session: Callable[[], dict[str, Any]] | None = None
_ensure_session: Callable[[], Recorder] | None = None


def set_session_hooks(
    export: Callable[[], dict[str, Any]] | None,
    restore: Callable[[dict[str, Any]], None] | None,
    ensure: Callable[[], Recorder] | None = None,
) -> None:
    """Say how a session is described, set up again in a worker, and set up where there is none."""
    global _export_session, _restore_session, _ensure_session
    _export_session, _restore_session, _ensure_session = export, restore, ensure


def ensure_recorder() -> Recorder:
    """Set up recording by settings alone, for objects that are used without ``autolog()``.

    Returns:
        This process's recorder, the one that there was if there was one.

    Raises:
        SettingsError: a setting in a file or in the environment is unusable.
    """
    if (recorder := get_recorder()) is not None:
        return recorder
    if _ensure_session is None:  # the session lies above, and says how by `set_session_hooks`
        import_module("epochlog.session")
    if _ensure_session is None:
        raise RuntimeError("recording is not configured; call epochlog.autolog() first")
    return _ensure_session()


def export_context() -> dict[str, Any]:
    """Return a picklable description of this process's session and current run."""
    run = current_run()
    context: dict[str, Any] = {"pid": os.getpid()}
    if run is not None:
        context["run"] = {
            "run_id": run.id,
            "name": run.name,
            "kind": run.kind,
            "parent_id": run.parent_id,
            "source": run.source,
            "experiment": run.experiment,
        }
        context["fit_recorded"] = run.fit_recorded
    if _export_session is not None:
        context["session"] = _export_session()
    return context


class attach_context:  # noqa: N801 - used as a statement
    """Context manager: inside it, this thread or worker process records into the exported run.

    In another process the session is set up first (same store, same integrations). The run is
    joined, not owned: its end stays with the process that started it.
    """

    def __init__(self, context: dict[str, Any]) -> None:
        self._context = context
        self._run: Run | None = None
        self._token: Any = None

    def __enter__(self) -> Run | None:
        self._attached = enter_attached()
        with guard("attaching to a run"):
            if (
                get_recorder() is None
                and _restore_session is not None
                and "session" in self._context
            ):
                _restore_session(self._context["session"])
                set_borrowed(borrowed=True)
            described = self._context.get("run")
            recorder = get_recorder()
            if described is not None and recorder is not None:
                self._run = join_run(**described)
                self._run.fit_recorded = bool(self._context.get("fit_recorded"))
                self._token = enter_run(self._run, by_user=False)
        return self._run

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._run is not None:
            leave_run(self._run, self._token)
        leave_attached(self._attached)


class sampling:  # noqa: N801 - used as a statement
    """Context manager: this process's hardware is sampled into a run that another one owns.

    Args:
        run: a joined run, as `attach_context` returns it.
        context: keeps these samples apart from the owner's, e.g. ``"rank=1"``.
    """

    def __init__(self, run: Run, context: str) -> None:
        self._run = run
        self._context = context

    def __enter__(self) -> None:
        self._run.sample_context = self._context
        listeners.tell_opened(self._run)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        listeners.tell_closing(self._run)
        self._run.sample_context = ""


def join_run(run_id: str, name: str = "", **fields: Any) -> Run:
    """Return a handle to a run that another process (or thread) owns; ending it does nothing."""
    recorder = get_recorder()
    if recorder is None:
        raise RuntimeError("recording is not configured; call epochlog.autolog() first")
    run = Run(recorder, run_id=run_id, name=name or run_id, owned=False, **fields)
    if recorder.settings.allow_stop:
        run.accepts_stop = True  # its owner has said so
        recorder.stops.watch(run)
    return run
