"""The store is a plugin like a stranger's."""

from __future__ import annotations

import importlib
from pathlib import Path

from epochlog.contract.sink import Sink, StoreLocation
from epochlog.store.plugin import register_stores


def test_sqlite_flavor_opens_a_sink(tmp_path: Path) -> None:
    """The function that the flavor names makes a sink for a location."""
    (flavor,) = register_stores()
    module, _, name = flavor.open_sink.partition(":")
    sink = getattr(importlib.import_module(module), name)(
        StoreLocation(f"sqlite:///{tmp_path}/epochlog.db", str(tmp_path))
    )

    assert (flavor.name, flavor.schemes) == ("sqlite", ("sqlite",))
    assert isinstance(sink, Sink)
    sink.close()
