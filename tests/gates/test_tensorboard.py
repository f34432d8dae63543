"""Scalars written for TensorBoard are points of one run, with or without a run of the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import epochlog

pytest.importorskip("torch")
pytest.importorskip("tensorboard")
from torch.utils.tensorboard import SummaryWriter


def test_scalars_without_a_run_are_one_run(stored: Any, tmp_path: Path) -> None:
    """Five points of two scalars: one run with two curves, values and steps as written."""
    with SummaryWriter(str(tmp_path / "tb")) as writer:
        for step in range(5):
            writer.add_scalar("loss/train", 1.0 / (step + 1), step * 10)
            writer.add_scalar("acc", step / 5, step * 10)
    (run,) = stored()

    assert run.status == "completed"
    curves = {key: run.series(key) for key in run.metrics}
    assert len(curves) == 2
    assert all(list(curve.steps) == [0, 10, 20, 30, 40] for curve in curves.values())
    assert [1.0 / (step + 1) for step in range(5)] in [list(c.values) for c in curves.values()]


def test_scalars_inside_a_run_of_the_user(stored: Any, tmp_path: Path) -> None:
    """A writer inside ``start_run()`` adds to that run, which ends with its own block."""
    with epochlog.start_run("mine") as mine:
        writer = SummaryWriter(str(tmp_path / "tb"))
        writer.add_scalar("loss", 0.5, 1)
        writer.close()
        mine.log_metrics({"after": 1.0})
    (run,) = stored()

    assert run.name == "mine"
    assert len(run.metrics) == 2


def test_hparams_are_params(stored: Any, tmp_path: Path) -> None:
    """``add_hparams`` gives params and metrics of the same run."""
    with SummaryWriter(str(tmp_path / "tb")) as writer:
        writer.add_hparams({"rate": 0.1, "layers": 2}, {"hparam/accuracy": 0.9})
    (run,) = stored(nested=False)

    assert run.params["hparams.rate"] == 0.1
    assert run.params["hparams.layers"] == 2
