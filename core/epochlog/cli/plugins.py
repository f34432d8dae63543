"""``epochlog plugins``: what can be recorded here, what not, and why; imports no framework."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from epochlog.cli import formats
from epochlog.cli.app import App, pass_app
from epochlog.cli.jsonout import write_json
from epochlog.cli.options import command, json_option
from epochlog.cli.screen import Screen, write
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.contract.integration import Integration
from epochlog.plugins import versions
from epochlog.plugins.manager import GROUP, Plugins, get_plugins

READY, DISABLED, ABSENT, UNSUPPORTED = "ready", "disabled", "not installed", "unsupported"
STYLES: dict[str, dict[str, Any]] = {
    READY: {"fg": "green"},
    DISABLED: {"fg": "yellow"},
    ABSENT: {"dim": True},
    UNSUPPORTED: {"fg": "red"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """One integration as it stands on this machine.

    ``state`` is ready, disabled (by the settings), not installed or unsupported; ``distribution``
    is who brings the integration, ``version`` that of the framework.
    """

    name: str
    framework: str
    supports: str
    version: str
    state: str
    reason: str
    plugin: str
    distribution: str
    description: str


@command("plugins")
@json_option
@pass_app
def plugins(app: App, /, *, as_json: bool) -> None:
    """List integrations, stores, other plugins, and what is broken and why."""
    manager = get_plugins()
    found = find_integrations(manager, app.settings.disable, hardware=app.settings.hardware)
    stores = {flavor.name: flavor for flavor in manager.stores().values()}
    known = {item.plugin for item in found}
    others = [name for name in manager.names if name not in known and name != "store"]
    if as_json:
        write_json(
            {
                "integrations": [asdict(item) for item in found],
                "stores": [
                    {"name": f.name, "schemes": f.schemes, "description": f.description}
                    for f in stores.values()
                ],
                "others": others,
                "problems": [asdict(problem) for problem in manager.problems],
            }
        )
        return
    screen = app.screen
    blocks = [_integration_lines(found, screen)]
    rows: list[Row] = [
        [f.name, ", ".join(f"{s}://" for s in f.schemes), f.description] for f in stores.values()
    ]
    columns = [Column("store"), Column("URLs"), Column("", shrink_to=20)]
    blocks.append(table_lines(columns, rows, screen))
    if others:
        blocks.append([f"other plugins: {', '.join(others)}"])
    broken: list[Row] = [
        [Cell(p.plugin, {"fg": "red", "bold": True}), formats.clean(p.reason)]
        for p in manager.problems
    ]
    blocks.append(table_lines([Column("out of service"), Column("")], broken, screen))
    write("\n\n".join("\n".join(block) for block in blocks if block))


def find_integrations(
    manager: Plugins, disabled: Sequence[str] = (), *, hardware: bool = True
) -> list[Found]:
    """Return all integrations on offer: ready ones first, then by name."""
    owners = distributions()
    off = {*disabled, *(() if hardware else ("hardware",))}
    found = [_judge(plugin, item, owners, off) for plugin, item in manager.integrations()]
    states = list(STYLES)
    return sorted(found, key=lambda item: (states.index(item.state), item.name))


def _judge(plugin: str, item: Integration, owners: dict[str, str], off: set[str]) -> Found:
    verdict = versions.judge(item.supports, item.framework)
    if not verdict.installed:
        state, reason = ABSENT, ""
    elif not verdict.fits:
        state, reason = UNSUPPORTED, verdict.reason
    elif off & {item.name, plugin}:
        state, reason = DISABLED, "switched off in the settings"
    else:
        state, reason = READY, verdict.reason
    return Found(
        item.name,
        item.framework,
        item.supports,
        verdict.version,
        state,
        reason,
        plugin,
        owners.get(plugin, ""),
        item.description,
    )


def distributions() -> dict[str, str]:
    """Return plugin -> "distribution version" that brings it."""
    return {
        point.name: f"{point.dist.name} {point.dist.version}"
        for point in importlib.metadata.entry_points(group=GROUP)
        if point.dist is not None
    }


def _integration_lines(found: Sequence[Found], screen: Screen) -> list[str]:
    rows: list[Row] = [
        [
            Cell(item.name, {"bold": True}),
            Cell(item.state, STYLES[item.state]),
            item.version,
            item.supports or ("any" if item.framework else screen.pick("–", "-")),
            item.distribution,
            Cell(item.reason or item.description, {"dim": not item.reason}),
        ]
        for item in found
    ]
    columns = [
        Column("integration"),
        Column("state"),
        Column("version"),
        Column("supports", shrink_to=14, keep=8),
        Column("from", keep=6),
        Column("", shrink_to=20, keep=7),
    ]
    return table_lines(columns, rows, screen)
