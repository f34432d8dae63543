"""``epochlog export``: runs, curves and artifacts as files that other tools read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from epochlog.base.errors import EpochlogError, RunNotFound
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.downloads import download_artifacts
from epochlog.cli.options import combined, command, filter_options, runs_argument, where_option
from epochlog.cli.screen import write
from epochlog.cli.writers import FORMATS, format_of, write_runs, write_series
from epochlog.query.run_view import RunView
from epochlog.query.runs import Runs


@command("export")
@runs_argument
@where_option
@filter_options
@click.option(
    "--to",
    metavar="DIR|FILE",
    type=click.Path(path_type=Path),
    help="Folder for runs.* and series.*, or one file; default: standard output.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="Default: by the file's ending, else jsonl.",
)
@click.option(
    "--series/--no-series", "with_series", default=True, help="Write the points of the curves too."
)
@click.option(
    "--nested/--no-nested", default=True, help="Include folds, candidates … [default: yes]"
)
@click.option(
    "--artifacts",
    is_flag=True,
    help="Write artifacts and models of the runs to the folder instead.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@pass_app
def export(
    app: App,
    /,
    *,
    refs: tuple[str, ...],
    where: str,
    to: Path | None,
    format_: str | None,
    with_series: bool,
    nested: bool,
    artifacts: bool,
    force: bool,
    **short: Any,
) -> None:
    """Write runs and curves as JSON, JSON lines, CSV or Parquet, or a run's artifacts as files.

    A folder gets runs.FORMAT (one row a run) and series.FORMAT (one row a point). One file gets the
    runs; in JSON and JSON lines each run then carries its curves.
    """
    runs = _chosen(app, refs, combined(where, **short), nested=nested and not artifacts)
    if artifacts:
        if to is None:
            raise click.UsageError("--artifacts needs --to DIR")
        for line in download_artifacts(runs, to, force=force):
            write(line)
        return
    kind = format_ or format_of(to)
    if to is None or to.suffix:
        write_runs(runs, to, kind, force=force, curves=with_series and kind in ("json", "jsonl"))
        if to is not None:
            _tell(runs, [to])
        return
    files = [to / f"runs.{kind}"]
    write_runs(runs, files[0], kind, force=force)
    if with_series:
        files.append(to / f"series.{kind}")
        write_series(_with_progress(runs), files[1], kind, force=force)
    _tell(runs, files)


def _chosen(app: App, refs: Sequence[str], where: str, *, nested: bool) -> Runs:
    """Return the runs named (and, with ``nested``, all inside them) or matching."""
    terms = [f"({where})"] if where else []
    if refs:
        ids = [app.run(ref).id for ref in refs]
        below = (
            [child for ref_id in ids for child in _descendants(app.run(ref_id))] if nested else []
        )
        terms.append(f"id in {[*ids, *below]!r}")
    runs = app.runs(" and ".join(terms), nested=nested or bool(refs), deleted=bool(refs))
    if not runs:
        if where or refs:
            raise RunNotFound(f"no run matches {where}" if where else "no run is left to export")
        raise EpochlogError(f"there are no runs in {app.place} yet")
    return runs


def _descendants(run: RunView) -> Iterator[str]:
    for child in run.children():
        yield child.id
        yield from _descendants(child)


def _with_progress(runs: Runs) -> Iterator[RunView]:
    """Yield the runs; a terminal shows how far it is."""
    import sys

    if not sys.stderr.isatty() or (total := len(runs)) < 100:
        yield from runs
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(runs, "curves", total=total, console=Console(stderr=True), transient=True)


def _tell(runs: Runs, files: Sequence[Path]) -> None:
    write(formats.plural(len(runs), "run") + ":")
    for file in files:
        write(f"  {file}  {formats.size(file.stat().st_size)}")
