"""The noun table in core/README.md tells the truth about verbs, events, hooks, tables and queries."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import epochlog
from epochlog.contract import events, hookspecs
from epochlog.query import run_view
from epochlog.recording.run import Run
from epochlog.store.schema import metadata

README = Path(__file__).parents[2] / "core" / "README.md"


def rows():
    """Return the table's rows as lists of the names in backticks, cell by cell."""
    text = README.read_text("utf-8").split("## One noun, one spelling")[1]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [
        [re.findall(r"`([\w.]+)`", cell) for cell in line.strip("| ").split(" | ")]
        for line in lines
    ]


def hooks(prefix):
    """Return the names of the hooks that begin so."""
    return {
        name
        for name, f in vars(hookspecs).items()
        if name.startswith(prefix) and inspect.isfunction(f)
    }


def test_every_event_has_its_row_and_its_hook():
    """Each announced event stands in exactly one row, beside the hook that announces it."""
    table = {event: hook for _, (event,), (hook,), _, _ in rows()}

    assert table == {event.__name__: hook for event, hook in hookspecs.HOOK_OF_EVENT.items()}
    assert len(rows()) == len(table)


def test_every_hook_is_announced():
    """No ``on_*`` hook is without an event, no event of the contract without a hook."""
    assert set(hookspecs.HOOK_OF_EVENT.values()) == hooks("on_")
    kinds = {
        c for c in vars(events).values() if isinstance(c, type) and issubclass(c, events.Event)
    }
    assert kinds - {events.Event} == set(hookspecs.HOOK_OF_EVENT)


@pytest.mark.parametrize("prefix", ["on_", "register_"])
def test_hooks_are_documented(prefix):
    """Every hook has a docstring, and every hook that is asked stands in the README."""
    for name in hooks(prefix):
        assert inspect.getdoc(getattr(hookspecs, name)), name
        assert f"`{name}`" in README.read_text("utf-8"), name


def test_verbs_exist_and_none_is_missing():
    """Verbs in the table are methods of ``Run`` (or the front door's); all ``log_*`` and ``set_*`` are there."""
    verbs = [verb for row in rows() for verb in row[0]]
    for verb in verbs:
        owner = epochlog if verb.startswith("epochlog.") else Run
        assert callable(getattr(owner, verb.removeprefix("epochlog."), None)), verb

    written = {name for name in dir(Run) if name.startswith(("log_", "set_", "remove_"))}
    assert written <= set(verbs)


def test_tables_exist():
    """Tables named there are tables of the schema."""
    named = {table for row in rows() for table in row[3]}

    assert named <= set(metadata.tables)


def test_queries_exist():
    """What the last column names can be read from a ``RunView``."""
    source = inspect.getsource(run_view.RunView)
    for row in rows():
        for name in row[4]:
            assert hasattr(run_view.RunView, name) or f"self.{name}" in source, name
