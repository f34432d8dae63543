"""The whole surface that a plugin can see of epochlog: what it is asked, what is announced to it.

Two families, no third. ``register_*`` hooks are *asked*: a plugin returns what it offers.
``on_*`` hooks are *announced*: core calls them with a batch of events that were just committed to
the store, on a thread of its own, at most once, never on the training thread. Whatever a hook
raises is reported once, and a plugin that keeps failing is switched off; neither stops another
plugin, the recording, or the training.

A plugin is a module (or object) found by an entry point in the group ``epochlog`` and marks its
functions with ``from epochlog.plugins.api import hookimpl``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from epochlog.contract import events
from epochlog.contract.integration import Integration
from epochlog.contract.sink import StoreFlavor
from epochlog.contract.watchdog import Watchdog

PROJECT = "epochlog"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_integrations() -> list[Integration]:  # type: ignore[empty-body]
    """Return the frameworks that this plugin can record. Must not import any framework."""


@hookspec
def register_stores() -> list[StoreFlavor]:  # type: ignore[empty-body]
    """Return the kinds of store that this plugin offers, by URL scheme."""


@hookspec
def register_watchdogs() -> list[Watchdog]:  # type: ignore[empty-body]
    """Return the checks that this plugin offers for rules of the setting ``watch``."""


@hookspec
def on_run_start(events: Sequence[events.RunStarted]) -> None:
    """Runs were opened, or resumed."""


@hookspec
def on_run_end(events: Sequence[events.RunEnded]) -> None:
    """Runs ended, each with its final status."""


@hookspec
def on_params(events: Sequence[events.Params]) -> None:
    """Parameters were logged."""


@hookspec
def on_metrics(events: Sequence[events.MetricPoints]) -> None:
    """Metric points were logged; one event per ``log_metrics`` call."""


@hookspec
def on_system_metrics(events: Sequence[events.SystemMetricPoints]) -> None:
    """Hardware samples were taken."""


@hookspec
def on_tags(events: Sequence[events.Tags]) -> None:
    """Tags were added or removed."""


@hookspec
def on_note(events: Sequence[events.Note]) -> None:
    """Notes of runs were set."""


@hookspec
def on_texts(events: Sequence[events.Text]) -> None:
    """Texts were logged."""


@hookspec
def on_notices(events: Sequence[events.Notice]) -> None:
    """Something was skipped or failed in recording, and the run says so."""


@hookspec
def on_stops(events: Sequence[events.StopAccepted | events.StopRequested]) -> None:
    """Runs said that they may be stopped, or were asked to stop."""


@hookspec
def on_plots(events: Sequence[events.Plot]) -> None:
    """Plots were logged as data."""


@hookspec
def on_artifacts(events: Sequence[events.Artifact]) -> None:
    """Files or folders were logged (data sets, models and checkpoints have hooks of their own)."""


@hookspec
def on_datasets(events: Sequence[events.Dataset]) -> None:
    """Data sets were seen."""


@hookspec
def on_models(events: Sequence[events.Model]) -> None:
    """Final models were logged."""


@hookspec
def on_checkpoints(events: Sequence[events.Checkpoint | events.ArtifactRemoved]) -> None:
    """Checkpoints were written, or removed by a keep-top-k rule."""


@hookspec
def on_environments(events: Sequence[events.Environment | events.Code]) -> None:
    """Environments and code states were captured."""


@hookspec
def on_console(events: Sequence[events.Console]) -> None:
    """Lines were printed while runs were open."""


HOOK_OF_EVENT: dict[type, str] = {
    events.RunStarted: "on_run_start",
    events.RunEnded: "on_run_end",
    events.Params: "on_params",
    events.MetricPoints: "on_metrics",
    events.MetricAliases: "on_metrics",
    events.SystemMetricPoints: "on_system_metrics",
    events.Tags: "on_tags",
    events.Note: "on_note",
    events.Text: "on_texts",
    events.Notice: "on_notices",
    events.StopAccepted: "on_stops",
    events.StopRequested: "on_stops",
    events.Plot: "on_plots",
    events.Artifact: "on_artifacts",
    events.Dataset: "on_datasets",
    events.Model: "on_models",
    events.Checkpoint: "on_checkpoints",
    events.ArtifactRemoved: "on_checkpoints",
    events.Environment: "on_environments",
    events.Code: "on_environments",
    events.Console: "on_console",
}
"""Which hook announces which event."""
