"""Curves that grow are read on, not anew, and come out as if read at once."""

from __future__ import annotations

import numpy as np
import pytest

import epochlog
from epochlog.query.opening import open_store
from epochlog.server.points import read_points


def curve():
    """Return the pk of the only curve."""
    return next(iter(epochlog.runs())).metrics["m"].series_pk


@pytest.mark.parametrize(
    "later",
    [range(1_000, 1_400), range(400, 900), range(999, 1_001)],
    ids=["behind", "in between", "some steps again"],
)
def test_what_was_added_is_joined_to_what_is_known(store, later):
    """All columns are those of a curve that is read at once, wherever the new steps belong."""
    with epochlog.start_run() as run:
        for step in range(1_000):
            run.log_metrics({"m": step / 7}, step=step)
        run.flush()
        reader = open_store(recovering=False)
        pk = curve()
        known = read_points(reader, [pk], {})
        before = known[pk].values.copy()
        for step in later:
            run.log_metrics({"m": -step}, step=step, epoch=step // 100)
        run.flush()
        grown = read_points(reader, [pk], known)[pk]
        again = read_points(reader, [pk], {pk: grown})[pk]
        whole = read_points(reader, [pk], {})[pk]

    assert len(grown.steps) == 1_000 + len(later)
    for name in ("steps", "values", "times", "epochs"):
        np.testing.assert_array_equal(getattr(grown, name), getattr(whole, name))
    assert again is grown
    np.testing.assert_array_equal(known[pk].values, before)


def test_two_readers_of_one_state_do_not_spoil_each_other(store):
    """Both add to the same arrays; each has its own points, in full."""
    with epochlog.start_run() as run:
        run.log_metrics({"m": 0.0}, step=0)
        run.flush()
        reader = open_store(recovering=False)
        pk = curve()
        states = [read_points(reader, [pk], {})]
        for step in range(1, 40):
            run.log_metrics({"m": step}, step=step)
            run.flush()
            states.append(read_points(reader, [pk], states[-1]))
        forks = [read_points(reader, [pk], state)[pk] for state in states]

    assert [len(state[pk].values) for state in states] == list(range(1, 41))
    assert all(fork.values.tolist() == list(range(40)) for fork in forks)
