"""Fixtures of the CLI tests: a store filled through the public API, and a way to call commands."""

from __future__ import annotations

import os
import pty
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from processes import environment, run_python

from epochlog.cli.main import cli

FILL = """
import math, os, signal, sys
import epochlog

epochlog.autolog(hardware=False)
with epochlog.start_run("base", tags=["vision", "baseline"], note="The *first* one.") as run:
    run.log_params({"lr": 0.001, "batch_size": 64, "model_class": "Net", "layers": [64, 32]})
    for i in range(50):
        run.log_metrics({"train/loss": 1 / (i + 1), "val/loss": 0.5 + (i - 30) ** 2 / 900}, step=i)
    run.log_metrics({"test/accuracy": 0.91})
    run.log_system_metrics({"process/memory_bytes": 3 * 2**20, "process/cpu_percent": 50})
    run.log_artifact(b"<p>report</p>", "report.html")
    run.log_model(b"weights", "model", format="bytes")
    run.log_dataset([[1.0, 2.0], [3.0, 4.0]], "tiny", role="train")
    run.log_plot("importance", "importance", {"features": ["age", "size"], "importance": {"gain": [3.0, 1.0]}})
    run.log_plot("test/confusion_matrix", "confusion_matrix", {"labels": ["cat", "dog"], "matrix": [[5, 1], [2, 7]]})
    run.log_text("summary", "two lines\\nof text")
    run.log_notice("the data set was sampled", level="warning", source="budget")
with epochlog.start_run("worse", experiment="second") as run:
    run.log_params({"lr": 0.1, "batch_size": 64, "model_class": "Net"})
    run.log_metrics({"train/loss": 0.9, "val/loss": 2.0}, step=0)
    run.log_metrics({"train/loss": math.nan, "val/loss": 1.5}, step=1)
    run.log_metrics({"test/accuracy": 0.5})
try:
    with epochlog.start_run("broken") as run:
        raise ValueError("no such \\x1b[31mlayer")
except ValueError:
    pass
with epochlog.start_run("search", kind="search") as run:
    for i, score in enumerate((0.7, 0.9, 0.8)):
        with run.start_child(f"candidate {i}", kind="candidate", index=i) as child:
            child.log_params({"C": 10 ** i})
            child.log_metrics({"cv/accuracy.mean": score, "cv/accuracy.rank": [3, 1, 2][i]})
    run.log_metrics({"cv/best_score": 0.9})
"""


@pytest.fixture(scope="session")
def filled_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a store once, in a process of its own, as a user's script would."""
    root = tmp_path_factory.mktemp("filled") / "store"
    done = run_python(FILL, EPOCHLOG_STORE=str(root), EPOCHLOG_RAISE="0")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def filled(filled_template: Path, store: Path) -> Path:
    """Give this test its own copy of a store with four runs at the top and three below."""
    shutil.copytree(filled_template, store)
    return store


@pytest.fixture
def call() -> Iterator[Callable[..., Result]]:
    """Return a function that calls the command line inside this process."""
    runner = CliRunner()

    def invoke(*args: str, stdin: str | None = None) -> Result:
        return runner.invoke(cli, list(args), input=stdin, prog_name="epochlog")

    yield invoke
    from epochlog.query import opening

    for engine in opening._engines.values():
        engine.dispose()
    opening._engines.clear()


COMMAND = [sys.executable, "-c", "from epochlog.cli.main import main; main()"]


@pytest.fixture
def shell() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command as a process of its own, its output piped."""

    def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *args],
            env=environment(**env),
            text=True,
            capture_output=True,
            timeout=120,
            encoding="utf-8",
        )

    return run


@pytest.fixture
def terminal() -> Callable[..., tuple[str, int]]:
    """Return a function that runs the command in a terminal of a given width: output, exit code."""

    def run(columns: int, *args: str, **env: str) -> tuple[str, int]:
        import fcntl
        import termios

        pid, fd = pty.fork()
        if pid == 0:
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
                seen = {**environment(TERM="xterm"), **env}
                seen.pop("COLUMNS", None)  # the terminal's own width counts
                os.execve(sys.executable, [*COMMAND, *args], seen)
            finally:
                os._exit(127)
        output = b""
        while True:
            try:
                piece = os.read(fd, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            output += piece
        status = os.waitpid(pid, 0)[1]
        os.close(fd)
        return output.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)

    return run
