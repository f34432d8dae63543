"""``epochlog demo``: train small models as a user would, then show what was recorded."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from epochlog.base.errors import EpochlogError
from epochlog.cli import formats
from epochlog.cli.app import App
from epochlog.cli.children import children_counts
from epochlog.cli.ls import default_columns
from epochlog.cli.ls import run_lines as table_of_runs
from epochlog.cli.options import command
from epochlog.cli.screen import Screen, write
from epochlog.cli.show import header_lines, run_lines
from epochlog.plugins.versions import is_importable
from epochlog.query.run_view import RunView
from epochlog.session import locate_store

SCRIPTS_FOLDER = Path(__file__).parent / "scripts"
SCRIPTS: tuple[tuple[str, str], ...] = (
    ("digits_pipeline.py", "sklearn"),
    ("digits_network.py", "sklearn"),
    ("diabetes_boosting.py", "sklearn"),
    ("cancer_search.py", "sklearn"),
    ("cancer_lightgbm.py", "lightgbm"),
)
"""Script -> the module it needs besides scikit-learn, whose data sets all of them use."""
SCRIPT_TIMEOUT_S = 300.0
SHOWN = ("results", "metrics", "datasets", "models", "plots")
ERROR_LINES = 8


@command("demo")
@click.pass_context
def demo(context: click.Context) -> None:
    """Train small models on data that scikit-learn brings along, and show what was recorded.

    Takes some ten seconds, needs no network, and records into this folder's store like any
    training.
    """
    app = context.find_object(App) or App()
    scripts = [
        name for name, module in SCRIPTS if is_importable("sklearn") and is_importable(module)
    ]
    if not scripts:
        raise EpochlogError(
            "no supported framework is installed here; install one and try again: "
            'pip install "epochlog[sklearn]" (or "epochlog[lightgbm]", or "epochlog[all]")'
        )
    screen = app.screen
    started = datetime.now(UTC)
    write(f"Recording into {app.place}. Each script is an ordinary one; its first line is")
    write(f"    {screen.style('import epochlog; epochlog.autolog()', bold=True)}\n")
    failed = [name for name in scripts if not _run(name, app, screen)]
    _show(app, started, screen)
    context.exit(1 if failed else 0)


def _run(name: str, app: App, screen: Screen) -> bool:
    """Run one script; print its output. Return whether it went well."""
    location = locate_store(app.settings)
    store = location.root if location.url.startswith("sqlite:") else location.url
    write(
        f"$ {screen.style(f'python {name}', bold=True)}    {screen.style(purpose(name), dim=True)}"
    )
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, str(SCRIPTS_FOLDER / name)],
            env={**os.environ, "EPOCHLOG_STORE": store},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SCRIPT_TIMEOUT_S,
        )
        code, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        code, out, err = -1, "", f"it took longer than {SCRIPT_TIMEOUT_S:.0f} s"
    for line in out.splitlines():
        write(f"    {line}")
    for line in err.splitlines()[-ERROR_LINES:]:
        write(f"    {screen.style(line, fg='red' if code else 'yellow')}")
    word = "ended" if code == 0 else screen.style(f"failed with exit code {code}", fg="red")
    write(screen.style(f"    {word} after {time.monotonic() - began:.1f} s", dim=True))
    return code == 0


def purpose(name: str) -> str:
    """Return the first line of a script's docstring."""
    module = ast.parse((SCRIPTS_FOLDER / name).read_text("utf-8"))
    return (ast.get_docstring(module) or "").partition("\n")[0]


def _show(app: App, started: datetime, screen: Screen) -> None:
    app.look_again()
    runs = list(app.runs(f"started >= {started.isoformat()!r}", nested=False))
    if not runs:
        raise EpochlogError(
            f'nothing was recorded into {app.place}; "epochlog doctor" may tell why'
        )
    write(f"\n$ {screen.style('epochlog ls', bold=True)}")
    counts = children_counts(app.reader, [run.id for run in runs])
    for line in table_of_runs(runs, default_columns(runs, counts), counts, screen):
        write(line)
    best = _showpiece(runs)
    write(f"\n$ {screen.style(f'epochlog show {formats.clean(best.name)}', bold=True)}")
    write("\n".join([*header_lines(best, screen), "", *run_lines(best, screen, sections=SHOWN)]))
    write("\n" + "\n".join(_next_steps(runs, screen, counts)))


def _showpiece(runs: Sequence[RunView]) -> RunView:
    """Return the run with most to look at."""
    return max(
        runs, key=lambda run: (sum(each.count for each in run.metrics.all()), len(run.plots))
    )


def _next_steps(runs: Sequence[RunView], screen: Screen, counts: dict[str, int]) -> list[str]:
    first, second = runs[-1].name, runs[-2].name if len(runs) > 1 else "last"
    search = next((run.name for run in runs if run.id in counts), "")
    steps = [
        ("epochlog show last --full", "everything of the newest run"),
        (f"epochlog compare {first} {second}", "what differs"),
        ("epochlog ls 'metrics[\"test/accuracy\"].last > 0.95'", "filter"),
        (f"epochlog show {search} -s children" if search else "", "candidates, the best first"),
        ("epochlog plugins", "what else is recorded here"),
        ("python -c 'import epochlog; print(epochlog.runs())'", "the same in Python"),
    ]
    shown = [(line, why) for line, why in steps if line]
    width = max(len(line) for line, _ in shown)
    return [
        "What to try next:",
        *(
            f"    {screen.style(f'{line:<{width}}', bold=True)}  {screen.style(why, dim=True)}"
            for line, why in shown
        ),
        f"The scripts: {SCRIPTS_FOLDER}",
    ]
