"""A stranger's plugin: adds a framework and listens to what was stored."""

from __future__ import annotations

import os

from epochlog.plugins.api import Integration, hookimpl


@hookimpl
def register_integrations():
    """Offer tinyframe."""
    return [
        Integration(
            name="tinyframe",
            framework="tinyframe",
            supports="tinyframe>=3,<4",
            instrument="stranger_patches:instrument",
            description="the loss of every round",
        )
    ]


def _write(line):
    with open(os.environ["STRANGER_FILE"], "a", encoding="utf-8") as file:
        file.write(line + "\n")


@hookimpl
def on_run_start(events):
    """Note who started."""
    for event in events:
        _write(f"start {event.run} {event.source}")


@hookimpl
def on_metrics(events):
    """Count points."""
    _write(f"metrics {len(events)}")


@hookimpl
def on_run_end(events):
    """Note how it ended."""
    for event in events:
        _write(f"end {event.run} {event.status}")
