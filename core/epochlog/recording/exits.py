"""Learn how this process ends, without delaying or changing its end.

Three ways out leave no exception behind for us to see, each gets the mildest means:

- **SIGTERM**: ``faulthandler`` writes the current stack into a file beside the journal and passes
  the signal on at once (``chain=True``), all in C. No Python handler: that would wait for the end
  of a long C call, and the process would die later than without us. A reader finds the file and
  knows.
- **an uncaught exception**: the interpreter leaves it in ``sys.last_value`` before it exits.
- **sys.exit(n)** outside any ``with start_run()``: while a run is open that was started without
  ``with``, ``sys.exit`` is replaced by a function that notes ``n`` and calls the original.
"""

from __future__ import annotations

import faulthandler
import functools
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

_terminated_file: TextIO | None = None
_terminated_path = Path()
_original_exit: Callable[[str | int | None], NoReturn] | None = None
_exit_code: Any = None
_exit_interrupted = False
_watching: set[str] = set()
_known_last: BaseException | None = getattr(sys, "last_value", None)


def outcome_of(error: BaseException | None) -> tuple[str, str, str]:
    """Return ``(status, reason, traceback)`` for the exception that ended a run, if one did."""
    if error is None or isinstance(error, GeneratorExit):
        return "completed", "", ""
    if isinstance(error, SystemExit):
        # Lightning answers Ctrl-C with ``sys.exit(1)``: what it answered is the context.
        if error.code and isinstance(error.__context__, KeyboardInterrupt):
            return outcome_of(error.__context__)
        return outcome_of_code(error.code)
    text = "".join(traceback.format_exception(error))
    reason = f"{type(error).__name__}: {error}".splitlines()[0][:255]
    if isinstance(error, KeyboardInterrupt):
        return "canceled", "KeyboardInterrupt", text
    if type(error).__name__ == "TrialPruned":  # Optuna's word for a trial that was stopped early
        return "pruned", reason, ""
    return "failed", reason, text


def outcome_of_code(code: Any) -> tuple[str, str, str]:
    """Return ``(status, reason, traceback)`` for an exit code as given to ``sys.exit``."""
    if code is None or code == 0:
        return "completed", "", ""
    return "failed", f"sys.exit({code!r})"[:255], ""


def outcome_of_process() -> tuple[str, str, str]:
    """Return how the process is ending, as far as can be known while it ends."""
    error = sys.exc_info()[1]  # a child of multiprocessing finishes inside its ``finally``
    if error is None:
        last = getattr(sys, "last_value", None)
        error = last if last is not _known_last else None
        if error is None and _exit_code and _exit_interrupted:
            return "canceled", "KeyboardInterrupt", ""
    return outcome_of(error) if error is not None else outcome_of_code(_exit_code)


def keep_interrupt_exit() -> None:
    """Let a process that ends by Ctrl-C still die by SIGINT, as it does without us.

    CPython notes the uncaught KeyboardInterrupt in a flag (``unhandled_keyboard_interrupt`` in
    ``Python/pythonrun.c``) that any ``exec`` of a string resets, and libraries which are imported
    while we finish do that. An ``exec`` that raises KeyboardInterrupt sets it again.
    """
    last = getattr(sys, "last_value", None)
    if (
        isinstance(last, KeyboardInterrupt)
        and not hasattr(sys, "ps1")
        and not sys.flags.interactive
    ):
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102


def watch_exit_code(run_id: str) -> None:
    """Note the argument of ``sys.exit`` until `unwatch_exit_code` was called for all runs."""
    global _original_exit
    _watching.add(run_id)
    if _original_exit is not None:
        return
    original: Callable[[str | int | None], NoReturn] = sys.exit
    _original_exit = original

    @functools.wraps(original)
    def noting_exit(status: Any = None, /) -> NoReturn:
        global _exit_code, _exit_interrupted
        _exit_code = status
        _exit_interrupted = isinstance(sys.exc_info()[1], KeyboardInterrupt)
        original(status)

    sys.exit = noting_exit


def unwatch_exit_code(run_id: str) -> None:
    """This run no longer needs the exit code; put ``sys.exit`` back if none does."""
    global _original_exit
    _watching.discard(run_id)
    if _watching or _original_exit is None:
        return
    still_ours = getattr(sys.exit, "__wrapped__", None) is _original_exit
    if still_ours:  # else somebody put theirs on top; ours passes through
        sys.exit = cast("Any", _original_exit)
    _original_exit = None


def watch_termination(path: Path) -> None:
    """Have the stack written to ``path`` when SIGTERM comes, if nobody else handles that signal."""
    global _terminated_file, _terminated_path
    if _terminated_file is not None or not hasattr(faulthandler, "register"):
        return
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL or _caught_in_c(signal.SIGTERM):
        return
    _terminated_file, _terminated_path = path.open("w", encoding="utf-8"), path
    faulthandler.register(signal.SIGTERM, file=_terminated_file, all_threads=False, chain=True)


def unwatch_termination() -> None:
    """Give SIGTERM back and delete the empty file."""
    global _terminated_file
    if _terminated_file is None:
        return
    faulthandler.unregister(signal.SIGTERM)
    _terminated_file.close()
    _terminated_path.unlink(missing_ok=True)
    _terminated_file = None


def move_termination(path: Path) -> None:
    """Have it written to ``path`` from now on: the journal to which the other belongs is left."""
    global _terminated_file, _terminated_path
    if _terminated_file is None:
        return
    try:
        _terminated_path.rename(path)
    except FileNotFoundError:  # deleted by somebody, together with the journal
        deleted, _terminated_file = _terminated_file, path.open("w", encoding="utf-8")
        faulthandler.register(signal.SIGTERM, file=_terminated_file, all_threads=False, chain=True)
        deleted.close()
    _terminated_path = path


def forget_termination() -> None:
    """After a fork: the child's SIGTERM is not its parent's."""
    global _terminated_file
    if _terminated_file is not None:
        faulthandler.unregister(signal.SIGTERM)
        _terminated_file.close()
        _terminated_file = None


def _caught_in_c(number: int) -> bool:
    """Return whether a handler that Python does not know of is set (Linux; else assume none)."""
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        mask = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    except (OSError, StopIteration):
        return False
    return bool(int(mask.split()[1], 16) >> (number - 1) & 1)
