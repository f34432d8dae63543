"""Run ``epochlog top`` live: one thread looks at the store, this one draws and listens to keys."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from epochlog.base.errors import EpochlogError
from epochlog.cli.app import App
from epochlog.cli.screen import Screen
from epochlog.cli.top.cards import Scene
from epochlog.cli.top.state import State
from epochlog.cli.top.terminal import Ended, Terminal
from epochlog.cli.top.views import screen_lines
from epochlog.cli.top.watching import Watch

STOP_WAIT_S = 2.0


class Looker(threading.Thread):
    """Looks at the store at intervals, so that a slow disk never holds up the keys.

    Attributes:
        scene: what was seen last.
        error: what ended the thread, or None.
    """

    def __init__(self, watch: Watch, interval_s: float, notify: Callable[[], None]) -> None:
        super().__init__(name="epochlog-top", daemon=True)
        self.scene: Scene = watch.scene
        self.looked = False
        self.error: BaseException | None = None
        self._watch, self._interval_s, self._notify = watch, interval_s, notify
        self._wish: tuple[str, int | None, bool] = (watch.where, None, False)
        self._wanted = threading.Event()
        self._over = False

    def ask(self, where: str, opened: int | None, *, paused: bool, now: bool = False) -> None:
        """Say what is to be looked at from now on; ``now`` or a change means at once."""
        wish = (where, opened, paused)
        if now or wish != self._wish:
            self._wish = wish
            self._wanted.set()

    def run(self) -> None:
        """Look until `stop`."""
        try:
            while not self._over:
                where, opened, paused = self._wish
                asked = self._wanted.is_set()
                self._wanted.clear()
                if not paused or asked or not self.looked:
                    self._watch.where = where
                    scene = self._watch.look(opened)
                    changed = scene is not self.scene or not self.looked
                    self.scene, self.looked = scene, True
                    if changed:
                        self._notify()
                self._wanted.wait(self._interval_s)
        except BaseException as error:
            self.error = error
            self._notify()

    def stop(self) -> None:
        """End the thread."""
        self._over = True
        self._wanted.set()
        self.join(STOP_WAIT_S)


class Stopper:
    """Asks runs to stop, as ``epochlog stop`` does, in a process that may take its time."""

    def __init__(self, app: App) -> None:
        self._store = ["--store", app.store] if app.store is not None else []
        self._process: subprocess.Popen[str] | None = None

    def stop(self, run_id: str) -> None:
        """Ask one run; `said` tells later how that went."""
        main = "from epochlog.cli.main import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", main, "stop", *self._store, run_id],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is meant for us
        )

    def said(self) -> str:
        """Return what came of it, once; "" before that."""
        if self._process is None or self._process.poll() is None:
            return ""
        text, _ = self._process.communicate()
        self._process = None
        return text.strip()


def run_live(app: App, watch: Watch, interval_s: float) -> None:
    """Show runs until the user has seen enough; the terminal is as before afterwards."""
    state = State(check=lambda text: _wrong(app, text), where=watch.where)
    screen = app.screen
    signum = 0
    with Terminal() as terminal:
        looker = Looker(watch, interval_s, terminal.wake)
        looker.start()
        stopper = Stopper(app)
        try:
            while not state.quit:
                state.message = stopper.said() or state.message
                _draw(terminal, looker, state, screen)
                for key in terminal.wait(min(interval_s, 1.0)):
                    state.press(key)
                if state.stopping:
                    stopper.stop(state.stopping)
                    state.stopping = ""
                _tell(looker, state)
                if looker.error is not None:
                    raise looker.error
        except Ended as ended:
            signum = ended.signum
        finally:
            looker.stop()
    if signum:  # end the way that was asked for, now that the terminal is restored
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)


def _draw(terminal: Terminal, looker: Looker, state: State, screen: Screen) -> None:
    if not looker.looked:
        return
    columns, rows = terminal.size
    if state.redraw:
        terminal.redraw()
        state.redraw = False
    here = dataclasses.replace(screen, width=columns)
    terminal.paint(screen_lines(looker.scene, state, here, rows, time.time()))


def _tell(looker: Looker, state: State) -> None:
    """Pass on to the other thread what the keys asked for."""
    opened = None
    if state.view in ("run", "console") or (
        state.view == "help" and state.before in ("run", "console")
    ):
        card = looker.scene.find(state.chosen)
        detail = looker.scene.detail
        if card is not None:
            opened = card.pk
        elif detail is not None and detail.card.id == state.chosen:
            opened = detail.card.pk
    looker.ask(state.where, opened, paused=state.paused, now=state.fresh)
    state.fresh = False


def _wrong(app: App, where: str) -> str:
    try:
        app.runs(where)
    except EpochlogError as error:
        return str(error)
    return ""
