"""``epochlog tag`` and ``epochlog note``: add to a run what only people know."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from epochlog.base.errors import StoreUnavailable
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.options import command, run_argument
from epochlog.cli.screen import write
from epochlog.query.run_view import RunView
from epochlog.recording.context import join_run
from epochlog.recording.recorder import close_recorder, configure
from epochlog.recording.run import Run
from epochlog.session import find_flavor, locate_store, open_sink

WRITE_TIMEOUT_S = 30.0


@contextmanager
def writing(app: App, run: RunView) -> Iterator[Run]:
    """Give a handle that writes into a stored run; everything is committed at the end.

    Raises:
        StoreUnavailable: the store could not take it in time; it is kept and stored later.
    """
    location = locate_store(app.settings)
    target = find_flavor(location.url).open_sink
    recorder = configure(location, app.settings, functools.partial(open_sink, target, location))
    try:
        yield join_run(run.id, run.name, parent_id=run.parent_id)
        if not recorder.flush(WRITE_TIMEOUT_S):
            raise StoreUnavailable(
                f"the store {app.place} did not take it within {WRITE_TIMEOUT_S:.0f} s; it is kept "
                "and will be stored when the store is next opened"
            )
    finally:
        close_recorder()


@command("tag", context_settings={"ignore_unknown_options": True})
@run_argument
@click.argument("changes", metavar="[+TAG|-TAG]...", nargs=-1, type=click.UNPROCESSED)
@pass_app
def tag(app: App, /, *, ref: str, changes: tuple[str, ...]) -> None:
    """Add tags (+TAG or TAG) and remove them (-TAG); without any, show them."""
    run = app.run(ref)
    add = [text.removeprefix("+") for text in changes if not text.startswith("-")]
    remove = [text[1:] for text in changes if text.startswith("-")]
    if not all([*add, *remove]):
        raise click.UsageError("a tag needs at least one character after + or -")
    if changes:
        with writing(app, run) as handle:
            if remove:
                handle.remove_tags(remove)
            if add:
                handle.set_tags(add)
        run = run.refresh()
    write(f"{formats.clean(run.name)}: {formats.clean(', '.join(run.tags)) or 'no tags'}")


@command("note")
@run_argument
@click.argument("text", required=False)
@click.option("--append", is_flag=True, help="Add to the note instead of replacing it.")
@pass_app
def note(app: App, /, *, ref: str, text: str | None, append: bool) -> None:
    """Set the note of a run (Markdown, "-" reads it from standard input); without TEXT, show it."""
    run = app.run(ref)
    if text is None:
        write(formats.clean_lines(run.note) or f"{formats.clean(run.name)} has no note")
        return
    if text == "-":
        text = sys.stdin.read().rstrip("\n")
    if append and run.note:
        text = f"{run.note}\n\n{text}"
    with writing(app, run) as handle:
        handle.set_note(text)
