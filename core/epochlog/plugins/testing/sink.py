"""What every sink must keep: each batch once, in order, exact, whole or not at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from epochlog.base.clock import now_us
from epochlog.base.errors import PositionMoved
from epochlog.base.ids import new_id
from epochlog.contract import events
from epochlog.contract.sink import Batch, JournalInfo, Sink, StoreLocation

ODD_NAMES = (
    "a/b",
    "ü µ 漢字 🦦",
    "100%",
    "'; DROP TABLE run; --",
    '"quoted"',
    "x" * 5000,
    " ",
    "tab\tnew\nline",
)


class SinkConformance:
    """Subclass it under a name that begins with ``Test`` and say how to open and read your store.

    Every test gets a store of its own. Reading back is yours, as sinks only take.
    """

    def locate(self, folder: Path) -> StoreLocation:
        """Return a fresh store below ``folder``."""
        return StoreLocation(
            f"sqlite:///{folder / 'epochlog.db'}", str(folder), str(folder / "blobs")
        )

    def open_sink(self, location: StoreLocation) -> Sink:
        """Open a sink on the store; called several times for one store."""
        raise NotImplementedError

    def read_status(self, location: StoreLocation, run: str) -> str:
        """Return the status of a run."""
        raise NotImplementedError

    def read_params(self, location: StoreLocation, run: str) -> dict[str, Any]:
        """Return all parameters of a run."""
        raise NotImplementedError

    def read_series(self, location: StoreLocation, run: str, key: str) -> list[tuple[float, float]]:
        """Return ``(step, value)`` of a metric, ordered by step."""
        raise NotImplementedError

    @pytest.fixture
    def location(self, tmp_path: Path) -> StoreLocation:
        """Give each test a store of its own."""
        return self.locate(tmp_path)

    def test_unknown_journal_begins_at_zero(self, location: StoreLocation) -> None:
        """A journal never seen is at position 0."""
        sink = self.open_sink(location)
        assert sink.position(new_journal()) == 0
        sink.close()

    def test_position_is_committed_with_the_rows(self, location: StoreLocation) -> None:
        """After a write the position is the batch's end, for another connection too."""
        sink, journal, run = self.open_sink(location), new_journal(), new_id()
        sink.write(Batch(journal, 0, 100, [started(run)]))
        other = self.open_sink(location)
        assert sink.position(journal) == other.position(journal) == 100
        assert self.read_status(location, run) == "running"
        other.close()
        sink.close()

    def test_batch_is_taken_once(self, location: StoreLocation) -> None:
        """A batch from an old position is refused with the right one, and nothing is doubled."""
        first, second = self.open_sink(location), self.open_sink(location)
        journal, run = new_journal(), new_id()
        batch = Batch(
            journal, 0, 100, [started(run), point(run, 0, loss=1.0), point(run, 1, loss=0.5)]
        )
        first.write(batch)
        for sink in (second, first):
            with pytest.raises(PositionMoved) as moved:
                sink.write(batch)
            assert moved.value.position == 100
        second.write(Batch(journal, 100, 150, [point(run, 2, loss=0.2)]))
        assert self.read_series(location, run, "loss") == [(0, 1.0), (1, 0.5), (2, 0.2)]
        first.close()
        second.close()

    def test_batch_beyond_the_position_is_refused(self, location: StoreLocation) -> None:
        """A gap is refused: bytes in between would be lost."""
        sink, journal = self.open_sink(location), new_journal()
        with pytest.raises(PositionMoved):
            sink.write(Batch(journal, 50, 100, [started(new_id())]))
        assert sink.position(journal) == 0
        sink.close()

    def test_journals_are_independent(self, location: StoreLocation) -> None:
        """Two processes write interleaved; each has its own position."""
        sink, one, two = self.open_sink(location), new_journal(), new_journal()
        run = new_id()
        sink.write(Batch(one, 0, 10, [started(run)]))
        sink.write(Batch(two, 0, 30, [point(run, 0, a=1.0)]))
        sink.write(Batch(one, 10, 20, [point(run, 1, a=2.0)]))
        assert (sink.position(one), sink.position(two)) == (20, 30)
        assert self.read_series(location, run, "a") == [(0, 1.0), (1, 2.0)]
        sink.close()

    def test_values_are_exact(self, location: StoreLocation) -> None:
        """NaN, infinities, signed zero, extremes and full-entropy numbers come back bit by bit."""
        values = [
            math.nan,
            math.inf,
            -math.inf,
            0.0,
            -0.0,
            5e-324,
            1.7976931348623157e308,
            0.1,
            math.pi,
        ]
        sink, run = self.open_sink(location), new_id()
        sink.write(
            Batch(
                new_journal(),
                0,
                9,
                [started(run), *(point(run, i, v=v) for i, v in enumerate(values))],
            )
        )
        back = [value for _, value in self.read_series(location, run, "v")]
        assert [v.hex() for v in back] == [v.hex() for v in values]
        sink.close()

    def test_steps_are_keys_not_clocks(self, location: StoreLocation) -> None:
        """Steps may be floats, negative and in any order, over several batches."""
        steps: Sequence[float] = [5, 0.25, -3, 10_000_000_000, 1]
        sink, run, journal = self.open_sink(location), new_id(), new_journal()
        sink.write(Batch(journal, 0, 1, [started(run)]))
        for i, step in enumerate(steps):
            sink.write(Batch(journal, i + 1, i + 2, [point(run, step, v=float(step))]))
        assert self.read_series(location, run, "v") == [(s, float(s)) for s in sorted(steps)]
        sink.close()

    def test_missing_steps_are_numbered(self, location: StoreLocation) -> None:
        """Points without a step get the next number of their own series, across batches."""
        sink, run, journal = self.open_sink(location), new_id(), new_journal()
        sink.write(
            Batch(
                journal,
                0,
                1,
                [started(run), point(run, None, a=1.0), point(run, None, a=2.0, b=5.0)],
            )
        )
        sink.write(Batch(journal, 1, 2, [point(run, None, a=3.0)]))
        assert self.read_series(location, run, "a") == [(0, 1.0), (1, 2.0), (2, 3.0)]
        assert self.read_series(location, run, "b") == [(0, 5.0)]
        sink.close()

    def test_odd_names_and_long_texts(self, location: StoreLocation) -> None:
        """Nothing is rejected or cut for its length or its characters."""
        sink, run = self.open_sink(location), new_id()
        params: dict[str, Any] = {name: f"value of {name}" for name in ODD_NAMES}
        metrics = dict.fromkeys(ODD_NAMES, 0.5)
        found: list[events.AnyEvent] = [
            started(run),
            events.Params(run, now_us(), params),
            events.MetricPoints(run, now_us(), 0, metrics),
        ]
        sink.write(Batch(new_journal(), 0, 9, found))
        assert self.read_params(location, run) == params
        for name in ODD_NAMES:
            assert self.read_series(location, run, name) == [(0, 0.5)]
        sink.close()

    def test_param_types_survive(self, location: StoreLocation) -> None:
        """None, bool, int, float, text, lists and mappings come back as what they were."""
        params = {
            "none": None, "yes": True, "one": 1, "big": 2**63 - 1, "real": 0.1, "text": "1",
            "list": [1, "a", None, 0.5], "map": {"a": {"b": [True]}},
        }  # fmt: skip
        sink, run = self.open_sink(location), new_id()
        sink.write(Batch(new_journal(), 0, 9, [started(run), events.Params(run, now_us(), params)]))
        back = self.read_params(location, run)
        assert back == params
        assert {k: type(v) for k, v in back.items()} == {k: type(v) for k, v in params.items()}
        sink.close()

    def test_last_value_of_a_param_counts(self, location: StoreLocation) -> None:
        """A parameter that is logged again is replaced."""
        sink, run, journal = self.open_sink(location), new_id(), new_journal()
        sink.write(Batch(journal, 0, 1, [started(run), events.Params(run, 1, {"a": 1, "b": 2})]))
        sink.write(Batch(journal, 1, 2, [events.Params(run, 2, {"a": 3})]))
        assert self.read_params(location, run) == {"a": 3, "b": 2}
        sink.close()

    def test_events_may_come_before_their_run(self, location: StoreLocation) -> None:
        """Events of a run that another journal starts later are kept for it."""
        sink, run = self.open_sink(location), new_id()
        sink.write(
            Batch(new_journal(), 0, 9, [point(run, 0, a=1.0), events.Params(run, 1, {"lr": 0.5})])
        )
        sink.write(Batch(new_journal(), 0, 9, [started(run)]))
        assert self.read_series(location, run, "a") == [(0, 1.0)]
        assert self.read_params(location, run) == {"lr": 0.5}
        assert self.read_status(location, run) == "running"
        sink.close()

    def test_closing_a_journal_ends_its_open_runs(self, location: StoreLocation) -> None:
        """Open runs of this journal get the status; ended ones and other journals' keep theirs."""
        sink, mine, other = self.open_sink(location), new_journal(), new_journal()
        opened, ended, foreign = new_id(), new_id(), new_id()
        end = events.RunEnded(ended, now_us(), "completed")
        sink.write(Batch(mine, 0, 9, [started(opened), started(ended), end]))
        sink.write(Batch(other, 0, 9, [started(foreign)]))
        sink.close_journal(mine, now_us(), status="lost", reason="the process is gone")
        statuses = [self.read_status(location, run) for run in (opened, ended, foreign)]
        assert statuses == ["lost", "completed", "running"]
        sink.close()

    def test_lost_run_that_lives_is_running_again(self, location: StoreLocation) -> None:
        """A heartbeat of the writer flips its lost runs back."""
        sink, journal, run = self.open_sink(location), new_journal(), new_id()
        sink.write(Batch(journal, 0, 9, [started(run)]))
        sink.close_journal(journal, now_us(), status="lost")
        assert self.read_status(location, run) == "lost"
        sink.heartbeat(journal, now_us())
        assert self.read_status(location, run) == "running"
        sink.close()

    def test_many_points_in_one_batch(self, location: StoreLocation) -> None:
        """Twenty thousand points in one batch are all there, in order."""
        sink, run, count = self.open_sink(location), new_id(), 20_000
        sink.write(
            Batch(
                new_journal(), 0, 9, [started(run), *(point(run, i, v=i / 7) for i in range(count))]
            )
        )
        assert self.read_series(location, run, "v") == [(i, i / 7) for i in range(count)]
        sink.close()


def new_journal() -> JournalInfo:
    """Return a journal that no store has seen."""
    return JournalInfo(new_id(), "host", "boot", 4711, now_us(), "/nowhere/x.journal")


def started(run: str) -> events.RunStarted:
    """Return the start of a run."""
    return events.RunStarted(run, now_us(), "test run")


def point(run: str, step: float | None, **metrics: float) -> events.MetricPoints:
    """Return one metric point."""
    return events.MetricPoints(run, now_us(), step, metrics)
