"""Record runs for the browser tests: `all` of the fixed ones, or one that goes on until told to end."""

import math
import random
import sys
import time
from pathlib import Path

import epochlog

random.seed(1)


def sweep():
    """Nine runs over two params, curves of 300 steps, some by epoch."""
    for seed in range(3):
        for lr in (0.001, 0.01, 0.1):
            with epochlog.start_run(name=f"sweep lr={lr} seed={seed}") as run:
                run.log_params({"lr": lr, "seed": seed})
                run.set_tags(["sweep"])
                for step in range(300):
                    loss = 2 * math.exp(-step * lr * 0.3) + 0.3 + random.gauss(0, 0.05)
                    run.log_metrics({"train/loss": loss}, step=step)
                    if step % 20 == 19:
                        run.log_metrics({"val/loss": loss + 0.1}, step=step, epoch=step // 20)
                run.log_metrics({"test/accuracy": 1 / (1 + loss)})


def trouble():
    """A run that diverges, one that fails, and one whose every name is an attack."""
    with epochlog.start_run(name="diverged") as run:
        run.log_params({"lr": 3.0})
        for step in range(100):
            value = 2.0**step if step < 50 else math.nan if step < 80 else math.inf
            run.log_metrics({"train/loss": value}, step=step)
    try:
        with epochlog.start_run(name="broken"):
            raise RuntimeError("<script>alert('traceback')</script>")
    except RuntimeError:
        pass
    attack = "<img src=x onerror=alert(1)>"
    with epochlog.start_run(name=attack) as run:
        run.log_params({f"{attack}param": f"{attack}value", "long": "x" * 1_000_000})
        run.set_tags([f"{attack}tag"])
        run.set_note(f"# {attack}\n[link](javascript:alert(2)) {attack}")
        for step in range(3):
            run.log_metrics({f"{attack}/loss": float(step)}, step=step)
        Path("page.html").write_text("<script>alert(3)</script>", encoding="utf-8")
        Path("picture.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"/>', encoding="utf-8"
        )
        run.log_artifact("page.html")
        run.log_artifact("picture.svg")


def live(stop):
    """Log a point now and then until the file ``stop`` exists."""
    with epochlog.start_run(name="live run") as run:
        for step in range(10_000):
            run.log_metrics({"live/loss": 1 / (step + 1)}, step=step)
            run.flush()
            if Path(stop).exists():
                return
            time.sleep(0.2)


if __name__ == "__main__":
    if sys.argv[1] == "live":
        live(sys.argv[2])
    else:
        trouble()
        sweep()
