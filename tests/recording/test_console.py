"""Facts about ``recording/console*.py``: everything is seen, nothing of the output changes."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import epochlog

TIMEOUT_S = 300  # machines that run tests are busy
HEAD = "import os, sys, time, subprocess, epochlog\n"


def command(folder: Path, script: str) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment of a Python process that records into ``folder``."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("EPOCHLOG_", "PYTHONUNB"))},
        "EPOCHLOG_STORE": str(folder / "store"),
        "EPOCHLOG_RAISE": "1",
        "EPOCHLOG_HARDWARE": "0",
        "EPOCHLOG_CAPTURE": "console",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return [sys.executable, "-c", HEAD + script], environment


def into_pipes(folder: Path, script: str) -> tuple[str, str]:
    """Run a script whose output goes into pipes; return what it printed."""
    arguments, environment = command(folder, script)
    done = subprocess.run(
        arguments, env=environment, capture_output=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(), done.stderr.decode()


def into_file(folder: Path, script: str) -> str:
    """Run a script whose output goes to one file; return what is in it."""
    arguments, environment = command(folder, script)
    with (folder / "out.txt").open("wb") as file:
        subprocess.run(
            arguments, env=environment, stdout=file, stderr=file, timeout=TIMEOUT_S, check=True
        )
    return (folder / "out.txt").read_text()


def into_terminal(folder: Path, script: str) -> str:
    """Run a script at a terminal; return what the terminal got."""
    arguments, environment = command(folder, script)
    main, side = pty.openpty()
    process = subprocess.Popen(arguments, env=environment, stdout=side, stderr=side, stdin=side)
    os.close(side)
    found = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        found += piece
    os.close(main)
    assert process.wait(TIMEOUT_S) == 0, found.decode()
    return found.decode()


def console(folder: Path, name: str = "one") -> epochlog.query.console.ConsoleView:
    return epochlog.get_run(name, store=str(folder / "store")).console


def texts(folder: Path, name: str = "one") -> list[str]:
    return [line.text for line in console(folder, name)]


PRINTS = """
print("before")
with epochlog.start_run("one"):
    print("hello", 1)
    print("trouble", file=sys.stderr)
    for i in range(3):
        print(f"\\r{i + 1}/3", end="")
    print()
print("after")
"""


def test_pipes(tmp_path: Path) -> None:
    """What a run prints is there with its stream; what was printed around it is not."""
    out, err = into_pipes(tmp_path, PRINTS)

    assert out == "before\nhello 1\n\r1/3\r2/3\r3/3\nafter\n"
    assert err == "trouble\n"
    found = {line.text: line.stream for line in console(tmp_path)}
    assert found == {"hello 1": "stdout", "trouble": "stderr", "3/3": "stdout"}
    assert sorted(line.number for line in console(tmp_path)) == [1, 2, 3]


def test_a_terminal_stays_one(tmp_path: Path) -> None:
    """Programs see the same terminal: isatty, size, descriptor, the very stream object."""
    script = """
def seen():
    streams = (sys.stdout, sys.stderr)
    return [
        ([id(s), s.isatty(), s.fileno(), s.encoding, s.line_buffering, type(s).__name__,
          os.fstat(s.fileno()).st_rdev, os.get_terminal_size(s.fileno())]) for s in streams
    ]
first = seen()
with epochlog.start_run("one"):
    same = seen() == first
    print("\\x1b[32mgreen\\x1b[0m")
assert same and seen() == first
assert "write" not in vars(sys.stdout)
"""
    out = into_terminal(tmp_path, script)

    assert out.endswith("\x1b[32mgreen\x1b[0m\r\n")
    assert texts(tmp_path) == ["green"]


def test_a_file_holds_what_others_write_too(tmp_path: Path) -> None:
    """Where output goes to a file, C libraries and child processes are captured."""
    script = """
import ctypes
print("before")
with epochlog.start_run("one"):
    print("python")
    sys.stdout.flush()
    os.write(2, b"descriptor\\n")
    subprocess.run(["echo", "child"])
    ctypes.CDLL(None).puts(b"C library")
print("after")
"""
    out = into_file(tmp_path, script)

    assert sorted(out.split("\n")) == sorted(
        ["before", "python", "descriptor", "child", "C library", "after", ""]
    )
    assert texts(tmp_path) == ["python", "descriptor", "child", "C library"]


@pytest.mark.parametrize("into", [into_file, into_pipes])
def test_many_lines_keep_both_ends(tmp_path: Path, into) -> None:
    """Of too many lines the beginning and the end are kept, and the cut is stated."""
    script = """
os.environ["EPOCHLOG_CONSOLE_BYTES"] = "20000"
with epochlog.start_run("one"):
    for i in range(30_000):
        print("line", i)
"""
    into(tmp_path, script)
    found = console(tmp_path)

    assert found[0].text == "line 0"
    assert found[-1].text == "line 29999"
    assert all(line.text == f"line {line.number - 1}" for line in found)
    assert 20_000 < len(found.text) < 150_000
    assert found.left_out == 30_000 - len(found) > 0


def test_a_killed_run_keeps_what_it_printed(tmp_path: Path) -> None:
    """After ``kill -9`` everything but the last fraction of a second is there, bars included."""
    script = """
epochlog.start_run("one")
for i in range(5):
    print("line", i, flush=True)
print("\\r 10%\\r 50%", end="", flush=True)
time.sleep(60)
"""
    arguments, environment = command(tmp_path, script)
    with (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=err)
        found = b""
        while b"50%" not in found:
            found += os.read(process.stdout.fileno(), 1000)
        time.sleep(1.5)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()

    assert texts(tmp_path) == [f"line {i}" for i in range(5)]
    assert console(tmp_path).unfinished == " 50%"


def test_forked_children_write_on(tmp_path: Path) -> None:
    """A forked child writes to the same place, during the run and when its parent is gone."""
    script = """
epochlog.start_run("one")
print("parent", flush=True)
if os.fork() == 0:
    assert "write" not in vars(sys.stdout)
    for i in range(20):
        print("child", i, flush=True)
        time.sleep(0.02)
    os._exit(0)
"""
    out, _ = into_pipes(tmp_path, script)

    assert [line for line in out.splitlines() if "child" in line] == [
        f"child {i}" for i in range(20)
    ]
    assert texts(tmp_path) == ["parent"]


def test_a_reader_that_leaves_is_the_users_affair(tmp_path: Path) -> None:
    """With ``| head`` the process gets the same error as without us, and no other."""
    arguments, environment = command(
        tmp_path,
        """
try:
    with epochlog.start_run("one"):
        for i in range(100_000):
            print("line", i)
except BrokenPipeError:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(7)
""",
    )
    process = subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()

    assert process.wait(TIMEOUT_S) == 7, errors
    assert errors == ""


def test_several_runs_one_after_the_other(tmp_path: Path) -> None:
    """Each run has its own lines, numbered from 1; children's lines are their root's."""
    script = """
for name in ("one", "two", "three"):
    print("between")
    with epochlog.start_run(name) as run:
        print("in", name)
        with run.start_child(f"part of {name}"):
            print("child of", name)
"""
    into_pipes(tmp_path, script)

    for name in ("one", "two", "three"):
        assert texts(tmp_path, name) == [f"in {name}", f"child of {name}"]
        assert [line.number for line in console(tmp_path, name)] == [1, 2]
        assert texts(tmp_path, f"part of {name}") == []


def test_off(tmp_path: Path) -> None:
    """``capture`` without console: nothing is there, and the streams were never touched."""
    script = """
epochlog.autolog(capture="none")
with epochlog.start_run("one"):
    assert "write" not in vars(sys.stdout)
    print("hello")
import threading
assert not [t for t in threading.enumerate() if "console" in t.name]
"""
    into_pipes(tmp_path, script)

    assert texts(tmp_path) == []


def test_threads_lose_and_mix_nothing(tmp_path: Path) -> None:
    """Lines of several threads are all there, whole."""
    script = """
import threading
sys.stdout.reconfigure(write_through=True)  # Python's own buffer mixes threads before 3.12.4
def work(name):
    for i in range(500):
        sys.stdout.write(f"{name} {i}\\n")
with epochlog.start_run("one"):
    threads = [threading.Thread(target=work, args=(n,)) for n in "abcd"]
    [t.start() for t in threads]
    [t.join() for t in threads]
"""
    out, _ = into_pipes(tmp_path, script)

    assert sorted(texts(tmp_path)) == sorted(out.splitlines())
    assert len(out.splitlines()) == 2000


def test_under_capture_by_pytest_nothing_is_done() -> None:
    """This test's own output belongs to pytest."""
    from epochlog.recording.console_sources import plan_streams

    if not type(sys.stdout).__module__.startswith("_pytest"):
        pytest.skip("pytest -s")
    assert {plan.how for plan in plan_streams()} == {""}
    assert re.search("pytest", plan_streams()[0].why)
