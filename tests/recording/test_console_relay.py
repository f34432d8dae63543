"""The setting ``console_relay``: all that is printed is seen, and nothing of the output changes."""

from __future__ import annotations

import importlib.util
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import epochlog
from epochlog.base.redaction import REDACTED

TIMEOUT_S = 300
_spec = importlib.util.spec_from_file_location(
    "console_harmless", Path(__file__).with_name("test_console_harmless.py")
)
assert _spec is not None
assert _spec.loader is not None
harmless = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(harmless)
RELAY = {"EPOCHLOG_CONSOLE_RELAY": "1"}
HEAD = """
import ctypes, os, signal, subprocess, sys, time, epochlog
libc = ctypes.CDLL(None)
"""


def lines(folder: Path, name: str = "one") -> list[str]:
    """Return what was captured."""
    found: list[str] = harmless.texts(folder, name)
    return found


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a process that records into ``folder`` through a relay."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("EPOCHLOG_", "PYTHONUNB"))},
        "EPOCHLOG_STORE": str(folder / "store-console"),
        "EPOCHLOG_RAISE": "1",
        "EPOCHLOG_HARDWARE": "0",
        "EPOCHLOG_CAPTURE": "console",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **RELAY,
    }


MORE = ("failure", "abort", "dup2", "closed", "detached", "odd text")


@pytest.mark.parametrize(
    ("program", "sink"),
    [
        ("children", "pipe"),
        *(pytest.param(program, "terminal", marks=pytest.mark.slow) for program in MORE),
    ],
)
def test_same_bytes_same_exit_code(tmp_path: Path, program: str, sink: str) -> None:
    """With a relay in between a program writes the same bytes and ends the same way."""
    script = harmless.PROGRAMS[program]
    plain, plain_code = harmless.run(tmp_path, script, sink, capture="none")
    seen, seen_code = harmless.run(tmp_path, script, sink, **RELAY)

    # Into one pipe for both streams the order depends on when Python empties its buffer.
    order = "file" if sink == "pipe" else sink
    assert harmless.comparable(seen, order) == harmless.comparable(plain, order)
    assert seen_code == plain_code


SECRET = b"ghp_" + b"a1B2" * 9
EVERYTHING = """
import ctypes
libc = ctypes.CDLL(None)
print("before")
with epochlog.start_run("one"):
    print("python", sys.stdout.isatty(), flush=True)
    libc.puts(b"from C"); libc.fflush(None)
    os.write(1, b"from os.write\\n")
    os.write(1, b"ghp_" + b"a1B2" * 9 + b"\\n")
    subprocess.run(["echo", "from a child"])
    if os.fork() == 0:
        os.write(2, b"from a fork\\n")
        os._exit(0)
    os.wait()
libc.puts(b"after"); libc.fflush(None)
with epochlog.start_run("two"):
    os.write(1, b"second\\n")
"""


@pytest.mark.parametrize("sink", ["terminal", "pipe"])
def test_what_c_code_and_children_print_is_recorded(tmp_path: Path, sink: str) -> None:
    """Each run has what was printed while it was open, whoever printed it; the user sees all."""
    seen, code = harmless.run(tmp_path, EVERYTHING, sink, **RELAY)

    printed = [
        f"python {sink == 'terminal'}", "from C", "from os.write", REDACTED, "from a child",
        "from a fork",
    ]  # fmt: skip
    assert code == 0, seen.decode()
    assert lines(tmp_path) == printed
    files = [file for file in (tmp_path / "store-console").rglob("*") if file.is_file()]
    assert not any(SECRET in file.read_bytes() for file in files)
    printed[printed.index(REDACTED)] = SECRET.decode()
    assert lines(tmp_path, "two") == ["second"]
    assert seen.decode().split() == " ".join(["before", *printed, "after", "second"]).split()


def test_the_terminal_has_the_size_of_the_users(tmp_path: Path) -> None:
    """Bars are drawn as wide as ever; a terminal that is resized is seen to be."""
    script = """
import time
with epochlog.start_run("one"):
    print("size", os.get_terminal_size(1).columns)
    subprocess.run(["stty", "cols", "77"], check=True)  # standard input is the user's terminal
    until = time.monotonic() + 20
    while os.get_terminal_size(1).columns != 77 and time.monotonic() < until:
        time.sleep(0.05)
        os.write(1, b".")
    print("size", os.get_terminal_size(2).columns)
"""
    seen, code = harmless.run(tmp_path, script, "terminal", **RELAY)

    assert code == 0, seen.decode()
    assert b"size 100" in seen
    assert b"size 77" in seen


def test_a_killed_program_has_printed_all(tmp_path: Path) -> None:
    """After ``kill -9`` the reader gets every line that C had written, and then the end."""
    script = """
with epochlog.start_run("one"):
    for i in range(20_000):
        os.write(1, b"line %d\\n" % i)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script], env=environment(tmp_path),
        stdout=subprocess.PIPE, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip

    assert done.returncode == -signal.SIGKILL
    assert done.stdout.splitlines() == [b"line %d" % i for i in range(20_000)]


def test_nobody_waits_for_a_child_that_goes_on(tmp_path: Path) -> None:
    """The program ends though a child keeps its output open, and what that prints arrives."""
    script = """
with epochlog.start_run("one"):
    print("parent", flush=True)
    subprocess.Popen(["sh", "-c", "read line; echo late"], stdin=int(sys.argv[1]))
"""
    from_us, to_child = os.pipe()
    os.set_inheritable(from_us, True)
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + script, str(from_us)],
        env=environment(tmp_path), stdout=subprocess.PIPE, pass_fds=[from_us],
    )  # fmt: skip
    os.close(from_us)
    assert process.stdout is not None
    assert process.wait(TIMEOUT_S) == 0  # the child has yet to print
    os.write(to_child, b"now\n")
    os.close(to_child)

    assert process.stdout.read() == b"parent\nlate\n"
    assert lines(tmp_path) == ["parent"]


def test_a_reader_that_leaves_ends_the_program_as_ever(tmp_path: Path) -> None:
    """``program | head -1``: the program hears that nobody reads any more."""
    script = """
with epochlog.start_run("one"):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        print("line", flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + script], env=environment(tmp_path),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()

    assert b"BrokenPipeError" in process.stderr.read()
    assert process.wait(TIMEOUT_S) == 120  # as without us: Python could not empty its buffer


def relay_processes(secret_of: str) -> list[int]:
    """Return the relays whose source leads to a descriptor of a process of this store."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if (
                any(b"relay_process.py" in word for word in words)
                and secret_of.encode() in (folder / "environ").read_bytes()
            ):
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue
    return sorted(found)


def test_a_relay_that_is_killed_takes_nothing_with_it(tmp_path: Path) -> None:
    """Somebody kills the forwarding process: another goes on, and the program notices nothing."""
    script = """
with epochlog.start_run("one"):
    print("first", flush=True)
    input()
    for i in range(1000):
        print(i, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", HEAD + script], env=environment(tmp_path),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"first\n"
    os.kill(relay_processes(str(tmp_path))[-1], signal.SIGKILL)
    process.stdin.write(b"\n")
    process.stdin.close()

    assert process.stdout.read().split() == [b"%d" % i for i in range(1000)]
    assert process.wait(TIMEOUT_S) == 0


def test_keys_of_the_terminal_reach_the_program(tmp_path: Path) -> None:
    """Ctrl-Z stops it, it can be continued, Ctrl-C interrupts it, and every line arrives."""
    script = """
with epochlog.start_run("one"):
    print("ready", flush=True)
    while True:
        os.write(1, b"tick\\n")
        time.sleep(0.01)
"""
    child, terminal = pty.fork()
    if child == 0:  # a session with this terminal as its own, as a shell has
        os.execve(sys.executable, [sys.executable, "-c", HEAD + script], environment(tmp_path))
    seen = b""
    while b"tick" not in seen:
        seen += os.read(terminal, 65536)
    # The kernel lets no key stop a session's only process group: nobody could continue it.
    os.kill(child, signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
    os.kill(child, signal.SIGCONT)
    time.sleep(0.1)
    os.write(terminal, b"\x03")
    while True:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGINT
    assert b"KeyboardInterrupt" in seen
    run = epochlog.get_run("one", store=str(tmp_path / "store-console"))
    assert run.status == "canceled"
    assert lines(tmp_path)[:2] == ["ready", "tick"]
    os.close(terminal)


MANY_FILES = """
import resource
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
with epochlog.start_run("one"):
    print("first", flush=True)
with epochlog.start_run("two"):
    print("second", flush=True)
"""


def test_programs_with_many_open_files(tmp_path: Path) -> None:
    """More than 1,024 open files, which select() can't wait for, change nothing."""
    _, code = harmless.run(tmp_path, MANY_FILES, "pipe", **RELAY)

    assert code == 0
    assert lines(tmp_path, "one") == ["first"]
    assert lines(tmp_path, "two") == ["second"]
