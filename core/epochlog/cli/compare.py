"""``epochlog compare``: set runs side by side, with what differs and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from epochlog.base.errors import EpochlogError
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import command, json_option, runs_argument, where_option
from epochlog.cli.screen import Screen, write
from epochlog.cli.selecting import selected
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.query.compare import MISSING, SECTIONS, ComparedRow, Comparison
from epochlog.query.compare import compare as compare_runs
from epochlog.query.run_view import RunView

VALUE_MIN_CHARS = 10
ROWS_SHOWN = {"environment": 8, "code": 8}
ROWS_SHOWN_ELSE = 40
"""Of a long list of differences only the first are shown, unless its section is asked for."""


@command("compare")
@runs_argument
@where_option
@click.option("--all", "-a", "everything", is_flag=True, help="Show what is equal too.")
@click.option(
    "--section",
    "-s",
    "sections",
    multiple=True,
    type=click.Choice(SECTIONS),
    help="Only this section (several are allowed).",
)
@click.option("--plots", is_flag=True, help="Draw the runs' plots over one another, into a file.")
@click.option(
    "--plot", "keys", multiple=True, help="Only this plot, by key or kind (implies --plots)."
)
@click.option("--code", is_flag=True, help="Show the code of two runs as a diff.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file: .html (default: comparison.html), .png or .svg.",
)
@json_option
@pass_app
def compare(
    app: App,
    /,
    *,
    refs: tuple[str, ...],
    where: str,
    everything: bool,
    sections: tuple[str, ...],
    plots: bool,
    keys: tuple[str, ...],
    code: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what differs between runs; numbers also as the distance from the first run."""
    runs = selected(app, refs, where)
    if plots or keys or out:
        write("\n".join(_draw(runs, keys, out or Path("comparison.html"))))
        return
    if len(runs) < 2:
        raise EpochlogError(f"a comparison needs at least two runs; this is only {runs[0].name!r}")
    if code:
        _show_code(runs, app.screen, as_json=as_json)
        return
    found = compare_runs(runs, sections=sections or SECTIONS)
    if not everything:
        found = found.differences()
    if as_json:
        write_json(_record(found))
        return
    write("\n".join(comparison_lines(found, app.screen, full=everything or bool(sections))))


def _show_code(runs: Sequence[RunView], screen: Screen, *, as_json: bool) -> None:
    """Write the diff of two runs' code.

    Raises:
        EpochlogError: these are more than two runs.
    """
    from epochlog.query.code import code_diff

    if len(runs) > 2:
        raise EpochlogError(f"--code compares two runs, not {len(runs)}")
    diff = code_diff(runs[0], runs[1], Path.cwd())
    if as_json:
        write_json({"runs": [run.id for run in runs], "diff": diff})
        return
    write("\n".join(code_lines(diff, screen)))


def code_lines(diff: str, screen: Screen) -> list[str]:
    """Return a diff as lines, coloured where the screen has colours."""
    if not diff:
        return ["no differences in the code"]
    styles: dict[str, dict[str, Any]] = {
        "+++": {"bold": True}, "---": {"bold": True}, "+": {"fg": "green"}, "-": {"fg": "red"},
        "@": {"fg": "cyan"}, "#": {"dim": True},
    }  # fmt: skip
    lines: list[str] = []
    for raw in diff.removesuffix("\n").split("\n"):
        line = "\t".join(map(formats.clean, raw.split("\t")))
        style = next((style for mark, style in styles.items() if line.startswith(mark)), {})
        lines.append(screen.style(line, **style))
    return lines


def _draw(runs: Sequence[RunView], keys: Sequence[str], path: Path) -> list[str]:
    """Write overlaid plots; return the written files' paths."""
    from epochlog.query.drawing.overlay import overlaid, save

    return [str(each) for each in save(overlaid(runs, keys), path)]


DELTAS_IN_FULL, DELTAS_SHORT, NO_DELTAS = 2, 1, 0


def comparison_lines(found: Comparison, screen: Screen, *, full: bool) -> list[str]:
    """Return a comparison as lines: one table, a heading for each section.

    Where the screen is too narrow, first the percentages and then the differences are left out,
    before any value is cut.
    """
    names = [formats.clean(run.name) for run in found.runs]
    if len(set(names)) < len(names):
        names = [f"{name} {run.id[-6:]}" for name, run in zip(names, found.runs, strict=True)]
    columns = [
        Column("", shrink_to=16),
        *(Column(name, shrink_to=VALUE_MIN_CHARS) for name in names),
    ]
    endless = replace(screen, width=None, color=False)
    for deltas in (DELTAS_IN_FULL, DELTAS_SHORT, NO_DELTAS):
        rows = _rows(found, screen, full=full, deltas=deltas)
        lines = table_lines(columns, rows, endless)
        if screen.width is None or max(map(formats.cell_width, lines), default=0) <= screen.width:
            break
    return table_lines(columns, rows, screen) if rows else ["no differences"]


def _rows(found: Comparison, screen: Screen, *, full: bool, deltas: int) -> list[Row]:
    rows: list[Row] = []
    empty = [""] * len(found.runs)
    for section in dict.fromkeys(row.section for row in found.rows):
        # What all runs have comes first: there the values can be compared.
        inside = sorted(found.section(section), key=lambda row: MISSING in row.values)
        shown = inside if full else inside[: ROWS_SHOWN.get(section, ROWS_SHOWN_ELSE)]
        rows.append([Cell(section, {"bold": True, "fg": "blue"}), *empty])
        rows += [_row(row, screen, deltas) for row in shown]
        if len(shown) < len(inside):
            rest = f"  and {len(inside) - len(shown):,} more (--section {section})"
            rows.append([Cell(rest, {"dim": True}), *empty])
    return rows


def _row(row: ComparedRow, screen: Screen, deltas: int) -> list[Cell | str]:
    cells: list[Cell | str] = [f"  {formats.clean(row.name)}"]
    for place, (value, delta) in enumerate(zip(row.values, row.deltas, strict=True)):
        text = _text(row, value, screen)
        if place and delta and deltas:
            percent = _percent(delta, row.values[0]) if deltas == DELTAS_IN_FULL else ""
            text += f"  ({_signed(delta)}{percent})"
        same = place and _equal(value, row.values[0])
        cells.append(Cell(text, {"dim": True} if same else {}))
    return cells


def _text(row: ComparedRow, value: Any, screen: Screen) -> str:
    if value is MISSING:
        return screen.pick("–", "-")
    if row.section == "metrics":
        return formats.number(value)
    if row.name == "duration_s":
        return f"{value:.3g} s"
    return formats.param(value)


def _signed(delta: float) -> str:
    return f"{delta:+.3g}"


def _percent(delta: float, base: Any) -> str:
    """Return ", +12 %"; "" where a share of the base says nothing."""
    if not base or not math.isfinite(base) or not 0.0005 <= abs(delta / base) < 10:
        return ""
    return f", {100 * delta / abs(base):+.3g} %"


def _equal(one: Any, two: Any) -> bool:
    return type(one) is type(two) and bool(one == two)


def _record(found: Comparison) -> dict[str, Any]:
    names: Sequence[str] = ("id", "name", "status")
    return {
        "runs": [{name: getattr(run, name) for name in names} for run in found.runs],
        "rows": [
            {
                "section": row.section,
                "name": row.name,
                "values": [None if value is MISSING else value for value in row.values],
                "missing": [value is MISSING for value in row.values],
                "deltas": list(row.deltas),
                "differs": row.differs,
            }
            for row in found.rows
        ],
    }
