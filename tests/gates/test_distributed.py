"""A training on two processes is one run, whoever starts the second process."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from processes import run_python

import epochlog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LIGHTNING = """
import epochlog; epochlog.autolog()
from small_trainings import *
if __name__ == "__main__":
    trainer = lightning_trainer(3, strategy="ddp", devices=2)
    trainer.fit(lightning_class()(), loader(50), loader(50))
"""

SPAWNED = """
import os, sys
import epochlog
from small_trainings import loader, torch_model

def work(rank, port):
    import torch, torch.distributed as dist
    epochlog.autolog()
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, RANK=str(rank), LOCAL_RANK=str(rank),
                      WORLD_SIZE="2")
    dist.init_process_group("gloo", rank=rank, world_size=2)
    model = torch.nn.parallel.DistributedDataParallel(torch_model())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for X, y in loader(50):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(X), y).backward()
        optimizer.step()
    dist.destroy_process_group()

if __name__ == "__main__":
    import torch.multiprocessing as mp
    mp.spawn(work, args=(sys.argv[1],), nprocs=2)
"""


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def read(store: Path) -> list[Any]:
    return list(epochlog.runs(store=store, nested=False))


def test_two_processes_of_lightning_are_one_run(store: Path) -> None:
    """DDP started as a script twice: one run, the metrics of rank 0 once, hardware of both ranks."""
    pytest.importorskip("lightning")
    done = run_python(LIGHTNING, timeout=300, PL_TORCH_DISTRIBUTED_BACKEND="gloo")
    assert done.returncode == 0, done.stderr
    (run,) = read(store)

    assert run.status == "completed"
    assert not run.children()
    assert list(run.series("val/loss").epochs) == [0, 1, 2]
    assert run.params["hparams.hidden"] == 4
    contexts = {
        context for key in run.system_metrics for context in run.system_metrics.contexts(key)
    }
    assert any("1" in context for context in contexts), contexts


def test_two_spawned_workers_of_torch_are_one_run(store: Path) -> None:
    """Two processes of a plain DDP loop, each with its own ``autolog()``: one run, of rank 0."""
    pytest.importorskip("torch")
    done = run_python(SPAWNED, free_port(), timeout=300)
    assert done.returncode == 0, done.stderr
    (run,) = read(store)

    assert run.source == "torch"
    assert run.status == "completed"
    assert run.params["steps"] == 8
