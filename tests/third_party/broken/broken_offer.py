"""A plugin that fails when it is asked what it offers."""

from epochlog.plugins.api import hookimpl


@hookimpl
def register_integrations():
    """Fail."""
    raise KeyError("no frameworks today")
