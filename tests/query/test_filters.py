"""What filters find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import epochlog
from epochlog.query.opening import Reader
from epochlog.query.runs import Runs

CASES = [
    ("", "alpha beta gamma delta epsilon"),
    ("params.lr < 0.05", "beta"),
    ("params.lr >= 0.01", "alpha beta delta"),
    ("1e-3 < params.lr < 0.05", "beta"),
    ("0.05 > params.lr", "beta"),
    ('params.lr == "auto"', "gamma"),
    ("params.lr != 0.1", "beta gamma delta"),
    ("not params.lr == 0.1", "beta gamma delta epsilon"),
    ("params.lr == inf and isinf(params.lr)", "delta"),
    ("isnan(params.w)", "delta"),
    ("params.w != 5", "delta"),
    ("params.w == nan", ""),
    ('params["a/b"] == 1', "alpha"),
    ("params.flag == True", "alpha"),
    ("params.flag", "alpha"),
    ("params.flag == False", "beta"),
    ("not params.flag", "beta gamma delta epsilon"),
    ("params.opt is None", "gamma delta epsilon"),
    ("params.opt is not None", "alpha beta"),
    ("params.opt == None", "gamma delta epsilon"),
    ('params.opt in ["adam", "lion"]', "alpha"),
    ('params.opt not in ["adam", "lion"]', "beta"),
    ('params.lr in [0.1, "auto"]', "alpha gamma"),
    ("params.lr in []", ""),
    ("params.seed in [7, None]", "alpha beta gamma delta epsilon"),
    ('contains(params.layers, "64")', "beta"),
    ('params.layers == "[64,32]"', "beta"),
    ('metrics["val/loss"].min < 0.45', "beta delta"),
    ('metrics["val/loss"] < 0.45', "beta"),
    ('metrics["val/loss"].last > 1', "delta"),
    ('isnan(metrics["val/loss"])', "gamma"),
    ('isinf(metrics["val/loss"].max)', "delta"),
    ('metrics["val/loss"].count == 1', "gamma"),
    ('metrics["val/loss"].nan_count > 0', "gamma"),
    ('metrics["val/loss"].min.step == 1', "alpha beta"),
    ('metrics["val/loss"].step >= 2', "alpha"),
    ("metrics.acc.max > 0.7 and metrics.acc.last < 0.75", "beta"),
    ("metrics.acc.mean > 0.5", "beta"),
    ("metrics.acc.best == 0.6", "alpha"),
    ("metrics.acc.last < metrics.acc.max", "beta"),
    ('metrics.acc.last != metrics["val/loss"].last', "alpha beta"),
    ("metrics.acc is None", "gamma delta epsilon"),
    ('"vision" in tags', "alpha"),
    ('"vision" not in tags', "beta gamma delta epsilon"),
    ('"vision" in tags and "big" in tags', "alpha"),
    ('"none has it" in tags', ""),
    ('startswith(tags, "vis")', "alpha"),
    ('status == "failed"', "gamma"),
    ('status in ("failed", "running")', "gamma delta"),
    ('name == "alpha" or name == "beta"', "alpha beta"),
    ('like(name, "%A")', "alpha beta gamma delta"),
    ('like(name, "_eta")', "beta"),
    ('endswith(name, "ta") and not startswith(name, "b")', "delta"),
    ('contains(name, "lp")', "alpha"),
    ('"lp" in name', "alpha"),
    ('matches(name, "^[ab]")', "alpha beta"),
    ('experiment == "other"', "epsilon"),
    ('experiment != "other"', "alpha beta gamma delta"),
    ('kind == "fit" and framework == "sklearn" and source == "sklearn"', "epsilon"),
    ('user == "ann" and project == "default"', "alpha beta gamma delta epsilon"),
    ("duration > 60 and duration < 2000", "beta"),
    ('duration >= "2h" and status == "failed"', "gamma"),
    ("ended is None", "delta"),
    ('not ended > "2020-01-01"', "delta"),
    ("not position > 3 and not position <= 3", "alpha beta gamma delta epsilon"),
    ("not (ended is not None and params.lr > 0)", "gamma delta epsilon"),
    ('started > "2020-01-01" and started < "2200-01-01T00:00+02:00"',
     "alpha beta gamma delta epsilon"),
    ('started < "2020-01-01"', ""),
    ("note is None", "alpha beta gamma delta epsilon"),
    ("parent is None and children.count == 0", "alpha beta gamma delta epsilon"),
    ("between(params.lr, 0.01, 0.1)", "alpha beta"),
    ('not (params.lr > 0.05 or params.opt == "sgd")', "gamma epsilon"),
    (' params.lr\n < 0.05 ', "beta"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "wanted"), CASES)
def test_a_filter_finds_these_runs(small: Callable[[], Reader], where: str, wanted: str) -> None:
    """Each expression selects exactly the runs it describes, whichever way they are looked up."""
    runs = Runs(small(), where, "started")

    assert wanted.split() == [run.name for run in runs]
    assert len(wanted.split()) == len(runs) == len(runs.ids)
    assert bool(wanted) == bool(runs)


@pytest.mark.parametrize(("where", "wanted"), CASES)
def test_walking_the_order_finds_the_same(
    small: Callable[[], Reader], where: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With thresholds at zero every condition is checked run by run, and the result is the same."""
    monkeypatch.setattr("epochlog.query.plan.FEW", -1)
    monkeypatch.setattr("epochlog.query.plan.PROBE_MAX", 0)
    for order in ("started", "-metrics.acc.max", "params.lr, name", "children.count"):
        assert set(wanted.split()) == {run.name for run in Runs(small(), where, order)}


def test_the_bin_is_hidden_unless_asked_for(small: Callable[[], Reader]) -> None:
    """A filter that mentions the bin sees into it."""
    reader = small()

    assert len(Runs(reader, "archived")) == 0
    assert len(Runs(reader, "not archived and deleted == False")) == 5
    assert len(Runs(reader, deleted=True)) == 5


def test_what_was_printed_and_how_it_failed(store: Path) -> None:
    """Runs are found by a line on their console and by their traceback, however long they are."""
    for name, line in (("one", "warning: NaN in step 3"), ("two", "all is well")):
        with epochlog.start_run(name) as run:
            filler = ["x" * 200] * 50
            run.log_console([*filler, line, "end"], first=1, spans=[(52, 1, 0)], at=1)
    with pytest.raises(ValueError, match="shapes"), epochlog.start_run("three"):
        raise ValueError("shapes (3, 4) and (5,) not aligned")
    epochlog.flush()

    def found(where: str) -> list[str]:
        return [run.name for run in epochlog.runs(where, order_by="name")]

    assert found('contains(console, "NaN in step")') == ["one"]
    assert found('like(console, "%ALL IS%")') == ["two"]
    assert found('matches(console, "step [0-9]")') == ["one"]
    assert found('"nobody said this" in console') == []
    assert found('contains(traceback, "not aligned")') == ["three"]
    assert found("console is None") == ["three"]
