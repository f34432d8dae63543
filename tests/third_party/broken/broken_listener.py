"""A plugin whose listener always raises."""

from epochlog.plugins.api import hookimpl


@hookimpl
def on_metrics(events):
    """Fail."""
    raise ValueError(f"can't count to {len(events)}")


@hookimpl
def on_run_start(events):
    """Fail, too."""
    raise ValueError("can't start")
