"""Our own store keeps what every store must."""

from __future__ import annotations

from epochlog.contract.sink import Sink
from epochlog.plugins.testing import MemorySink, SinkConformance
from epochlog.query import api
from epochlog.store.sink import open_sink


class TestStoreSink(SinkConformance):
    """The SQLite store."""

    def open_sink(self, location):
        return open_sink(location)

    def read_status(self, location, run):
        return api.get_run(run, store=location.url).status

    def read_params(self, location, run):
        return dict(api.get_run(run, store=location.url).params)

    def read_series(self, location, run, key):
        series = api.get_run(run, store=location.url).series(key)
        return sorted(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def test_both_sinks_follow_the_protocol(tmp_path):
    """The store's sink and the one for tests have every method of the protocol."""
    sink = open_sink(TestStoreSink().locate(tmp_path))
    assert isinstance(sink, Sink)
    assert isinstance(MemorySink(), Sink)
    sink.close()
