"""``epochlog stop``: ask a training that runs elsewhere to end early, in its own orderly way."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import click

from epochlog.base.errors import EpochlogError
from epochlog.cli import formats
from epochlog.cli.annotate import writing
from epochlog.cli.app import App, pass_app
from epochlog.cli.options import command, run_argument
from epochlog.cli.screen import write
from epochlog.cli.statuses import status_cell
from epochlog.query.run_view import RunView
from epochlog.recording.machine import host_name, user_name
from epochlog.recording.stopping import ring
from epochlog.session import locate_store

LOOK_EVERY_S = 0.5


class CannotStopError(EpochlogError):
    """There is nothing that a request to stop could reach."""


@command("stop")
@run_argument
@click.option("--reason", "-m", default="", metavar="TEXT", help="Why; the run says so.")
@click.option("--wait", is_flag=True, help="Wait until it has ended, and say how.")
@click.option(
    "--force",
    is_flag=True,
    help="End its process at once (SIGTERM) instead of asking; only on the machine where it runs.",
)
@pass_app
def stop(app: App, /, *, ref: str, reason: str, wait: bool, force: bool) -> None:
    """Ask a running training to end at its next step, with everything recorded.

    Its model is kept and evaluated as usual, and it is completed, with the tag
    "stopped-on-request". Only runs that allow it can be asked: autolog(allow_stop=True), or a loop
    that looks at epochlog.stop_requested(). A study ends after the trials that are running.
    """
    run = app.run(ref)
    name = formats.clean(run.name)
    if not run.active:
        raise CannotStopError(f"{name} has ended already: {run.status}")
    if force:
        _terminate(app, run)
        write(f"{name}: its process {run.pid} was told to end (SIGTERM)")
    else:
        if not _accepts(run):
            raise CannotStopError(_refusal(run, name))
        with writing(app, run) as handle:
            handle.request_stop(reason, by=user_name())
        ring(Path(locate_store(app.settings).root))
        write(f"{name} was asked to stop; it will at its next step, usually within seconds")
    if wait:
        _wait(app, run)


def _accepts(run: RunView) -> bool:
    """Return whether the run, or something that is open inside it, looks for requests."""
    if run.stop is not None and run.stop.accepted:
        return True
    return any(_accepts(child) for child in run.children() if child.active)


def _refusal(run: RunView, name: str) -> str:
    where = f"process {run.pid} on {run.host or 'an unknown host'}"
    source = f" ({run.source} {run.kind})" if run.source else ""
    return (
        f"{name}{source} takes no requests to stop: it was started without allow_stop, or what "
        "trains there has no way to end early (a fit of scikit-learn, say)\n"
        "  next time: epochlog.autolog(allow_stop=True), or allow_stop = true in epochlog.toml, or "
        "EPOCHLOG_ALLOW_STOP=1;\n"
        "             loops of your own look at epochlog.stop_requested()\n"
        f"  now:       epochlog stop {name} --force ends its {where}"
    )


def _terminate(app: App, run: RunView) -> None:
    """Send SIGTERM to the process that writes the run, if it is sure which one that is."""
    if run.host != host_name():
        raise CannotStopError(f"{run.name} runs on {run.host}; call epochlog stop --force there")
    pid = run.pid or 0
    journals = (Path(locate_store(app.settings).root) / "journals").resolve()
    if pid <= 0 or not _has_open_below(pid, journals):
        raise CannotStopError(
            f"no process {pid} here writes into {journals}: {run.name} runs in another container, "
            "or under another user; end its process there"
        )
    os.kill(pid, signal.SIGTERM)


def _has_open_below(pid: int, folder: Path) -> bool:
    """Return whether a process has a file in ``folder`` open: numbers of processes are reused."""
    found = False
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found = found or link.readlink().parent == folder
    return found


def _wait(app: App, run: RunView) -> None:
    while run.active:
        time.sleep(LOOK_EVERY_S)
        app.look_again()
        run = run.refresh()
    cell = status_cell(run.status, app.screen)
    said = f": {formats.clean(run.status_reason)}" if run.status_reason else ""
    write(app.screen.style(cell.text, **cell.style) + said)
