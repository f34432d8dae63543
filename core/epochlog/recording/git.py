"""Ask git, so that it can neither wait, ask back, write, run hooks, nor use a network."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

TIMEOUT_S = 5.0
OUTPUT_BYTES_MAX = 2**22

_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",  # never in the way of the user's own git
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would fetch what it lacks
    "GIT_ASKPASS": "",
    "LC_ALL": "C",
}
_OPTIONS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)


def ask_git(
    directory: Path, *arguments: str, limit: int = OUTPUT_BYTES_MAX, timeout_s: float | None = None
) -> tuple[bytes | None, str]:
    """Return git's output, at most ``limit`` bytes of it, or None and the reason in one line.

    Args:
        directory: where git is asked.
        *arguments: command and options.
        limit: git is stopped after so many bytes.
        timeout_s: git is stopped after so many seconds (default: `TIMEOUT_S`).
    """
    timeout_s = TIMEOUT_S if timeout_s is None else timeout_s
    try:
        process = subprocess.Popen(
            ["git", *_OPTIONS, *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_QUIET},
            start_new_session=True,  # filters that git starts are stopped with it
        )
    except FileNotFoundError:
        missing = "git is not installed" if directory.is_dir() else f"{directory} does not exist"
        return None, missing
    except OSError as error:
        return None, f"git can't be started: {error}"
    alarm = threading.Timer(timeout_s, _stop, (process,))
    alarm.daemon = True
    alarm.start()
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        output = process.stdout.read(limit)
        cut = len(output) == limit
        if cut:  # enough; git may have gigabytes more to say
            _stop(process)
        errors = process.stderr.read(2000).decode("utf-8", "replace").strip()
        code = process.wait()
    finally:
        alarm.cancel()
        process.stdout.close()  # type: ignore[union-attr]
        process.stderr.close()  # type: ignore[union-attr]
    if code != 0 and not cut:
        why = too_long(timeout_s) if code < 0 else errors.partition("\n")[0]
        return None, why or f"git ended with {code}"
    return output, ""


def _stop(process: subprocess.Popen[bytes]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass


def too_long(timeout_s: float | None = None) -> str:
    """Return the reason that is given when git was stopped."""
    return f"git took longer than {TIMEOUT_S if timeout_s is None else timeout_s:g} s"


def ask_git_text(
    directory: Path, *arguments: str, limit: int = OUTPUT_BYTES_MAX
) -> tuple[str | None, str]:
    """Return git's output as text, or None and the reason; see `ask_git`."""
    output, why = ask_git(directory, *arguments, limit=limit)
    return (None if output is None else output.decode("utf-8", "replace")), why


def ask_git_names(directory: Path, *arguments: str) -> tuple[list[str] | None, str]:
    """Return the paths that git lists with ``-z``, or None and the reason.

    Names that are not UTF-8 keep their bytes as surrogates, as ``os.fsdecode`` does.
    """
    output, why = ask_git(directory, *arguments)
    if output is None:
        return None, why
    names = output.split(b"\0")
    return [os.fsdecode(name) for name in names[:-1]], ""  # a last one without NUL was cut
