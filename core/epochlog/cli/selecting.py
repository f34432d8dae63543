"""Find the runs that a command is to work on: named ones, or those that match a filter."""

from __future__ import annotations

import click

from epochlog.base.errors import RunNotFound
from epochlog.cli.app import App
from epochlog.query.run_view import RunView


def selected(
    app: App, refs: tuple[str, ...], where: str, *, deleted: bool = False, nested: bool = False
) -> list[RunView]:
    """Return the runs named, in that order, and those that match ``where``; each once.

    Args:
        app: this call.
        refs: ids, names, ``last`` …
        where: filter expression; "" = none.
        deleted: whether the filter looks in the bin.
        nested: whether the filter finds runs inside of others.

    Raises:
        UsageError: neither refs nor a filter were given.
        RunNotFound: a ref means no run, or nothing matches the filter.
    """
    if not refs and not where.strip():
        raise click.UsageError("name at least one RUN, or select some with --where")
    found = {run.id: run for run in (app.run(ref) for ref in refs)}
    if where.strip():
        expression = f"deleted and ({where})" if deleted else where
        matching = list(app.runs(expression, nested=nested))
        if not matching and not found:
            raise RunNotFound(f"no run{' in the bin' if deleted else ''} matches {where}")
        found |= {run.id: run for run in matching if run.id not in found}
    return list(found.values())
