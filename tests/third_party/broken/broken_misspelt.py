"""A plugin with a hook that does not exist."""

from epochlog.plugins.api import hookimpl


@hookimpl
def on_run_started(events):
    """The hook is called on_run_start."""
