"""By how much recording slows down each step of a plain PyTorch loop over a tiny model."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, value_of

STEPS = 200
SETTLE_S = 1.5
"""A new run's environment is described in the background; steps are measured after that."""


def benchmark(options: Options) -> Iterator[Row]:
    """Blocks of steps with and without recording in turn, in one process."""
    added = Row("torch_loop", f"one optimizer step, median of {STEPS}: added CPU time", "µs", 50.0)
    fastest = Row("torch_loop", "fastest recorded against fastest plain block", "µs")
    plain = Row("torch_loop", "plain step, for comparison", "µs")
    options.say("torch_loop")
    count = 2 if options.quick else 12
    try:
        pairs = measure("cases.torch_loop:blocks", peer=OURS, count=count)
    except MeasurementFailed as error:
        options.failures.append(("torch_loop", str(error)))
        return
    added.values[OURS] = value_of([with_it - without for without, with_it in pairs])
    fastest.values[OURS] = value_of([min(b for _, b in pairs) - min(a for a, _ in pairs)])
    plain.values[OURS] = value_of([without for without, _ in pairs])
    fastest.note = "noise only ever adds time, so on a busy machine this says more than the median"
    yield from (added, fastest, plain)


def blocks(peer: str, folder: str, count: int) -> list[list[float]]:
    """Return (plain, recorded) microseconds a step, blocks in turn; in a child process."""
    import torch

    import epochlog

    del peer, folder
    torch.set_num_threads(1)
    step = _training(torch)
    found = []
    for _ in range(count):
        without = _block(step)
        epochlog.autolog("torch", hardware=False)
        _block(step)
        epochlog.flush()
        time.sleep(SETTLE_S)
        _block(step)
        recorded = _block(step)
        epochlog.uninstrument()
        found.append([without, recorded])
    (run, *_) = epochlog.runs()
    assert run.metrics["train/loss"].count == 3 * STEPS
    return found


def _training(torch: Any) -> Any:
    model, criterion = torch.nn.Linear(8, 1), torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x = torch.randn(4, 8)
    y = x[:, :1].clone()

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()

    return step


def _block(step: Any) -> float:
    """Return the median processor time of a step on this thread in microseconds."""
    taken = []
    for _ in range(STEPS):
        begin = time.thread_time_ns()
        step()
        taken.append(time.thread_time_ns() - begin)
    return sorted(taken)[STEPS // 2] / 1e3
