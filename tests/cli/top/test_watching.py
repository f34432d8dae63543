"""Looking again costs what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processes import run_python
from sqlalchemy import event

import epochlog
from epochlog.cli.app import App
from epochlog.cli.top.cards import Gpu
from epochlog.cli.top.watching import Watch
from epochlog.query.opening import Reader


@contextmanager
def statements(reader: Reader) -> Iterator[list[str]]:
    """Note what is asked of the database."""
    found: list[str] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        found.append(statement)

    event.listen(reader.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(reader.engine, "before_cursor_execute", note)


def test_where_nothing_changed_nothing_is_read(filled: Path) -> None:
    """A second look returns the same scene without a single statement."""
    app = App()
    watch = Watch(app)
    first = watch.look()
    with statements(app.reader) as asked:
        second = watch.look()

    assert [card.name for card in first.cards] == ["search", "broken", "worse", "base"]
    assert second is first
    assert asked == []


def test_only_runs_that_changed_are_read_in_full(filled: Path) -> None:
    """When one run goes on, the params and curves of the others are not read again."""
    app = App()
    watch = Watch(app)
    before = {card.name: card for card in watch.look().cards}
    with epochlog.start_run("new") as run:
        run.log_params({"epochs": 4})
        run.log_metrics({"loss": 1.0}, step=0)
        run.log_metrics({"loss": 0.5}, step=1)
        run.flush()
        after = {card.name: card for card in watch.look().cards}

    assert after.keys() - before.keys() == {"new"}
    assert after["new"].progress is not None
    assert (after["new"].progress.done, after["new"].progress.total) == (2, 4)
    assert after["base"].curves == before["base"].curves


def test_runs_below_others(store: Path) -> None:
    """What trains below a run stands below it; of many the newest three, the others counted."""
    with epochlog.start_run("search", kind="search") as run:
        with run.start_child("done", kind="candidate"):
            pass
        open_ones = [run.start_child(f"candidate {i}", kind="candidate") for i in range(5)]
        run.flush()
        top, *below = Watch(App()).look().cards
        for child in open_ones:
            child.end()

    assert (top.name, top.level, top.hidden) == ("search", 0, 2)
    assert [card.name for card in below] == ["candidate 4", "candidate 3", "candidate 2"]
    assert {card.level for card in below} == {1}
    assert top.below is not None
    assert (top.below.finished, top.below.counts["running"]) == (1, 5)


def test_older_runs_that_still_train_are_listed(filled: Path) -> None:
    """An open run is there however many runs began after it."""
    with epochlog.start_run("patient") as run:
        run.flush()
        code = (
            "import epochlog\nfor n in 'one', 'two', 'three':\n    with epochlog.start_run(n): pass"
        )
        assert run_python(code).returncode == 0
        names = [card.name for card in Watch(App(), ended_max=1).look().cards]

    assert names == ["patient", "three"]


def test_filters_hold_for_open_and_ended_runs(filled: Path) -> None:
    """Only runs that match are there, whether they train or not."""
    with epochlog.start_run("other"):
        scene = Watch(App(), 'name == "base"').look()

    assert [card.name for card in scene.cards] == ["base"]


def test_a_store_that_goes_away_is_said(filled: Path, tmp_path: Path) -> None:
    """What was seen stays in sight, with the reason why there is nothing newer."""
    app = App()
    watch = Watch(app)
    names = [card.name for card in watch.look().cards]
    app.reader.engine.dispose()
    (filled / "epochlog.db").rename(tmp_path / "away.db")
    scene = watch.look()
    assert [card.name for card in scene.cards] == names
    assert scene.error
    (tmp_path / "away.db").rename(filled / "epochlog.db")
    assert watch.look().error == ""


def test_details_have_everything(filled: Path) -> None:
    """An opened run comes with curves, hardware, params, console and notices."""
    watch = Watch(App())
    base = next(card for card in watch.look().cards if card.name == "base")
    detail = watch.look(base.pk).detail

    assert detail is not None
    assert {"train/loss", "val/loss", "test/accuracy"} <= {curve.name for curve in detail.curves}
    assert "process/memory_bytes" in {curve.name for curve in detail.system}
    assert detail.params["batch_size"] == 64
    assert detail.notices == (("warning", "the data set was sampled"),)
    assert watch.look(10**9).detail is None


def test_gpus_with_the_share_of_the_run(store: Path) -> None:
    """Each GPU comes with what it does and what of that is the run's own."""
    samples = {"utilization_percent": 93.0, "memory_used_bytes": 2e9, "memory_percent": 50.0}
    own = {"process_memory_bytes": 1e9, "process_sm_percent": 80.0}
    with epochlog.start_run("gpu") as run:
        for index in ("0", "10", "2"):
            run.log_system_metrics({f"gpu/{index}/{k}": v for k, v in (samples | own).items()})
        run.flush()
        (card,) = Watch(App()).look().cards

    assert [gpu.index for gpu in card.hardware.gpus] == ["0", "2", "10"]
    assert card.hardware.gpus[0] == Gpu("0", 93.0, 2e9, 50.0, 1e9, 80.0)
