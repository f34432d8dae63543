"""What is done when a rule holds: a line in the terminal, a command, a web hook."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from epochlog.base.guard import warn_once

COMMAND_TIMEOUT_S = 60.0
WEBHOOK_TIMEOUT_S = 10.0
AT_ONCE_MAX = 4


@dataclass(frozen=True, slots=True)
class Alarm:
    """What commands and web hooks are told, as environment variables and as JSON.

    Attributes:
        rule: name of the rule.
        run: id of the run.
        name: of the run.
        text: what was found.
    """

    rule: str
    run: str
    name: str
    text: str


class Actions:
    """Carries out actions without keeping the caller waiting.

    Args:
        command: what to run, split like a shell would; no shell is involved.
        webhook: URL that gets a POST request.
    """

    def __init__(self, command: str = "", webhook: str = "") -> None:
        self._command, self._webhook = command, webhook
        self._threads: list[threading.Thread] = []

    def do(self, action: str, alarm: Alarm) -> None:
        """Carry out one of print, command, webhook."""
        if action == "print":
            say(alarm)
        elif action == "command" and self._command:
            self._start("command", lambda: self._run(alarm))
        elif action == "webhook" and self._webhook:
            self._start("webhook", lambda: self._post(alarm))

    def finish(self, timeout_s: float) -> None:
        """Wait for what is under way."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start(self, what: str, work: Callable[[], None]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) >= AT_ONCE_MAX:
            warn_once(f"watch {what}", f"watch: the {what} is too slow; some are left out")
            return

        def fenced() -> None:
            try:
                work()
            except Exception as error:  # the user's command or server, not ours
                warn_once(f"watch {what} failed", f"watch: the {what} failed: {_said(error)}")

        thread = threading.Thread(target=fenced, name=f"epochlog-watch-{what}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, alarm: Alarm) -> None:
        import shlex
        import subprocess  # 10 ms that nobody pays who has no command

        told = {f"EPOCHLOG_WATCH_{k.upper()}": v for k, v in asdict(alarm).items()}
        subprocess.run(
            shlex.split(self._command),
            input=json.dumps(asdict(alarm)),
            env={**os.environ, **told},
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _post(self, alarm: Alarm) -> None:
        from urllib.request import Request, urlopen  # only for those who asked for the network

        body = {**asdict(alarm), "text": line(alarm), "found": alarm.text}
        request = Request(  # noqa: S310 - the user's own URL
            self._webhook,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method="POST",
        )
        with urlopen(request, timeout=WEBHOOK_TIMEOUT_S):  # noqa: S310
            pass


def line(alarm: Alarm) -> str:
    """Return the line for people."""
    return f"{alarm.name or alarm.run}: {alarm.text}"


def say(alarm: Alarm) -> None:
    """Write one line to standard error."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"epochlog: {line(alarm)}\n")
        sys.stderr.flush()


def _said(error: Exception) -> str:
    """Return what went wrong, without the URL or command line, which may hold a secret."""
    code = getattr(error, "returncode", None)
    if code is not None:
        return f"it ended with {code}"
    return f"{type(error).__name__} {getattr(error, 'reason', None) or ''}".rstrip()
