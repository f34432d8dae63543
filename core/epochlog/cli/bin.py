"""``epochlog rm``, ``restore`` and ``gc``: out of sight, back again, gone for good."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from epochlog.base.errors import EpochlogError
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.children import children_counts
from epochlog.cli.columns import Spec
from epochlog.cli.jsonout import write_json
from epochlog.cli.ls import run_lines
from epochlog.cli.options import command, json_option, runs_argument, where_option
from epochlog.cli.screen import write
from epochlog.cli.selecting import selected
from epochlog.query.filters.moments import seconds_of
from epochlog.query.run_view import RunView
from epochlog.session import locate_store
from epochlog.store import maintenance

yes_option = click.option(
    "--yes", "-y", is_flag=True, help="Do it; without, only show what would happen."
)
COLUMNS = ("status", "name", "started", "children", "source", "tags")


@command("rm")
@runs_argument
@where_option
@yes_option
@json_option
@pass_app
def rm(app: App, /, *, refs: tuple[str, ...], where: str, yes: bool, as_json: bool) -> None:
    """Move runs, with all runs inside them, to the bin; "epochlog restore" brings them back."""
    found = selected(app, refs, where)
    runs = [run for run in found if not run.active and run.deleted is None]
    running = [run for run in found if run.active]
    count = (
        maintenance.delete_runs(locate_store(app.settings), [r.id for r in runs])
        if yes and runs
        else 0
    )
    if as_json:
        write_json(_outcome(runs, moved=count, done=yes, skipped=running))
        return
    _show(app, runs)
    for run in running:
        click.echo(f"epochlog: {formats.clean(run.name)} is still running: left alone", err=True)
    if not yes:
        _say_dry(f"would move {_runs_text(app, runs)} to the bin")
    else:
        write(
            f'moved {formats.plural(count, "run")} to the bin; "epochlog restore" brings them '
            'back, "epochlog gc" purges'
        )


@command("restore")
@runs_argument
@where_option
@json_option
@pass_app
def restore(app: App, /, *, refs: tuple[str, ...], where: str, as_json: bool) -> None:
    """Bring runs back from the bin, with all inside them; "epochlog ls --deleted" lists them."""
    runs = selected(app, refs, where, deleted=True)
    count = maintenance.restore_runs(locate_store(app.settings), [run.id for run in runs])
    if as_json:
        write_json(_outcome(runs, moved=count, done=True))
        return
    write(
        f"brought back {formats.plural(count, 'run')}" if count else "none of them was in the bin"
    )


@command("gc")
@click.option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="AGE",
    help="Purge runs that are in the bin for longer, e.g. 12h, 30d, 0s.",
)
@yes_option
@click.option("--dry-run", is_flag=True, help="Only show what would happen (the default).")
@json_option
@pass_app
def gc(app: App, /, *, older_than: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Purge old runs from the bin for good, and free the space of what nothing refers to."""
    age_s = seconds_of(older_than)
    if age_s is None:
        raise click.BadParameter(
            f"{older_than!r} is no age; write it like 12h, 30d or 0s", param_hint="--older-than"
        )
    if yes and dry_run:
        raise click.UsageError("--yes and --dry-run exclude each other")
    app.reader  # noqa: B018 - no store: say so rather than make one
    report = maintenance.collect_garbage(
        locate_store(app.settings), dry_run=not yes, binned_s=age_s
    )
    if as_json:
        write_json({**asdict(report), "older_than_s": age_s})
        return
    lines = _report_lines(report)
    if not lines:
        write("nothing to remove")
        return
    write("\n  ".join(["removed:" if yes else "would remove:", *lines]))
    if not yes:
        _say_dry("nothing was removed")


def _report_lines(report: maintenance.GarbageReport) -> list[str]:
    parts = [
        (report.runs, "run from the bin", "runs from the bin", 0),
        (report.versions, "version of an artifact", "versions of artifacts", 0),
        (report.blobs, "stored file", "stored files", report.blob_bytes),
        (report.staged, "forgotten copy", "forgotten copies", report.staged_bytes),
    ]
    lines = [
        formats.plural(count, one, several) + (f", {formats.size(size)}" if size else "")
        for count, one, several, size in parts
        if count
    ]
    if report.database_bytes > 0:
        lines.append(f"{formats.size(report.database_bytes)} of the database")
    return lines


def _show(app: App, runs: list[RunView]) -> None:
    if not runs:
        raise EpochlogError("nothing to move: these runs are in the bin already, or still running")
    counts = children_counts(app.reader, [run.id for run in runs])
    for line in run_lines(runs, [Spec("", name) for name in COLUMNS], counts, app.screen):
        write(line)


def _runs_text(app: App, runs: list[RunView]) -> str:
    below = sum(children_counts(app.reader, [run.id for run in runs]).values())
    return formats.plural(len(runs), "run") + (
        f" with {formats.plural(below, 'run')} inside" if below else ""
    )


def _say_dry(text: str) -> None:
    click.echo(f"{text}; add --yes to do it", err=True)


def _outcome(
    runs: list[RunView], *, moved: int, done: bool, skipped: list[RunView] | None = None
) -> dict[str, Any]:
    return {
        "done": done,
        "count": moved,
        "runs": [{"id": run.id, "name": run.name, "status": run.status} for run in runs],
        "skipped": [{"id": run.id, "name": run.name} for run in skipped or []],
    }
