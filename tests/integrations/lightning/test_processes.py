"""Several processes, threads and signals: one run each, no hang, nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from processes import run_python, start_python

import epochlog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCRIPT = """
import epochlog; epochlog.autolog()
import sys, time
import torch
import lightning.pytorch as pl
from torch.utils.data import DataLoader, TensorDataset


class Model(pl.LightningModule):
    def __init__(self, lr=0.05):
        super().__init__()
        self.save_hyperparameters()
        self.net = torch.nn.Linear(3, 2)

    def training_step(self, batch, batch_idx):
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("train_loss", loss, on_epoch=True, sync_dist=True)
        if PAUSE_S:
            print("step", flush=True)
        time.sleep(PAUSE_S)
        return loss

    def validation_step(self, batch, batch_idx):
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("val_loss", loss, sync_dist=True)

    def test_step(self, batch, batch_idx):
        loss = torch.nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("test_loss", loss, sync_dist=True)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


PAUSE_S = float(sys.argv[2])

if __name__ == "__main__":
    x = torch.linspace(-1, 1, 96).reshape(32, 3)
    sets = TensorDataset(x, (x.sum(1) > 0).long())
    settings = {} if sys.argv[1] == "one" else {"devices": 2, "strategy": sys.argv[1]}
    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_progress_bar=False, log_every_n_steps=1,
        enable_model_summary=False, default_root_dir="out", **settings
    )
    model = Model()
    trainer.fit(model, DataLoader(sets, batch_size=4), DataLoader(sets, batch_size=8))
    trainer.test(model, DataLoader(sets, batch_size=8), verbose=False)
"""


@pytest.mark.parametrize("strategy", ["ddp", "ddp_spawn", "ddp_fork"])
def test_two_processes_are_one_run(strategy: str, tmp_path: Path, store: Path) -> None:
    """One run with its test; every point once; the hardware of each rank under its own name."""
    done = run_python(SCRIPT, strategy, "0.1", cwd=tmp_path, timeout=300, EPOCHLOG_STORE=str(store))
    assert done.returncode == 0, done.stderr
    assert "epochlog" not in done.stderr

    (run,) = epochlog.runs(nested=False, store=store)
    (test,) = run.children()
    assert run.status == test.status == "completed"
    assert run.params["trainer.devices"] == 2
    assert list(run.series("val/loss").steps) == [4, 8]
    assert list(run.series("train/loss_step").steps) == list(range(1, 9))
    assert run.metrics["test/loss"].count == 1
    assert len([c for c in run.checkpoints if c.state == "live"]) == 1
    assert len(run.models) == 1
    name = "process/cpu_percent"
    assert run.system_series(name).values.size
    assert run.system_series(name, context="rank=1").values.size
    if strategy != "ddp":  # there the process of rank 0 is not the one that the user started
        assert run.system_series(name, context="rank=0").values.size


def test_ctrl_c_is_a_cancellation(tmp_path: Path, store: Path) -> None:
    """Lightning turns Ctrl-C into sys.exit(1): the run is canceled, its curve is there."""
    process = start_python(SCRIPT, "one", "0.3", cwd=tmp_path, EPOCHLOG_STORE=str(store))
    try:
        for _ in range(3):
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    finally:
        process.kill()

    assert process.returncode == 1
    (run,) = epochlog.runs(store=store)
    assert run.status == "canceled"
    assert run.metrics["train/loss_step"].count >= 1
    assert run.params["hparams.lr"] == 0.05


def test_ctrl_c_in_a_run_of_the_user(tmp_path: Path, store: Path) -> None:
    """With ``with start_run()`` and without ``with``: the user's own run is canceled, too."""
    for opening in ("with epochlog.start_run('mine'):\n        ", "epochlog.start_run('mine'); "):
        script = SCRIPT.replace("    trainer.fit(", f"    {opening}trainer.fit(")
        process = start_python(script, "one", "0.3", cwd=tmp_path, EPOCHLOG_STORE=str(store))
        try:
            for _ in range(2):
                assert process.stdout is not None
                process.stdout.readline()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=120)
        finally:
            process.kill()

    assert [run.status for run in epochlog.runs(store=store)] == ["canceled", "canceled"]


def test_sigkill_leaves_the_curve(tmp_path: Path, store: Path) -> None:
    """What was recorded before a kill -9 is there; the run is lost."""
    process = start_python(SCRIPT, "one", "0.2", cwd=tmp_path, EPOCHLOG_STORE=str(store))
    try:
        for _ in range(4):
            assert process.stdout is not None
            process.stdout.readline()
    finally:
        process.kill()
        process.communicate()

    (run,) = epochlog.runs(store=store)
    assert run.status == "lost"
    assert run.metrics["train/loss_step"].count >= 2


def test_trials_in_threads(on: None, make: Any, model: Any, sets: Any, stored: Any) -> None:
    """Two Trainers at a time in threads: each has a run with exactly its own curve."""
    from concurrent.futures import ThreadPoolExecutor

    def fit(epochs: int) -> None:
        make(max_epochs=epochs).fit(type(model)(lr=epochs / 100), *sets)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fit, [1, 2, 3, 4]))

    runs = stored()
    assert sorted(run.metrics["val/loss"].count for run in runs) == [1, 2, 3, 4]
    assert all(run.metrics["val/loss"].count / 100 == run.params["hparams.lr"] for run in runs)


def test_inside_an_optuna_trial(make: Any, model: Any, sets: Any, stored: Any) -> None:
    """A trial's fit is recorded into the trial, and the trial belongs to the study."""
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    epochlog.autolog(hardware=False)

    def objective(trial: Any) -> float:
        lr = trial.suggest_float("lr", 0.01, 0.1)
        trainer = make(max_epochs=1)
        trainer.fit(type(model)(lr=lr), *sets)
        return float(trainer.callback_metrics["val_loss"])

    optuna.create_study().optimize(objective, n_trials=2)

    trials = [run for run in stored(nested=True) if run.kind == "trial"]
    assert len(trials) == 2
    assert all(run.parent_id and run.params["model_class"] for run in trials)
    assert all(run.metrics["val/loss"].count == 1 for run in trials)
    assert sys.modules["optuna"] is optuna


STOPPED = (
    SCRIPT.replace("autolog()", "autolog(allow_stop=True)")
    .replace("max_epochs=2", "max_epochs=1000")
    .replace(
        "    trainer.test",
        "    print('ended', trainer.global_rank, trainer.global_step, flush=True)\n    trainer.test",
    )
)


def test_all_processes_stop_after_the_same_step(tmp_path: Path, store: Path) -> None:
    """``epochlog stop`` ends a training on several processes in order, and all of them at once."""
    process = start_python(STOPPED, "ddp", "0.05", cwd=tmp_path, EPOCHLOG_STORE=str(store))
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("step"):
                break
        asked = subprocess.run(
            [sys.executable, "-c", "from epochlog.cli.main import main; main()", "stop", "last",
             "--store", str(store), "--reason", "enough", "--wait"],
            capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        output, _ = process.communicate(timeout=200)
    finally:
        process.kill()
    ended = [line.split()[1:] for line in output.splitlines() if line.startswith("ended")]

    assert process.returncode == 0, output
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert len({step for _, step in ended}) == 1
    assert {rank for rank, _ in ended} == {"0", "1"}
    (run,) = epochlog.runs(nested=False, store=store)
    assert (run.status, "stopped-on-request" in run.tags) == ("completed", True)
    assert 0 < run.series("train/loss_step").steps[-1] < 4000
