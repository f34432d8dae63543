"""Offer the SQLite flavor of the store, found by entry point like anybody else's."""

from __future__ import annotations

from epochlog.contract.hookspecs import hookimpl
from epochlog.contract.sink import StoreFlavor


@hookimpl
def register_stores() -> list[StoreFlavor]:
    """Return the flavors that come with epochlog."""
    return [
        StoreFlavor(
            name="sqlite",
            schemes=("sqlite",),
            open_sink="epochlog.store.sink:open_sink",
            description="one file in a local folder; needs no server",
        )
    ]
