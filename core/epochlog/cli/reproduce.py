"""``epochlog reproduce``: write what a run needs to be repeated, repeat it, compare the numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from epochlog.base.errors import EpochlogError
from epochlog.base.settings import load_settings
from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.downloads import safe_path
from epochlog.cli.jsonout import dumps, write_json
from epochlog.cli.options import command, json_option, run_argument
from epochlog.cli.reproduction import checks as checking
from epochlog.cli.reproduction.checks import Check
from epochlog.cli.reproduction.plan import (
    STORE_FOLDER,
    make_plan,
    requirements_text,
    script_text,
)
from epochlog.cli.reproduction.sources import Written, empty_folder, link_data, write_code
from epochlog.cli.screen import Screen, write
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.query.code import RunCode
from epochlog.query.run_view import RunView

PACKAGES_SHOWN = 5
DIFFERS = 1
"""Exit code when a number was not reproduced."""


@command("reproduce")
@run_argument
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="The folder (default: reproduced-NAME in the working directory).",
)
@click.option("--run", "running", is_flag=True, help="Run it there, and compare the metrics.")
@click.option("--python", default=sys.executable, help="The interpreter for --run (default: this).")
@click.option(
    "--tolerance",
    default=0.0,
    help="Relative difference that still counts as the same (default: 0).",
)
@click.option(
    "--link", "links", multiple=True, help="Link this file or folder of the project, e.g. data."
)
@click.option(
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where git has the commit, if not where the run was.",
)
@click.option("--force", is_flag=True, help="Replace what an earlier reproduction wrote.")
@json_option
@pass_app
def reproduce(
    app: App,
    /,
    *,
    ref: str,
    into: Path | None,
    running: bool,
    python: str,
    tolerance: float,
    links: tuple[str, ...],
    repository: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a folder from which a run can be repeated: code, requirements, command, data to check.

    With --run it is repeated there, into a store of its own, and the metrics are compared.
    """
    run = app.run(ref)
    code = RunCode(run)
    found = code.repository(*([repository] if repository else []), Path.cwd())
    folder = (into or Path(f"reproduced-{safe_path(run.name)}")).absolute()
    empty_folder(folder, force=force)
    written = write_code(code, folder, found)
    links = (*links, *_data_files(run, code, written))
    link_data(list(links), code, written)
    record = _write_files(code, run, folder, written)
    if not running:
        if as_json:
            write_json(record)
        else:
            write("\n".join(_told(folder, written, record["problems"], app.screen)))
        return
    if not as_json:
        write("\n".join(_told(folder, written, record["problems"], app.screen)))
    roots = checking.runs_of_process(run.root, app.runs(checking.near(run.root), nested=False))
    results = _repeat(folder, python, quiet=as_json)
    checks = checking.check_runs(roots, results, tolerance)
    record["checks"] = [asdict(check) for check in checks]
    (folder / "reproduce.json").write_text(dumps(record), "utf-8")
    if as_json:
        write_json(record)
    else:
        changes = checking.package_changes(run, results[0])
        write("\n".join(_compared(checks, changes, app.screen)))
    if not all(check.good for check in checks):
        raise click.exceptions.Exit(DIFFERS)


def _data_files(run: RunView, code: RunCode, written: Written) -> list[str]:
    """Return data files of the project that the run read and that git doesn't have."""
    found: list[str] = []
    for data in run.datasets:
        path = data.uri.removeprefix("file://")
        if path and code.roots and Path(path).is_relative_to(code.roots[0]):
            copy = written.roots[0] / Path(path).relative_to(code.roots[0])
            if not copy.exists():
                found.append(path)
        elif path and "://" not in path and not Path(path).exists():
            written.problems.append(f"data file {path} is gone")
    return found


def _write_files(code: RunCode, run: RunView, folder: Path, written: Written) -> dict[str, Any]:
    """Write run.sh, requirements.txt and reproduce.json; return what the last one says."""
    environment = run.root.environment
    plan = make_plan(code, written, folder, environment.get("variables") or {})
    title = f"Repeats run {run.name} ({run.id})"
    script = folder / "run.sh"
    script.write_text(script_text(plan, title), "utf-8")
    script.chmod(0o755)
    (folder / "requirements.txt").write_text(requirements_text(environment), "utf-8")
    (folder / ".gitignore").write_text("*\n", "utf-8")  # no untracked code of anybody's project
    record = {
        "run": {"id": run.id, "name": run.name, "root": run.root.id, "started": run.started},
        "commit": code.commit,
        "remote": code.git.get("remote", ""),
        "argv": list(code.facts.get("argv") or ()),
        "code": written.how,
        "directory": plan.directory,
        "python": (environment.get("python") or {}).get("version", ""),
        "data": [
            {"name": d.name, "role": d.role, "digest": d.digest, "size": d.size, "uri": d.uri}
            for d in run.datasets
        ],
        "metrics": {m.key: m.last for m in run.metrics.all() if not m.context},
        "problems": [*written.problems, *plan.problems],
    }
    (folder / "reproduce.json").write_text(dumps(record), "utf-8")
    return record


def _told(folder: Path, written: Written, problems: Sequence[str], screen: Screen) -> list[str]:
    lines = [f"{formats.clean(str(folder))}: {formats.clean(written.how)}"]
    mark = screen.style("!", fg="yellow", bold=True)
    lines += [f"{mark} {formats.clean(problem)}" for problem in problems]
    return lines


def _repeat(folder: Path, python: str, *, quiet: bool = False) -> list[RunView]:
    """Run run.sh; return the runs at the top that it recorded, oldest first.

    Args:
        folder: where it is.
        python: the interpreter.
        quiet: what it prints goes to standard error.

    Raises:
        EpochlogError: it can't be started, or recorded nothing.
    """
    store = folder / STORE_FOLDER
    environment = {**os.environ, "PYTHON": python, "EPOCHLOG_STORE": str(store)}
    try:
        done = subprocess.run(
            ["sh", str(folder / "run.sh")],
            env=environment,
            stdout=2 if quiet else None,
            check=False,
        )
    except OSError as error:
        raise EpochlogError(f"run.sh can't be started: {error}") from error
    ended = f"run.sh ended with exit code {done.returncode}"
    if not (store / "epochlog.db").exists() and not (store / "journals").exists():
        raise EpochlogError(f"{ended} and recorded nothing in {store}")
    from epochlog.query.opening import open_store
    from epochlog.query.runs import Runs

    reader = open_store(load_settings(store=str(store)))
    runs = sorted(Runs(reader, nested=False), key=lambda run: run.id)
    if not runs:
        raise EpochlogError(f"{ended} and recorded no run in {store}")
    return runs


def _compared(checks: Sequence[Check], changes: Sequence[str], screen: Screen) -> list[str]:
    """Return the comparison as lines: a table, packages that changed, a verdict."""
    styles = {"identical": {"fg": "green"}, "close": {"fg": "green"}}
    rows: list[Row] = []
    for name in dict.fromkeys(check.run for check in checks):
        rows.append([Cell(formats.clean(name), {"bold": True}), "", "", ""])
        for check in checks:
            if check.run == name:
                style = styles.get(check.verdict, {"fg": "red"})
                rows.append(
                    [
                        f"  {formats.clean(check.name)}",
                        _shown(check.then),
                        _shown(check.now),
                        Cell(check.verdict, style),
                    ]
                )
    columns = [Column("", shrink_to=16), Column("then"), Column("now"), Column("")]
    lines = table_lines(columns, rows, screen)
    if changes:
        more = f" and {len(changes) - PACKAGES_SHOWN} more" if len(changes) > PACKAGES_SHOWN else ""
        lines.append(f"packages differ: {', '.join(changes[:PACKAGES_SHOWN])}{more}")
    return [*lines, _verdict(checks)]


def _verdict(checks: Sequence[Check]) -> str:
    bad = sum(not check.good for check in checks)
    close = sum(check.verdict == "close" for check in checks)
    total = formats.plural(len(checks), "check")
    if bad:
        return f"not reproduced: {bad} of {total} differ"
    return (
        f"reproduced: {total}, {close} within the tolerance"
        if close
        else (f"reproduced: {total}, all identical")
    )


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.17g}" if isinstance(value, float) else formats.clean(str(value))
