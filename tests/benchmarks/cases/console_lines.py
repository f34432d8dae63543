"""By how much capturing the console slows down printing: into a file, a pipe, a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, pairwise_percent, value_of

LINES, LINES_QUICK = 100_000, 5_000
PAIRS = 9
SINKS = ("file", "pipe", "terminal")
_SCRIPT = "from cases.console_lines import main; main()"


def benchmark(options: Options) -> Iterator[Row]:
    """Plain and captured printing in turn, in one process for each place that output goes to."""
    lines, pairs = (LINES_QUICK, 1) if options.quick else (LINES, PAIRS)
    for sink in SINKS:
        options.say(f"console: {sink}")
        wall = Row("console", f"{lines:,} prints into a {sink}: wall time, added", "%")
        own = Row(
            "console", f"{lines:,} prints into a {sink}: CPU of that thread, added", "%", 10.0
        )
        cpu = Row("console", f"{lines:,} prints into a {sink}: CPU of the process, added", "%")
        plain = Row("console", f"{lines:,} prints into a {sink}, plain", "ms")
        try:
            found = measure("cases.console_lines:printed", sink=sink, lines=lines, pairs=pairs)
        except MeasurementFailed as error:
            options.failures.append((f"console, {sink}", str(error)))
            continue
        without, with_it = ([each["wall"] for each in some] for some in found)
        wall.values[OURS] = pairwise_percent(with_it, without)
        alone, seen = ([each["own"] for each in some] for some in found)
        own.values[OURS] = pairwise_percent(seen, alone)
        bare, busy = ([each["cpu"] for each in some] for some in found)
        cpu.values[OURS] = pairwise_percent(busy, bare)
        plain.values[OURS] = value_of(without)
        wall.note = "the loop alone; CPU includes our thread until all is in the journal"
        yield from (own, wall, cpu, plain)


def printed(folder: str, sink: str, lines: int, pairs: int) -> list[list[dict[str, float]]]:
    """Run this file as a script whose output goes into ``sink``; in a child process."""
    result = Path(folder, "result.json")
    command = [sys.executable, "-c", _SCRIPT, str(result), str(lines), str(pairs)]
    if sink == "file":
        with Path(folder, "out.txt").open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
    elif sink == "pipe":
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        while process.stdout.read1(2**20):  # type: ignore[attr-defined]
            pass
        process.wait()
    else:
        _at_terminal(command)
    found: list[list[dict[str, float]]] = json.loads(result.read_text())
    return found


def _at_terminal(command: list[str]) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(command, stdout=side)
    os.close(side)

    def drain() -> None:
        try:
            while os.read(main, 2**16):
                pass
        except OSError:  # the other side is closed
            pass

    reader = threading.Thread(target=drain)
    reader.start()
    process.wait()
    reader.join()
    os.close(main)


def main() -> None:
    """Print with and without an open run in turn; write what each took."""
    import epochlog

    result, lines, pairs = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    epochlog.autolog(hardware=False, capture="console")
    both: list[list[dict[str, float]]] = [[], []]
    for turn in range(-1, pairs):
        for on in (0, 1) if turn % 2 else (1, 0):
            cpu = time.process_time()
            run = epochlog.start_run(f"run {turn}") if on else None
            own, began = time.thread_time(), time.perf_counter()
            for i in range(lines):
                print(f"epoch {i}: loss {0.25:.4f}, accuracy {i / lines:.4f}")
            sys.stdout.flush()
            wall, own = time.perf_counter() - began, time.thread_time() - own
            if run is not None:
                run.end()
                epochlog.flush()
            cpu = time.process_time() - cpu
            taken = {"own": own * 1e3, "wall": wall * 1e3, "cpu": cpu * 1e3}
            if turn >= 0:
                both[on].append(taken)
    result.write_text(json.dumps(both))
