"""``epochlog ls``: list runs, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.children import children_counts
from epochlog.cli.columns import Spec, cell_of, column_of, parse_columns
from epochlog.cli.highlights import highlights
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import combined, command, filter_options, json_option, where_option
from epochlog.cli.records import run_record
from epochlog.cli.screen import Screen, write
from epochlog.cli.tables import Cell, table_lines
from epochlog.query.run_view import RunView

LIMIT = 20
TREE_CHILDREN_MAX = 12


@command("ls")
@click.argument("filter_", metavar="[FILTER]", default="")
@where_option
@filter_options
@click.option(
    "--order",
    "-o",
    default="-started",
    metavar="FIELDS",
    help="Order, e.g. '-metrics.acc.max, name'.  [default: -started]",
)
@click.option(
    "--columns",
    "-c",
    metavar="NAMES",
    default="",
    help="Columns, e.g. name,status,params.lr,metrics.val/loss.min,params.*",
)
@click.option(
    "--limit",
    "-n",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="Show at most so many.",
)
@click.option("--all", "-a", "everything", is_flag=True, help="Show all, without limit.")
@click.option("--children", is_flag=True, help="List nested runs (folds, candidates …) too.")
@click.option("--tree", is_flag=True, help="List nested runs below the run they belong to.")
@click.option("--deleted", is_flag=True, help="List the runs in the bin instead.")
@json_option
@pass_app
def ls(
    app: App,
    /,
    *,
    filter_: str,
    where: str,
    order: str,
    columns: str,
    limit: int,
    everything: bool,
    children: bool,
    tree: bool,
    deleted: bool,
    as_json: bool,
    **short: Any,
) -> None:
    """List runs, newest first.

    FILTER is an expression such as 'params.lr < 1e-2 and status == "completed"' or
    'metrics["val/loss"].min < 0.2 and "vision" in tags'.
    """
    expression = combined("deleted" if deleted else "", filter_, where, **short)
    for typed in (filter_, where):
        if typed and typed != expression:
            app.runs(typed)  # so that a mistake is shown in what was typed
    found = app.runs(expression, order, None if everything else limit, nested=children)
    runs = list(found)
    counts = children_counts(app.reader, [run.id for run in runs])
    if as_json:
        write_json([{**run_record(run), "children": counts.get(run.id, 0)} for run in runs])
        return
    if not runs:
        _say_none(app, expression, nested=children)
        return
    levels, runs = _tree(runs, counts) if tree else ([0] * len(runs), runs)
    specs = parse_columns(columns, runs) if columns else default_columns(runs, counts)
    for line in run_lines(runs, specs, counts, app.screen, levels):
        write(line)
    rest = 0 if everything else app.runs(expression, order, nested=children).count() - limit
    if rest > 0:
        click.echo(f"{rest:,} more; --all or -n {limit * 5} shows them", err=True)


def run_lines(
    runs: Sequence[RunView],
    specs: Sequence[Spec],
    counts: dict[str, int],
    screen: Screen,
    levels: Sequence[int] = (),
) -> list[str]:
    """Return the table of runs; names are indented by their level in the tree."""
    rows = []
    for place, run in enumerate(runs):
        cells = [cell_of(spec, run, counts.get(run.id, 0), screen) for spec in specs]
        level = levels[place] if levels else 0
        if level:
            mark = "  " * (level - 1) + screen.pick("└ ", "- ")
            cells = [
                Cell(mark + cell.text, {}) if spec.name == "name" and not spec.family else cell
                for spec, cell in zip(specs, cells, strict=True)
            ]
        rows.append(cells)
    return table_lines([column_of(spec) for spec in specs], rows, screen)


def default_columns(runs: Sequence[RunView], counts: dict[str, int]) -> list[Spec]:
    """Return the columns that tell most about these runs."""
    names = [run.name for run in runs]
    own = ["status", "name"]
    if len(set(names)) < len(names):
        own.append("short")
    own += ["started", "duration"]
    if counts:
        own.append("children")
    own.append("source")
    if len({run.experiment for run in runs}) > 1:
        own.append("experiment")
    specs = [Spec("", name) for name in own]
    if any("model_class" in run.params for run in runs):
        specs.append(Spec("params", "model_class", title="model", keep=7))
    for place, name in enumerate(highlights(runs)):
        stat = (
            "best"
            if any(r.metrics[name].best is not None for r in runs if name in r.metrics)
            else "last"
        )
        title = formats.clean(name) + (".best" if stat == "best" and _curved(name, runs) else "")
        specs.append(Spec("metrics", name, stat, title=title, keep=6 - place if place else 8))
    return [*specs, Spec("", "tags")]


def _curved(name: str, runs: Sequence[RunView]) -> bool:
    return any(run.metrics[name].count > 1 for run in runs if name in run.metrics)


def _tree(runs: Sequence[RunView], counts: dict[str, int]) -> tuple[list[int], list[RunView]]:
    """Return levels and runs with all that is nested in them, in the order of reading."""
    levels: list[int] = []
    found: list[RunView] = []

    def visit(run: RunView, level: int) -> None:
        levels.append(level)
        found.append(run)
        below = run.children()
        if below:
            counts[run.id] = len(below)
        for child in below[:TREE_CHILDREN_MAX]:
            visit(child, level + 1)

    for run in runs:
        visit(run, 0)
    return levels, found


def _say_none(app: App, expression: str, *, nested: bool) -> None:
    """Say that nothing is listed, and why that may be."""
    if not nested and (below := app.runs(expression).count()):
        text = f"no run at the top level matches; {formats.plural(below, 'nested run')} "
        click.echo(text + ("does" if below == 1 else "do") + ": add --children", err=True)
    elif expression:
        click.echo(f"no runs match {expression}", err=True)
    else:
        click.echo(f'no runs in {app.place} yet; "epochlog demo" records some', err=True)
