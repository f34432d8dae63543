"""``epochlog show``: one run, section by section."""

from __future__ import annotations

from collections.abc import Callable

import click

from epochlog.cli import formats, numbers, origins
from epochlog.cli.app import App, pass_app
from epochlog.cli.console import console_lines, console_records, console_section, search
from epochlog.cli.folding import all_folded
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import command, json_option, run_argument
from epochlog.cli.records import full_record
from epochlog.cli.screen import Screen, write
from epochlog.cli.statuses import status_cell
from epochlog.query.run_view import RunView

SECTIONS: dict[str, Callable[[RunView, Screen, bool], list[str]]] = {
    "traceback": origins.traceback_lines,
    "results": numbers.results_lines,
    "metrics": numbers.metrics_lines,
    "params": numbers.params_lines,
    "children": origins.children_lines,
    "datasets": origins.datasets_lines,
    "models": origins.models_lines,
    "artifacts": origins.artifacts_lines,
    "plots": origins.plots_lines,
    "texts": origins.texts_lines,
    "system": numbers.system_lines,
    "notices": origins.notices_lines,
    "console": console_section,
    "environment": origins.environment_lines,
    "code": origins.code_lines,
}
"""Name -> lines of the section; [] leaves it out."""

PROSE = ("plots", "notices", "environment")
"""Sections whose long lines are broken between words; tables fit, and code is not to be broken."""

JSON_KEYS = {"results": "metrics", "system": "system_metrics", "models": "artifacts"}
"""Sections that go by another name in the JSON record."""


@command("show")
@run_argument
@click.option(
    "--section",
    "-s",
    "sections",
    multiple=True,
    type=click.Choice(list(SECTIONS)),
    help="Only this section (several are allowed).",
)
@click.option("--full", is_flag=True, help="Leave nothing out.")
@click.option("--console", is_flag=True, help="All that was printed, and nothing else.")
@click.option("--grep", metavar="REGEX", default="", help="Printed lines that match, nothing else.")
@json_option
@pass_app
def show(
    app: App, /, *, ref: str, sections: tuple[str, ...], full: bool,
    console: bool, grep: str, as_json: bool,
) -> None:  # fmt: skip
    """Show one run: parameters, curves, results, data, model, plots, hardware, origin."""
    run = app.run(ref)
    if console or grep:
        if as_json:
            lines = search(run.console, grep) if grep else run.console
            write_json({"console": console_records(lines), "left_out": run.console.left_out})
        else:
            write("\n".join(console_lines(run.console, app.screen, pattern=grep)))
        return
    if as_json:
        record = full_record(run)
        keys = {JSON_KEYS.get(name, name) for name in sections}
        write_json({k: v for k, v in record.items() if k in keys} if keys else record)
        return
    write("\n".join(run_lines(run, app.screen, sections=sections, full=full)))


def run_lines(
    run: RunView, screen: Screen, *, sections: tuple[str, ...] = (), full: bool = False
) -> list[str]:
    """Return a run as lines; with ``sections`` only those, without the header."""
    lines = [] if sections else all_folded(header_lines(run, screen), screen)
    for name, section in SECTIONS.items():
        if sections and name not in sections:
            continue
        found = section(run, screen, full)
        if found:
            title = name if name != "children" else _children_title(run)
            found = all_folded(found, screen) if name in PROSE else found
            lines += ["", screen.style(title, bold=True, fg="blue"), *found]
    return lines[1:] if sections else lines


def header_lines(run: RunView, screen: Screen) -> list[str]:
    """Return name, status, times and origin of a run."""
    status = status_cell(run.status, screen)
    what = " · ".join(part for part in (run.kind, run.source) if part and part != "run")
    name = screen.style(formats.clean(run.name), bold=True)
    head = f"{name}  {screen.style(status.text, **status.style)}"
    lines = [head + (f"  {screen.style(formats.clean(what), dim=True)}" if what else "")]
    if run.status_reason:
        lines.append(f"  {formats.clean(run.status_reason)}")
    start = run.started or run.created
    times = f"  started {formats.local(start)} ({formats.ago(start)})"
    if run.duration is not None:
        times += f", {'so far' if run.active else 'took'} {formats.took(run.duration)}"
    lines.append(times)
    by = f"{run.user}@{run.host}" if run.user else run.host
    where = [f"by {by}" if by else "", f"pid {run.pid}" if run.pid else ""]
    where += [
        f"experiment {run.experiment}",
        f"project {run.project}" if run.project != "default" else "",
    ]
    lines.append("  " + formats.clean(", ".join(part for part in where if part)))
    parent = run.parent
    if parent is not None:
        place = "" if run.position is None else f", number {run.position}"
        lines.append(f"  part of {formats.clean(parent.name)} ({parent.kind}){place}")
    if run.deleted:
        lines.append(screen.style(f"  in the bin since {formats.local(run.deleted)}", fg="yellow"))
    if run.tags:
        lines.append(f"  tags {formats.clean(', '.join(run.tags))}")
    lines.append(screen.style(f"  id {run.id}", dim=True))
    if run.note:
        lines += ["", *(f"  {line}" for line in formats.clean_lines(run.note).splitlines())]
    return lines


def _children_title(run: RunView) -> str:
    kinds: dict[str, int] = {}
    for child in run.children():
        kinds[child.kind] = kinds.get(child.kind, 0) + 1
    return ", ".join(formats.plural(count, kind) for kind, count in kinds.items())
