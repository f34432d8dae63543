"""Write what people change in the browser: tags, notes, the bin. Nothing else is ever written."""

from __future__ import annotations

import os
from typing import Any

from epochlog.base.clock import now_us
from epochlog.base.ids import new_id
from epochlog.contract.events import AnyEvent, Note, Tags
from epochlog.contract.sink import Batch, JournalInfo
from epochlog.query.loading import Page
from epochlog.query.run_view import RunView
from epochlog.recording.machine import host_name
from epochlog.server.asking import EditRequest
from epochlog.server.library import Library
from epochlog.server.selecting import pks_of
from epochlog.store.maintenance import delete_runs, restore_runs


def edit(library: Library, asked: EditRequest) -> dict[str, Any]:
    """Answer POST api/edit.

    Raises:
        StoreError: the store can't be written; nothing was changed.
    """
    reader = library.reader
    found = pks_of(reader, asked.runs)
    skipped = {each: "there is no such run" for each in asked.runs if each not in found}
    page = Page(reader, list(found.values()))
    views = [RunView(page, pk) for pk in found.values() if pk in page.runs]
    changed: set[str] = set()
    events = [event for view in views for event in _events(view, asked)]
    if events:
        _write(library, events)
        changed |= {view.id for view in views}
    if asked.archived is not None:
        changed |= _archive(library, views, skipped, archived=asked.archived)
    return {"changed": len(changed), "skipped": skipped, "cursor": library.cursor}


def _events(view: RunView, asked: EditRequest) -> list[AnyEvent]:
    at, found = now_us(), list[AnyEvent]()
    if asked.add_tags or asked.remove_tags:
        found.append(Tags(view.id, at, asked.add_tags, asked.remove_tags))
    if asked.note is not None:
        found.append(Note(view.id, at, asked.note))
    return found


def _write(library: Library, events: list[AnyEvent]) -> None:
    # One batch of a journal that never was a file: one transaction, the same path as all events.
    info = JournalInfo(new_id(), host_name(), "", os.getpid(), now_us(), "")
    with library.writing() as sink:
        sink.write(Batch(info, 0, 1, events))
        sink.close_journal(info, now_us(), status="lost")


def _archive(
    library: Library, views: list[RunView], skipped: dict[str, str], *, archived: bool
) -> set[str]:
    if not archived:
        ids = [view.id for view in views if view.deleted is not None]
        if ids:
            restore_runs(library.location, ids)
        return set(ids)
    ids = []
    for view in views:
        if view.active:
            skipped[view.id] = "it is still running"
        elif view.deleted is None:
            ids.append(view.id)
    if ids:
        delete_runs(library.location, ids)
    return set(ids)
