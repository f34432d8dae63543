"""Capturing the console changes nothing of a program: bytes, descriptors, exit codes, threads."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import epochlog

TIMEOUT_S = 300
HEAD = "import os, sys, time, subprocess, threading, epochlog\n"


def run(
    folder: Path, script: str, sink: str, capture: str = "console", **more: str
) -> tuple[bytes, int]:
    """Run a script whose output goes to a file, a pipe or a terminal; return output, exit code."""
    # pytest-xdist sets COLUMNS, which would hide the terminal's own width.
    dropped = ("EPOCHLOG_", "PYTHONUNB", "COLUMNS", "LINES")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(dropped)},
        "EPOCHLOG_STORE": str(folder / f"store-{capture}"),
        "EPOCHLOG_RAISE": "1",
        "EPOCHLOG_HARDWARE": "0",
        "EPOCHLOG_CAPTURE": capture,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **more,
    }
    command = [sys.executable, "-c", HEAD + script]
    if sink == "terminal":
        return at_terminal(command, environment)
    if sink == "pipe":
        done = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        return done.stdout, done.returncode
    path = folder / f"out-{capture}"
    with path.open("wb") as file:
        done = subprocess.run(
            command, env=environment, stdout=file, stderr=file, timeout=TIMEOUT_S, check=False
        )
    return path.read_bytes(), done.returncode


def at_terminal(command: list[str], environment: dict[str, str]) -> tuple[bytes, int]:
    """Run a command at a terminal of 100 columns; return what the terminal got."""
    main, side = pty.openpty()
    os.environ.setdefault("TERM", "xterm")
    subprocess.run(["stty", "cols", "100", "rows", "30"], stdin=side, check=True)
    process = subprocess.Popen(command, env=environment, stdin=side, stdout=side, stderr=side)
    os.close(side)
    found = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
    os.close(main)
    return found, process.wait(TIMEOUT_S)


def texts(folder: Path, name: str = "one") -> list[str]:
    """Return what was captured."""
    console = epochlog.get_run(name, store=str(folder / "store-console")).console
    return [line.text for line in console]


PROGRAMS = {
    "exit code": 'epochlog.start_run("one")\nprint("hello")\nsys.exit(3)',
    "failure": 'with epochlog.start_run("one"):\n    print("a")\n    raise ValueError("no good")',
    "os._exit": 'epochlog.start_run("one")\nprint("hello", flush=True)\nos._exit(5)',
    "abort": 'epochlog.start_run("one")\nprint("hello", flush=True)\nos.abort()',
    "killed": """
epochlog.start_run("one")
print("hello", flush=True)
os.kill(os.getpid(), 9)
""",
    "segfault": """
import faulthandler
faulthandler.enable(all_threads=False)
epochlog.start_run("one")
print("hello", flush=True)
os.kill(os.getpid(), 11)
""",
    "dup2": """
with epochlog.start_run("one"):
    print("before", flush=True)
    saved = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    print("lost", flush=True)
    os.write(1, b"lost, too")
    os.dup2(saved, 1)
    print("after", flush=True)
""",
    "redirected": """
import contextlib, io
with epochlog.start_run("one"):
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("kept")
    print("got", text.getvalue().strip())
""",
    "replaced": """
class Both:
    def __init__(self, stream): self.stream = stream
    def write(self, text): self.stream.write(text.upper()); return len(text)
    def flush(self): self.stream.flush()
with epochlog.start_run("one"):
    sys.stdout = Both(sys.stdout)
    print("loud")
print("still loud")
sys.stdout = sys.__stdout__
print("quiet")
assert "write" not in vars(sys.stdout)
""",
    "daemon thread": """
def work():
    n = 0
    while True:
        n += 1
        time.sleep(0.001)
        sys.stderr.write("")
epochlog.start_run("one")
threading.Thread(target=work, daemon=True).start()
print("bye")
""",
    "children": """
with epochlog.start_run("one"):
    print("parent", flush=True)
    subprocess.run([sys.executable, "-c", "print('child')"])
    if os.fork() == 0:
        print("forked", flush=True)
        os._exit(0)
    os.wait()
    import multiprocessing
    process = multiprocessing.get_context("fork").Process(target=print, args=("worker",))
    process.start(); process.join()
    print("end", flush=True)
""",
    "logging": """
import logging
logging.basicConfig(level="INFO", format="%(levelname)s %(message)s")
with epochlog.start_run("one"):
    logging.info("started")
    logging.getLogger("x").warning("careful")
logging.info("over")
""",
    "closed": """
with epochlog.start_run("one"):
    print("a", flush=True)
    sys.stdout.close()
try:
    print("b")
except ValueError as error:
    sys.stderr.write(str(error))
""",
    "detached": """
import io
with epochlog.start_run("one"):
    print("a", flush=True)
    sys.stdout = io.TextIOWrapper(sys.stdout.detach(), line_buffering=True)
    print("b")
print("c")
""",
    "odd text": """
with epochlog.start_run("one"):
    sys.stdout.reconfigure(errors="surrogateescape")
    print("\\udcff \\x1b[31mred\\x1b[0m \\u4e2d \\x00 \\x07")
    sys.stdout.buffer.write(b"\\xff\\xfe\\n")
    try:
        sys.stdout.write(5)
    except TypeError as error:
        print(error)
""",
}


SINKS = (
    "terminal",
    pytest.param("file", marks=pytest.mark.slow),
    pytest.param("pipe", marks=pytest.mark.slow),
)


@pytest.mark.parametrize("sink", SINKS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_same_bytes_same_exit_code(tmp_path: Path, program: str, sink: str) -> None:
    """With and without capture a program writes the same bytes and ends the same way."""
    script = PROGRAMS[program]
    plain, plain_code = run(tmp_path, script, sink, capture="none")
    seen, seen_code = run(tmp_path, script, sink)

    assert comparable(seen, sink) == comparable(plain, sink)
    assert seen_code == plain_code


def comparable(output: bytes, sink: str) -> list[bytes]:
    """Return lines without what isn't the program's: which C modules there were, our own notices.

    In one file for both streams their order depends on when Python empties its buffer.
    """
    ours = (b"epochlog: ", b"Extension modules: ")
    lines = [line for line in output.splitlines() if not line.startswith(ours)]
    return sorted(lines) if sink == "file" else lines


@pytest.mark.parametrize("program", ["killed", "abort", "os._exit", "failure"])
def test_a_process_that_dies_has_printed_all(tmp_path: Path, program: str) -> None:
    """However a process ends, what it printed before has reached its terminal."""
    seen, code = run(tmp_path, PROGRAMS[program], "terminal")

    assert b"hello" in seen or b"no good" in seen
    assert code == {"killed": -signal.SIGKILL, "abort": -signal.SIGABRT, "os._exit": 5, "failure": 1}[
        program
    ]  # fmt: skip


BARS = """
from tqdm import tqdm
with epochlog.start_run("one"):
    assert sys.stderr.isatty() and os.get_terminal_size(2).columns == 100
    for i in tqdm(range(3), desc="epochs", mininterval=0, bar_format="{desc} {n_fmt}/{total_fmt}"):
        pass
    for epoch in tqdm(range(2), desc="outer", bar_format="{desc} {n_fmt}/{total_fmt}", mininterval=0):
        for batch in tqdm(range(2), desc="inner", leave=False, mininterval=0):
            pass
    print("done")
"""


def test_progress_bars_of_tqdm_are_lines_of_their_last_state(tmp_path: Path) -> None:
    """A bar is drawn as ever at the terminal, and is one line in the record."""
    pytest.importorskip("tqdm")
    plain, code = run(tmp_path, BARS, "terminal", capture="none")
    seen, seen_code = run(tmp_path, BARS, "terminal")

    assert (code, seen_code) == (0, 0), seen.decode()
    assert b"\repochs 3/3" in seen
    assert seen.count(b"epochs") == plain.count(b"epochs")
    found = texts(tmp_path)
    assert found[0] == "epochs 3/3"
    assert "outer 2/2" in found
    assert "done" in found
    assert len(found) <= 4


RICH = """
from rich.progress import track
from rich.console import Console
with epochlog.start_run("one"):
    console = Console()
    assert console.is_terminal and console.width == 100 and console.color_system
    console.print("[bold red]loss[/] 0.5")
    for i in track(range(3), description="fit", console=console):
        pass
    print("done")
"""


def test_rich_sees_the_same_terminal(tmp_path: Path) -> None:
    """Colours and width are those of the terminal; the record has the text."""
    pytest.importorskip("rich")
    seen, code = run(tmp_path, RICH, "terminal", TERM="xterm-256color")

    assert code == 0, seen.decode()
    assert b"\x1b[1;31mloss\x1b[0m" in seen
    found = texts(tmp_path)
    assert found[0] == "loss 0.5"
    assert found[-1] == "done"
    assert sum("fit" in line for line in found) == 1


def test_what_is_kept_of_a_stream_notes_nothing_after_the_run(tmp_path: Path) -> None:
    """A bound ``write`` that somebody kept goes on writing, and costs no memory."""
    script = """
from epochlog.recording import console
with epochlog.start_run("one"):
    write = sys.stdout.write
    write("in\\n")
for i in range(1000):
    write("later\\n")
kept = [p for s in console._console._sources for p in getattr(s, "_pieces", ())]
assert not any("later" in str(piece) for piece in kept), kept
"""
    seen, code = run(tmp_path, script, "pipe")

    assert code == 0, seen.decode()
    assert seen.count(b"later") == 1000
    assert texts(tmp_path) == ["in"]


def test_a_notebooks_stream_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is whose streams there are, not what was imported."""
    from epochlog.recording.console_sources import plan_streams

    stream = type("OutStream", (), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(sys, "stdout", stream)

    assert {plan.how for plan in plan_streams()} == {""}
    assert "notebook" in plan_streams()[0].why
