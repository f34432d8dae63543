"""``epochlog doctor``: check what recording and reading depend on, say what to do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from epochlog.cli import checks
from epochlog.cli.app import App
from epochlog.cli.captured import captured_lines, captured_record
from epochlog.cli.folding import folded
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import command, json_option
from epochlog.cli.screen import Screen, write

SYMBOLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    checks.OK: ("✔", "+", {"fg": "green"}),
    checks.INFO: ("·", ".", {"dim": True}),
    checks.WARNING: ("!", "!", {"fg": "yellow", "bold": True}),
    checks.BAD: ("✘", "x", {"fg": "red", "bold": True}),
}


@command("doctor")
@click.option("--deep", is_flag=True, help="Also read every point and every stored file.")
@click.option("--captured", is_flag=True, help="Show what a run would record of its surroundings.")
@json_option
@click.pass_context
def doctor(context: click.Context, *, deep: bool, captured: bool, as_json: bool) -> None:
    """Check store, journals, disk, settings, plugins, clock; exit code 1 if something is wrong."""
    app = context.find_object(App) or App()
    if captured:
        record = captured_record(app.settings)
        if as_json:
            write_json(record)
        else:
            write("\n".join(captured_lines(record, app.screen)))
        return
    found = checks.all_checks(app, deep=deep)
    bad = sum(check.state == checks.BAD for check in found)
    if as_json:
        write_json({"ok": not bad, "checks": [asdict(check) for check in found]})
    else:
        for line in check_lines(found, app.screen):
            write(line)
    context.exit(1 if bad else 0)


def check_lines(found: list[checks.Check], screen: Screen) -> list[str]:
    """Return one line a check, followed by what to do if something is wrong."""
    width = max(len(check.name) for check in found)
    lines = []
    for check in found:
        symbol, plain, style = SYMBOLS[check.state]
        head = f"{screen.style(screen.pick(symbol, plain), **style)} {check.name:<{width}}  "
        body = check.text.splitlines() or [""]
        found_lines = [head + body[0], *(" " * (width + 4) + line for line in body[1:])]
        if check.advice:
            found_lines.append(" " * (width + 4) + screen.pick("→ ", "-> ") + check.advice)
        for line in found_lines:
            lines += folded(line, screen, width + 4)
    worst = sum(check.state == checks.BAD for check in found)
    return [*lines, "", f"{worst} wrong" if worst else "all is well"]
