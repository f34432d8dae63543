"""``epochlog top`` in real terminals, on processes that really train."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_terminal import COMMAND, LiveTerminal, live_terminal
from processes import environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")

WRITER = """
import sys, epochlog
with epochlog.start_run(sys.argv[1]) as run:
    run.log_params({"epochs": 10})
    for step in range(3):
        run.log_metrics({"val/loss": 1 / (step + 1), "train/loss": 1 / (step + 2)}, step=step)
    run.log_system_metrics({"process/cpu_percent": 150, "machine/cpu_percent": 50})
    print("it says hello", flush=True)
    run.flush()
    print("ready", file=sys.stderr, flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            break
        step += 1
        run.log_metrics({"val/loss": 1 / (step + 1)}, step=step)
        print(line.strip(), flush=True)
        run.flush()
        print("logged", file=sys.stderr, flush=True)
"""


class Writer:
    """A process with an open run that does as it is told."""

    def __init__(self, name: str) -> None:
        code = f"import sys; sys.argv[1:] = [{name!r}]\n" + WRITER
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment(EPOCHLOG_HARDWARE="0"), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        assert self.process.stderr is not None
        assert self.process.stderr.readline() in ("ready\n", "logged\n")

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        if word != "end":
            self.wait()


@contextmanager
def writing(name: str = "live") -> Iterator[Writer]:
    """Run a `Writer` and make sure that it is gone afterwards."""
    writer = Writer(name)
    try:
        yield writer
    finally:
        writer.process.kill()
        writer.process.wait()


def restored(terminal: LiveTerminal) -> bool:
    """Whether the terminal is as it was before."""
    screen = terminal.screen
    modes = termios.tcgetattr(terminal.fd) == terminal.modes
    return modes and screen.cursor_shown and screen.wraps and not screen.alternate


def test_runs_are_followed_and_the_terminal_comes_back(store: Path) -> None:
    """New points appear, the end of the run is seen, q leaves the terminal as it was; code 0."""
    with writing() as writer, live_terminal("top", "--interval", "0.2") as terminal:
        lines = terminal.until("● running", "3/10", "val/loss 0.3333")
        assert terminal.screen.alternate
        assert not terminal.screen.cursor_shown
        assert "1 running" in lines[0]
        assert any("cpu 150 %" in line for line in lines)
        assert any("cpu █████" in line and "50 %" in line for line in lines)
        writer.tell("more")
        terminal.until("4/10", "val/loss 0.25")
        writer.tell("end")
        terminal.until("✔ completed", "1 completed")
        terminal.press("q")
        assert terminal.end() == 0
        assert restored(terminal)


def test_a_run_is_opened_with_its_console(store: Path) -> None:
    """Enter shows curves and console, f follows what is printed, Esc goes back, ? explains."""
    with writing() as writer, live_terminal("top", "--interval", "0.2") as terminal:
        terminal.until("▌ ● running")
        terminal.press("\r")
        lines = terminal.until("curves", "val/loss", "it says hello")
        assert any("best" in line and "min" in line and "max" in line for line in lines)
        terminal.press("f")
        terminal.when(lambda lines: not any("curves" in line for line in lines))
        writer.tell("one more line")
        terminal.until("one more line")
        terminal.press("?")
        terminal.until("keys", "quit")
        terminal.press("q")
        terminal.until("one more line")
        terminal.press("\x1b")
        terminal.until("epochlog top")
        terminal.press("\x1b")
        assert terminal.end() == 0


def test_a_killed_process_is_seen(store: Path) -> None:
    """A run whose process is killed turns to lost, with the place that it reached."""
    with writing() as writer, live_terminal("top", "--interval", "0.2") as terminal:
        terminal.until("● running")
        writer.process.kill()
        terminal.until("? lost", "process gone", "at epoch 3/10")


def test_filters_are_typed_and_mistakes_explained(filled: Path) -> None:
    """/ asks for a filter; a mistake is explained and can be mended; s changes the order."""
    with live_terminal("top", "--interval", "0.2") as terminal:
        terminal.until("base", "worse", "broken")
        terminal.press("/params.lr < \r")
        terminal.until("malformed", "filter: params.lr <")
        terminal.press("0.01\r")
        lines = terminal.when(lambda lines: not any("worse" in line for line in lines))
        assert any("base" in line for line in lines)
        assert "/params.lr < 0.01" in lines[-1]
        terminal.press("/\x15status == 'pending'\r")
        terminal.until("no run matches the filter")
        terminal.press("/\x15\r")
        terminal.until("base", "worse")
        terminal.press("ss")
        lines = terminal.until("ordered by name")
        names = [line[2:].split()[2] for line in lines if line[2:3] in ("✔", "✘")]
        assert names == sorted(names)
        terminal.press("q")
        assert terminal.end() == 0


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_signals_end_it_with_the_terminal_restored(filled: Path, signum: int) -> None:
    """SIGTERM, SIGHUP and SIGQUIT end it as they end every program, the terminal as before."""
    with live_terminal("top") as terminal:
        terminal.until("base")
        terminal.signal(signum)
        assert terminal.end() == -signum
        assert restored(terminal)


def test_ctrl_c_is_quiet(filled: Path) -> None:
    """Ctrl-C restores the terminal and ends with 130, without a traceback."""
    with live_terminal("top") as terminal:
        terminal.until("base")
        terminal.press("\x03")
        assert terminal.end() == 130
        assert restored(terminal)
        assert "Traceback" not in "".join(terminal.output)


def test_a_bug_of_ours_leaves_the_terminal_usable(filled: Path) -> None:
    """An exception while drawing reaches the user after the terminal was restored."""
    code = (
        "import epochlog.cli.top.views as v\n"
        "import epochlog.cli.top.loop as loop\n"
        "def broken(*args): raise RuntimeError('planted')\n"
        "loop.screen_lines = broken\n"
        "from epochlog.cli.main import main; main()"
    )
    terminal = LiveTerminal([sys.executable, "-c", code, "top"])
    try:
        assert terminal.end() == 1
        assert restored(terminal)
        assert any("RuntimeError: planted" in line for line in terminal.screen.lines)
    finally:
        terminal.close()


def test_resizing_draws_anew(filled: Path) -> None:
    """A new size is used at once; nothing is wider than the window, nothing is missing."""
    with live_terminal("top", columns=100) as terminal:
        terminal.until("completed", "q quit")
        terminal.resize(44, 12)
        lines = terminal.until("q quit", "base")
        assert lines[-1].startswith("q quit")
        assert not any("✔ completed" in line for line in lines)
        terminal.resize(120, 30)
        terminal.until("✔ completed", "x stop")


def test_stopped_and_continued_by_the_shell(filled: Path) -> None:
    """Ctrl-Z gives the terminal to the shell; fg draws everything again."""
    shell = LiveTerminal(["sh", "-i"], PS1="shell> ", ENV="")
    try:
        shell.until("shell>")
        command = " ".join(f"'{part}'" for part in COMMAND)
        shell.press(f"{command} top\r")
        shell.until("base", "q quit")
        assert shell.screen.alternate
        shell.press("\x1a")
        shell.when(lambda lines: not shell.screen.alternate and "shell>" in "".join(lines))
        assert shell.screen.cursor_shown
        shell.press("echo it is\\ mine\r")
        shell.until("it is mine")
        shell.press("fg\r")
        shell.until("base", "q quit")
        assert shell.screen.alternate
        shell.press("q")
        shell.when(lambda lines: not shell.screen.alternate and "shell>" in "".join(lines))
        shell.press("exit\r")
        assert shell.end() in (0, 130)
    finally:
        shell.close()


def test_only_lines_that_differ_are_written(filled: Path) -> None:
    """After the first screen, no key and no look at the store clears it again."""
    with live_terminal("top", "--interval", "0.1") as terminal:
        lines = terminal.until("base", "q quit")
        terminal.quiet(0.3)
        before = len(terminal.output)
        terminal.press("j")
        terminal.when(lambda now: now[3][:1] == "▌")
        assert lines[2].startswith("▌")
        written = "".join(terminal.output[before:])
        assert "2J" not in written
        assert 0 < written.count("H") < 12


def test_without_a_store_it_waits(store: Path) -> None:
    """Started before the first run, it says so, and shows that run when it comes."""
    with live_terminal("top", "--interval", "0.2") as terminal:
        terminal.until("no store at")
        with writing("first"):
            terminal.until("● running", "first")


def test_dumb_terminals_get_one_plain_picture(filled: Path) -> None:
    """Where the cursor can't be moved, what there is now is printed once, without escapes."""
    with live_terminal("top", TERM="dumb") as terminal:
        assert terminal.end() == 0
        text = "".join(terminal.output)
        assert "base" in text
        assert "\x1b" not in text


def test_no_color(filled: Path) -> None:
    """NO_COLOR leaves the live view without colours and styles."""
    with live_terminal("top", NO_COLOR="1") as terminal:
        terminal.until("base", "q quit")
        styles = set(re.findall(r"\x1b\[[\d;]*m", "".join(terminal.output)))
        assert styles <= {"\x1b[0m"}


Shell = Callable[..., "subprocess.CompletedProcess[str]"]


def test_pipes_get_one_plain_picture(filled: Path, shell: Shell) -> None:
    """In a pipe there is one picture, nothing is cut, there are no escapes; exit code 0."""
    done = shell("top")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert [word in done.stdout for word in ("base", "worse", "broken", "search")] == [True] * 4


def test_json_for_programs(store: Path, shell: Shell) -> None:
    """--json gives each run with its curves, how far it is, and the hardware, as JSON."""
    with writing("first"):
        done = shell("top", "--json")
    (run,) = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert (run["name"], run["status"], run["trouble"]) == ("first", "running", "")
    assert run["hardware"]["cpu_percent"] == 150
    curves = {curve["name"]: curve for curve in run["curves"]}
    assert curves["val/loss"]["values"] == pytest.approx([1, 1 / 2, 1 / 3])
    assert (curves["val/loss"]["last"], curves["val/loss"]["count"]) == (pytest.approx(1 / 3), 3)
    assert (run["progress"]["unit"], run["progress"]["total"]) == ("epoch", 10)
    assert 0 < run["progress"]["share"] < 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_stop_is_asked_for_twice(store: Path) -> None:
    """x asks first; y passes the request on, and what the run answers is shown."""
    with writing(), live_terminal("top", "--interval", "0.2", columns=100) as terminal:
        terminal.until("● running")
        terminal.press("x")
        terminal.until("Ask live to end early? y / n")
        terminal.press("n")
        terminal.until("not stopped")
        terminal.press("xy")
        terminal.until("takes no requests to stop")
        terminal.press("q")
        assert terminal.end() == 0
