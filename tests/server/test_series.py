"""Curves as binary frames."""

from __future__ import annotations

import math

import numpy as np
import pytest

from epochlog.server.bucketing import band, bucketed, edges
from epochlog.server.smoothing import smooth


def ask(client, metrics, names=("base", "worse"), **options):
    ids = client.ids()
    asked = [metric if isinstance(metric, dict) else {"key": metric} for metric in metrics]
    options.setdefault("x", "step")
    return client.series(runs=[ids[name] for name in names], metrics=asked, **options)


def test_short_curves_come_point_by_point(client):
    """Values are those logged, NaN and infinities among them, and their places are listed."""
    header, array = ask(client, ["val/loss"])
    base, worse = header["lines"]

    assert (base["run"], base["form"], base["total"], base["inside"]) == (0, "points", 50, 50)
    assert array(base["arrays"]["x"]).tolist() == list(range(50))
    assert array(base["arrays"]["y"])[30] == 0.5
    y = array(worse["arrays"]["y"])
    assert y[np.isfinite(y)].tolist() == [2.0, 1.5, 1.0]
    assert worse["nonfinite"] == {"nan": 1, "inf": 1, "ninf": 1}
    assert array(worse["arrays"]["nan"]).tolist() == [10.0]
    assert array(worse["arrays"]["ninf"]).tolist() == [40.0]
    assert header["x_range"] == [0, 50]
    assert header["y_range"] == [0.5, 2.0]


def test_arrays_start_at_multiples_of_eight(client):
    """Browsers read typed arrays in place only there."""
    ids = client.ids()
    body = {"runs": [ids["base"]], "metrics": [{"key": "val/loss"}]}
    frame = client.request("POST", "/api/series", json=body).content

    assert int.from_bytes(frame[:8], "little") % 8 == 0
    assert len(frame) % 8 == 0


def test_many_runs_and_metrics_in_one_answer(client):
    """Lines name their run and metric by place; what a run lacks is left out."""
    header, _ = ask(
        client, ["val/loss", "train/loss", "nothing"], names=("base", "worse", "broken")
    )

    assert [(line["run"], line["metric"]) for line in header["lines"]] == [
        (0, 0), (1, 0), (0, 1), (1, 1),
    ]  # fmt: skip


def test_long_curves_are_cut_into_buckets(client):
    """No peak is lost, and each bucket says what is in it."""
    header, array = ask(client, ["train/loss"], names=("base",), buckets=10)
    (line,) = header["lines"]
    parts = {name: array(part) for name, part in line["arrays"].items()}

    assert line["form"] == "buckets"
    assert parts["count"].sum() == 50
    assert parts["max"][0] == 1.0
    assert parts["min"][-1] == pytest.approx(1 / 50)
    assert parts["first"].tolist() == pytest.approx([1 / (x + 1) for x in parts["x0"]])
    assert parts["last"].tolist() == pytest.approx([1 / (x + 1) for x in parts["x1"]])


def test_zooming_asks_for_a_part_with_its_neighbours(client):
    """The curve goes on beyond both ends of the chart."""
    header, array = ask(client, ["train/loss"], names=("base",), range=[10, 12])
    (line,) = header["lines"]

    assert array(line["arrays"]["x"]).tolist() == [9, 10, 11, 12, 13]
    assert line["inside"] == 3
    assert line["x_range"] == [0, 49]


def test_every_x_axis(client):
    """Epochs, time since the start, wall time and another metric; a missing one is said."""
    header, array = ask(client, ["train/loss"], x="epoch")
    assert array(header["lines"][0]["arrays"]["x"]).tolist() == [i // 5 for i in range(50)]
    assert "epochs" in header["lines"][1]["problem"]
    header, array = ask(client, ["train/loss"], x="wall")
    wall = array(header["lines"][0]["arrays"]["x"])
    header, array = ask(client, ["train/loss"], x="relative")
    relative = array(header["lines"][0]["arrays"]["x"])
    assert (relative >= 0).all()
    assert np.allclose(wall - wall[0], relative - relative[0], atol=1e-5)
    header, array = ask(client, ["train/loss"], x="metric", x_metric={"key": "val/loss"})
    x = array(header["lines"][0]["arrays"]["x"])
    assert x.tolist() == pytest.approx([0.5 + (i - 30) ** 2 / 900 for i in range(50)])


def test_smoothing_of_equal_steps_is_tensorboards(client):
    """Debiased: the first value stays, later ones are weighed down geometrically."""
    header, array = ask(
        client, ["train/loss"], names=("base",), smooth={"method": "ema", "weight": 0.9}
    )
    parts = header["lines"][0]["arrays"]
    last, expected = 0.0, []
    for place, value in enumerate(array(parts["y"]), start=1):
        last = last * 0.9 + value * 0.1
        expected.append(last / (1 - 0.9**place))

    assert array(parts["smooth"]).tolist() == pytest.approx(expected)


def test_smoothing_goes_by_distance():
    """A point far behind counts less than one near by; those that are not finite count nothing."""
    y = np.zeros(101)
    y[-1], y[7] = 1.0, math.nan
    near, far = (
        smooth(np.append(np.arange(100.0), last), y, "ema", 0.9) for last in (100.0, 140.0)
    )

    assert near[-1] < 0.15 < far[-1]
    assert np.isnan(near).tolist() == np.isnan(y).tolist()
    x = np.arange(5.0)
    assert smooth(x, np.full(5, 3.0), "mean", 0.5).tolist() == [3.0] * 5
    assert smooth(x, np.full(5, 3.0), "gaussian", 0.5) == pytest.approx(3.0)


@pytest.mark.parametrize("method", ["ema", "gaussian", "mean"])
def test_smoothing_is_calmer_than_the_curve(method):
    """Whatever the method, noise around a constant shrinks."""
    noise = np.random.default_rng(0).normal(size=2000)
    found = smooth(np.arange(2000.0), noise, method, 0.9)

    assert found.std() < 0.6 * noise.std()
    assert abs(found.mean()) < 0.2


def test_a_spike_survives_any_number_of_buckets():
    """One point among 100,000 is in the maximum of its bucket."""
    x, y = np.arange(1e5), np.zeros(100_000)
    y[54_321], y[54_322] = 9.0, math.nan
    for buckets in (1, 7, 500):
        found = bucketed(x, y, edges(0, 1e5, buckets))
        assert np.nanmax(found["max"]) == 9.0
        assert found["count"].sum() == 100_000


def test_groups_become_bands(client):
    """Mean and deviation over runs, each counted only where it has points."""
    header, array = ask(client, ["train/loss"], groups=[[0, 1], [1]])
    both, alone = header["lines"]

    assert (both["form"], both["group"], both["run"]) == ("band", 0, -1)
    x, count = array(both["arrays"]["x"]), array(both["arrays"]["count"])
    assert count[x == 0] == 2
    assert array(both["arrays"]["mean"])[x == 0] == pytest.approx((1 + 3) / 2)
    assert array(both["arrays"]["max"])[x == 0] == 3.0
    assert count[x == 50] == 1
    assert set(array(alone["arrays"]["count"])) == {1}


def test_a_band_of_equal_curves_has_no_width():
    """The deviation of one and the same curve is zero, its mean is the curve."""
    curve = (np.arange(5.0), np.array([3.0, 1.0, 4.0, 1.0, 5.0]))
    found = band([curve, curve], 0, 4, 100)

    assert found["mean"].tolist() == curve[1].tolist()
    assert found["std"].tolist() == [0] * 5


def test_a_changed_curve_is_read_anew(make_client, own_store, monkeypatch):
    """What is kept in memory never hides new points."""
    import epochlog

    client = make_client()
    before, _ = ask(client, ["train/loss"], names=("base",))
    monkeypatch.setenv("EPOCHLOG_STORE", str(own_store))
    with epochlog.start_run(run_id=client.ids()["base"]) as run:
        run.log_metrics({"train/loss": 7.0}, step=100)
    epochlog.flush()
    after, array = ask(client, ["train/loss"], names=("base",))

    assert before["lines"][0]["total"] == 50
    assert array(after["lines"][0]["arrays"]["y"])[-1] == 7.0
    assert before["cursor"] != after["cursor"]
