"""The sink commits each batch exactly once and keeps runs true whatever the order of arrival."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from epochlog.base.errors import PositionMoved, StoreUnavailable
from epochlog.base.ids import new_id
from epochlog.contract.events import (
    Code,
    Environment,
    MetricPoints,
    Note,
    Notice,
    Params,
    Plot,
    RunEnded,
    RunStarted,
    SystemMetricPoints,
    Tags,
    Text,
)
from epochlog.contract.sink import Batch, Sink
from epochlog.store.described import unpack_plot
from epochlog.store.typed import decode_value

LONG = "näme/" + "x" * 4_990 + "'\"%_;--"


def params_of(desk: Any, run: str) -> dict[str, Any]:
    rows = desk.rows(
        "SELECT k.name, p.vtype, p.num, p.text, p.body, p.flags FROM param p JOIN key k ON "
        "k.pk = p.key_pk JOIN execution e ON e.pk = p.execution_pk WHERE e.id = ?",
        run,
    )
    return {name: decode_value(*columns) for name, *columns in rows}


def status_of(desk: Any, run: str) -> tuple[Any, ...]:
    return desk.one("SELECT status, status_reason, ended_at FROM execution WHERE id = ?", run)


def test_sink_is_a_sink(desk: Any) -> None:
    """StoreSink has what the contract asks for."""
    assert isinstance(desk.sink, Sink)


def test_position_moves_with_the_rows(desk: Any) -> None:
    """A committed batch sets the journal's position; an unknown journal is at 0."""
    assert desk.sink.position(desk.info) == 0

    desk.sink.write(Batch(desk.info, 0, 77, [RunStarted(new_id(), 1, "a")], corrupt_bytes=5))

    assert desk.sink.position(desk.info) == 77
    assert desk.one("SELECT corrupt_bytes FROM journal") == 5


@pytest.mark.parametrize("start", [0, 76, 78])
def test_batch_from_another_position_writes_nothing(desk: Any, start: int) -> None:
    """A batch that does not begin at the committed position raises and leaves no trace."""
    desk.sink.write(Batch(desk.info, 0, 77, [RunStarted(new_id(), 1, "a")]))

    with pytest.raises(PositionMoved) as moved:
        desk.sink.write(Batch(desk.info, start, 99, [RunStarted(new_id(), 1, "b")]))

    assert moved.value.position == 77
    assert desk.one("SELECT count(*) FROM execution") == 1


def test_writer_goes_on_after_another_process_wrote_its_journal(desk: Any) -> None:
    """Points keep their order and number when a second process drains part of the journal."""
    run = new_id()
    other = type(desk)(desk.root, desk.info)
    batches = [
        Batch(desk.info, n, n + 1, [MetricPoints(run, n, None, {"loss": float(n)})])
        for n in range(30)
    ]
    for number, batch in enumerate(batches):
        (other if number % 3 == 1 else desk).sink.write(batch)
        with pytest.raises(PositionMoved):
            desk.sink.write(batch)
    other.sink.close()

    assert desk.series("loss").values.tolist() == [float(n) for n in range(30)]
    assert desk.series("loss").steps.tolist() == list(range(30))


def test_params_keep_type_and_the_last_value(desk: Any) -> None:
    """All plain types come back; a param logged again has the later value."""
    run = desk.start()
    values = {"n": 2**60 + 1, "lr": 1e-3, "b": True, "s": "x", "none": None, "l": [1, {"a": 2.5}]}
    desk.write(Params(run, 2, {**values, "lr": 5.0}), Params(run, 3, {"lr": 7.0}))
    desk.write(Params(run, 4, {"lr": 1e-3}))

    assert params_of(desk, run) == values


def test_long_and_odd_names_come_back_whole(desk: Any) -> None:
    """Names of 5,000 characters with quotes and umlauts round-trip everywhere they are used."""
    run = desk.start(name=LONG, experiment=LONG)
    desk.write(
        Params(run, 2, {LONG: LONG}),
        MetricPoints(run, 3, 1, {LONG: 1.0, LONG + "2": 2.0}, context=LONG),
        MetricPoints(run, 3, 1, {LONG: 3.0}, context=LONG + "other"),
        Tags(run, 4, [LONG]),
        Text(run, 5, LONG, LONG),
    )

    assert params_of(desk, run) == {LONG: LONG}
    assert desk.one("SELECT name, experiment FROM v_runs") == (LONG, LONG)
    assert desk.one("SELECT tag FROM v_tags") == LONG
    assert sorted(desk.rows("SELECT metric, context, latest FROM v_metrics")) == sorted(
        [(LONG, LONG, 1.0), (LONG + "2", LONG, 2.0), (LONG, LONG + "other", 3.0)]
    )


def test_names_that_differ_in_case_or_spaces_are_different(desk: Any) -> None:
    """Nothing is folded or trimmed."""
    run = desk.start()
    names = {"Loss": 1.0, "loss": 2.0, " loss": 3.0, "": 4.0, "lo\x00ss": 5.0}
    desk.write(MetricPoints(run, 1, 0, names))

    assert dict(desk.rows("SELECT metric, latest FROM v_metrics")) == names


def test_nan_and_infinities_are_exact(desk: Any) -> None:
    """Points and summary keep NaN, ±Inf and −0.0."""
    run = desk.start()
    values = [1.5, math.nan, math.inf, -math.inf, -0.0]
    desk.write(*(MetricPoints(run, n, n, {"m": v}) for n, v in enumerate(values)))

    assert repr(desk.series("m").values.tolist()) == repr(values)
    row = desk.one("SELECT nan_count, min_step, max_step, first_value FROM series")
    assert row == (1, 3.0, 2.0, 1.5)


def test_float_and_unordered_steps_are_kept_and_read_in_order(desk: Any) -> None:
    """Steps may be any numbers in any order; equal steps are all kept, by time."""
    run = desk.start()
    steps = [5, 2.5, -1, 5, 2**40, 5]
    desk.write(
        *(MetricPoints(run, 100 - n, s, {"m": float(n)}, epoch=n / 2) for n, s in enumerate(steps))
    )
    found = desk.series("m")

    assert found.steps.tolist() == [-1, 2.5, 5, 5, 5, 2**40]
    assert found.values.tolist() == [2.0, 1.0, 5.0, 3.0, 0.0, 4.0]
    assert found.epochs.tolist() == [1.0, 0.5, 2.5, 1.5, 0.0, 2.0]


def test_steps_beyond_doubles_are_exact(desk: Any) -> None:
    """Integer steps up to 2**63 − 1 keep every digit."""
    run = desk.start()
    steps = [2**63 - 1, 2**53 + 1, -(2**63)]
    desk.write(*(MetricPoints(run, 1, s, {"m": 0.0}) for s in steps))

    assert desk.series("m").steps.tolist() == sorted(steps)


def test_missing_steps_are_counted_on(desk: Any) -> None:
    """A point without a step gets one more than the largest so far, also across batches."""
    run = desk.start()
    desk.write(*(MetricPoints(run, n, None, {"m": 0.0}) for n in range(3)))
    desk.write(
        MetricPoints(run, 5, 10, {"m": 0.0}), MetricPoints(run, 6, None, {"m": 0.0, "x": 1.0})
    )
    desk.write(MetricPoints(run, 7, 3.5, {"m": 0.0}), MetricPoints(run, 8, None, {"m": 0.0}))

    assert desk.series("m").steps.tolist() == [0, 1, 2, 3.5, 10, 11, 12]
    assert desk.series("x").steps.tolist() == [0]


def test_system_metrics_are_apart_from_metrics(desk: Any) -> None:
    """One name may be a metric and a system metric; both are kept."""
    run = desk.start()
    desk.write(MetricPoints(run, 1, 0, {"m": 1.0}), SystemMetricPoints(run, 2, {"m": 2.0}, "gpu0"))

    assert set(desk.rows("SELECT is_system, context, latest FROM v_metrics")) == {
        (0, "", 1.0),
        (1, "gpu0", 2.0),
    }


def test_point_before_its_run_is_not_lost(desk: Any, second_desk: Any) -> None:
    """Events of a run not heard of yet make a placeholder, which its start fills in."""
    run, parent = new_id(), new_id()
    second_desk.write(MetricPoints(run, 500, 0, {"m": 1.0}))
    second_desk.write(RunStarted(new_id(), 510, "inner", parent=run))
    desk.write(RunStarted(run, 400, "real", "exp", "fit", parent, "lightgbm", user="ann", index=3))

    assert desk.one(
        "SELECT name, kind, source, experiment, actor, position, created_at, parent_id "
        "FROM v_runs WHERE id = ?",
        run,
    ) == ("real", "fit", "lightgbm", "exp", "ann", 3, 400, parent)
    assert desk.rows("SELECT DISTINCT root_id FROM v_runs") == [(parent,)]


def test_run_has_its_end(desk: Any) -> None:
    """The end sets status, reason, traceback and time; events after it are taken too."""
    run = desk.start()
    desk.write(RunEnded(run, 9_000, "failed", "ValueError: x", "Traceback …"))
    desk.write(MetricPoints(run, 9_500, 0, {"m": 1.0}), Note(run, 9_600, "late"))

    assert status_of(desk, run) == ("failed", "ValueError: x", 9_000)
    assert desk.one("SELECT note, updated_at, traceback FROM execution") == (
        "late",
        9_600,
        "Traceback …",
    )


def test_resumed_run_is_running_again_and_belongs_to_the_new_process(
    desk: Any, second_desk: Any
) -> None:
    """Resuming keeps name and start, clears the end, and moves the ownership."""
    run = desk.start(name="first")
    desk.write(RunEnded(run, 2_000, "failed", "why", "tb"))
    second_desk.write(RunStarted(run, 3_000, "second", resumed=True))
    desk.sink.close_journal(desk.info, 4_000, status="lost")

    assert status_of(desk, run) == ("running", "", None)
    assert desk.one("SELECT name, started_at FROM execution") == ("first", 1_000)

    second_desk.sink.close_journal(second_desk.info, 5_000, status="lost", reason="gone")
    assert status_of(desk, run) == ("lost", "gone", 3_000)


def test_end_and_resume_in_one_batch_leave_it_running(desk: Any) -> None:
    """The order of events inside a batch counts."""
    run = new_id()
    desk.write(
        RunStarted(run, 1, "a"),
        RunEnded(run, 2, "completed"),
        RunStarted(run, 3, "a", resumed=True),
    )

    assert status_of(desk, run) == ("running", "", None)


def test_closing_a_journal_ends_only_its_open_runs(desk: Any, second_desk: Any) -> None:
    """Runs of a dead process become lost at their last event; ended and foreign ones stay."""
    ended, open_run, foreign = desk.start(), desk.start(), second_desk.start()
    desk.write(RunEnded(ended, 50, "completed"), MetricPoints(open_run, 7_777, 1, {"m": 1.0}))
    desk.sink.close_journal(desk.info, 9_999, status="lost", reason="killed")

    assert status_of(desk, ended)[0] == "completed"
    assert status_of(desk, open_run) == ("lost", "killed", 7_777)
    assert status_of(desk, foreign)[0] == "running"
    assert desk.one("SELECT closed_at FROM journal WHERE id = ?", desk.info.id) == 9_999


def test_heartbeat_brings_lost_runs_back(desk: Any) -> None:
    """A run called lost is running again once its writer shows that it lives."""
    run = desk.start()
    desk.sink.close_journal(desk.info, 5, status="lost", reason="x")
    desk.sink.heartbeat(desk.info, 6)

    assert status_of(desk, run) == ("running", "", None)
    assert desk.one("SELECT heartbeat_at, closed_at FROM journal") == (6, None)


def test_tags_are_a_set(desk: Any) -> None:
    """Adding twice and removing what isn't there do nothing; the last word counts."""
    run = desk.start()
    desk.write(Tags(run, 1, ["a", "b", "a"]), Tags(run, 2, ["a", "c"], ["b", "z"]))
    desk.write(Tags(run, 3, [], ["c"]), Tags(run, 4, ["a"]))

    assert desk.rows("SELECT tag FROM v_tags") == [("a",)]


def test_texts_notices_and_plots_are_kept_as_they_are(desk: Any) -> None:
    """Texts, notices and plot data with NaN come back."""
    run = desk.start()
    data = {"x": [1, 2.5, math.nan, math.inf], "name": "é", "n": {"deep": [None, True]}}
    desk.write(
        Text(run, 1, "sample", "hello\n", 3),
        Notice(run, 2, "warning", "budget", "skipped"),
        Plot(run, 3, "imp", "importance", data, 2.5),
    )

    assert desk.one("SELECT body, step FROM text") == ("hello\n", 3.0)
    assert desk.one("SELECT level, source, body FROM notice") == ("warning", "budget", "skipped")
    kind, step, packed = desk.one("SELECT kind, step, data FROM plot")
    assert (kind, step, repr(unpack_plot(packed))) == ("importance", 2.5, repr(data))


def test_equal_environments_share_a_row(desk: Any) -> None:
    """Environment and code are stored once by content."""
    one, two = desk.start(), desk.start()
    desk.write(
        Environment(one, 1, {"python": "3.11", "packages": {"a": "1"}}),
        Environment(two, 2, {"packages": {"a": "1"}, "python": "3.11"}),
        Code(one, 3, {"commit": "abc"}),
    )

    assert json.loads(desk.one("SELECT data FROM environment"))["python"] == "3.11"
    assert desk.one("SELECT count(DISTINCT environment_pk) FROM execution") == 1
    assert desk.one("SELECT count(*) FROM execution WHERE code_pk IS NOT NULL") == 1


def test_one_bad_event_stops_no_other(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that can't be stored becomes a notice in its run; all others are stored once."""
    monkeypatch.delenv("EPOCHLOG_RAISE")
    run = desk.start()
    bad = Params(run, 50, {"odd": 1, 7: 2})  # type: ignore[dict-item]
    points = [MetricPoints(run, n, n, {"m": float(n)}) for n in range(20)]
    desk.write(*points[:9], bad, *points[9:], Tags(run, 60, ["t"]))

    assert desk.series("m").steps.tolist() == list(range(20))
    assert desk.one("SELECT count FROM series") == 20
    assert desk.rows("SELECT tag FROM v_tags") == [("t",)]
    level, source, text = desk.one("SELECT level, source, body FROM notice")
    assert (level, source) == ("error", "store")
    assert "a Params event could not be stored" in text
    assert desk.sink.position(desk.info) == desk.position


def test_under_test_a_bad_event_is_loud(desk: Any) -> None:
    """With EPOCHLOG_RAISE=1 no failure of ours hides behind a notice."""
    run = desk.start()

    with pytest.raises(Exception, match=r"int|encode"):
        desk.write(Params(run, 50, {7: 2}))  # type: ignore[dict-item]


def test_locked_store_is_unavailable_and_loses_nothing(
    desk: Any, second_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another holds the lock too long, a batch fails whole and can be written later."""
    run = desk.start()
    batch = Batch(desk.info, desk.position, 9, [MetricPoints(run, 1, 0, {"m": 1.0})])
    with desk.sink._engine.connect().execution_options(begin="BEGIN") as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=20")
    with second_desk.sink._engine.begin() as busy:
        busy.exec_driver_sql("UPDATE journal SET heartbeat_at = 1")
        with pytest.raises(StoreUnavailable, match=r"locked.*another process"):
            desk.sink.write(batch)
    desk.sink.write(batch)

    assert desk.series("m").values.tolist() == [1.0]


def test_full_disk_is_unavailable_and_loses_nothing(desk: Any) -> None:
    """A batch that does not fit fails whole; once there is room it is written."""
    run = desk.start()
    batch = Batch(desk.info, desk.position, 9, [Text(run, 1, "k", "x" * 3_000_000)])
    with desk.sink._engine.connect().execution_options(begin="BEGIN") as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10}")
    with pytest.raises(StoreUnavailable, match=r"full.*free some space"):
        desk.sink.write(batch)
    assert desk.one("SELECT count(*) FROM text") == 0
    with desk.sink._engine.connect().execution_options(begin="BEGIN") as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    desk.sink.write(batch)

    assert desk.one("SELECT length(body) FROM text") == 3_000_000
