"""Run the command ``epochlog ui`` on a store, and make stores to run it on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self


class Served:
    """The command ``epochlog ui`` on a store, as a process of its own."""

    def __init__(self, root: str) -> None:
        self.root = root

    def __enter__(self) -> Self:
        command = [sys.executable, "-c", "from epochlog.cli.main import main; main()", "ui",
                   "--store", self.root, "--port", "0", "--no-browser"]  # fmt: skip
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline() if self.process.stdout else ""
        address = re.search(r"http://\S+/", line)
        assert address, f"the server did not start: {line}"
        self.url = address[0]
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def ask(self, path: str, body: dict[str, Any] | None = None, *, raw: bool = False) -> Any:
        """Return an answer."""
        headers = {"Content-Type": "application/json", "X-Epochlog": "1"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}api/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            content = answer.read()
        return content if raw else json.loads(content)

    def timed(self, path: str, body: dict[str, Any]) -> tuple[float, float]:
        """Ask; return (wall, server's CPU) milliseconds."""
        cpu, started = self.cpu_s(), time.perf_counter()
        self.ask(path, body, raw=True)
        wall = time.perf_counter() - started
        return wall * 1e3, (self.cpu_s() - cpu) * 1e3

    def cpu_s(self) -> float:
        """Return the CPU time that it took so far."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")

    def share(self, seconds: float) -> float:
        """Return the percentage of a core that it takes during the next seconds."""
        cpu, started = self.cpu_s(), time.perf_counter()
        time.sleep(seconds)
        return 100 * (self.cpu_s() - cpu) / (time.perf_counter() - started)

    def memory_mb(self) -> float:
        """Return the resident memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024 / 1e6  # type: ignore[index]


def record_many(folder: Path, runs: int, points: int, params: int) -> str:
    """Record runs with one curve and many params, through the public API; return the store."""
    import epochlog

    root = str(folder / "many")
    os.environ["EPOCHLOG_STORE"] = root
    for number in range(runs):
        with epochlog.start_run(f"run-{number}") as run:
            run.log_params({f"p{i:03}": i if i % 3 else i * number for i in range(params)})
            for step in range(points):
                run.log_metrics({"loss": 1 / (step + 1 + number)}, step=step)
    epochlog.flush()
    return root


def record_long(root: str, points: int, curves: int, spikes: Mapping[int, float]) -> str:
    """Record one run with curves c0, c1 … of noise around 0, with spikes at some steps.

    Returns:
        Its id.
    """
    import random

    import epochlog

    os.environ["EPOCHLOG_STORE"] = root
    generator = random.Random(0)
    noise = [generator.gauss(0, 1) for _ in range(9973)]
    keys = [f"c{place}" for place in range(curves)]
    with epochlog.start_run("long") as run:
        for step in range(points):
            run.log_metrics(dict.fromkeys(keys, spikes.get(step) or noise[step % 9973]), step=step)
    epochlog.flush()
    return run.id
