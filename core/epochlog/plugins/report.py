"""Say which integrations are on, waiting or off, and why; the object that ``autolog()`` returns."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from epochlog.plugins import versions
from epochlog.plugins.activation import NOT_INSTALLED, OFF, WAITING, Armed
from epochlog.plugins.manager import Problem


@dataclass(frozen=True, slots=True)
class ReportItem:
    """One integration's line.

    Attributes:
        name: the integration's name.
        state: "on", "waiting" (for the import of its framework) or "off".
        reason: why it is off or waiting; "" if there is nothing to say.
        version: version of the framework, "" if unknown or not looked up.
        plugin: the plugin that offers it.
        description: the integration's own one-liner.
        supports: the requirement that the framework's version is held against.
    """

    name: str
    state: str
    reason: str = ""
    version: str = ""
    plugin: str = ""
    description: str = ""
    supports: str = ""


class Report:
    """What records right now. A live view: states are looked up when it is shown.

    It prints nothing by itself; a REPL or notebook that echoes it shows a short table.

    Args:
        store: where runs are recorded, for people.
        armed: returns the integrations and their states.
        problems: returns what is wrong with plugins.
    """

    def __init__(
        self,
        store: str,
        armed: Callable[[], Sequence[Armed]],
        problems: Callable[[], Sequence[Problem]] = tuple,
    ) -> None:
        self.store = store
        self._armed = armed
        self._problems = problems

    @property
    def items(self) -> list[ReportItem]:
        """All integrations: first those that are on, then waiting, then off; by name."""
        order = ("on", "waiting", "off")
        items = [describe(item) for item in self._armed()]
        return sorted(items, key=lambda item: (order.index(item.state), item.name))

    @property
    def problems(self) -> list[Problem]:
        """Plugins that are (partly) out of service."""
        return list(self._problems())

    def __getitem__(self, name: str) -> ReportItem:
        for item in self.items:
            if item.name == name:
                return item
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(item.name == name for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: ``{"store": …, "items": […], "problems": […]}``."""
        return {
            "store": self.store,
            "items": [asdict(item) for item in self.items],
            "problems": [asdict(problem) for problem in self.problems],
        }

    def __repr__(self) -> str:
        rows, absent = self._rows()
        widths = [max((len(row[i]) for row in rows), default=0) for i in (0, 1)]
        lines = [f"epochlog records to {self.store}"]
        lines += [f"  {s:<{widths[0]}}  {n:<{widths[1]}}  {why}".rstrip() for s, n, why in rows]
        if absent:
            lines.append(f"  not installed: {', '.join(absent)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows, absent = self._rows()
        cells = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(c)}</td>' for c in row)
            + "</tr>"
            for row in rows
        )
        tail = f"<div>not installed: {html.escape(', '.join(absent))}</div>" if absent else ""
        head = f"epochlog records to <code>{html.escape(self.store)}</code>"
        return f"<div>{head}<table>{cells}</table>{tail}</div>"

    def _rows(self) -> tuple[list[tuple[str, str, str]], list[str]]:
        """Return ``(state, name and version, reason)`` rows, and names not installed."""
        items = self.items
        absent = [item.name for item in items if item.reason == NOT_INSTALLED]
        rows = [
            (item.state, f"{item.name} {item.version}".rstrip(), item.reason)
            for item in items
            if item.reason != NOT_INSTALLED
        ]
        rows += [("problem", problem.plugin, problem.reason) for problem in self.problems]
        return rows, absent


def describe(item: Armed) -> ReportItem:
    """Return an integration's line; a framework that has not arrived is looked up, not imported."""
    integration, state, reason, version = item.integration, item.state, item.reason, item.version
    if state == WAITING:
        verdict = versions.judge(integration.supports, integration.framework)
        version = verdict.version
        if verdict.fits:
            reason = f"until {integration.trigger or integration.framework} is imported"
        else:
            state, reason = OFF, verdict.reason if verdict.installed else NOT_INSTALLED
    if item.notes:
        left = (
            item.notes[0]
            if len(item.notes) == 1
            else f"{item.notes[0]} (and {len(item.notes) - 1} more)"
        )
        reason = f"{reason}; {left}" if reason else left
    return ReportItem(
        name=integration.name,
        state=state,
        reason=reason,
        version=version,
        plugin=item.plugin,
        description=integration.description,
        supports=integration.supports,
    )


def integrations_table(items: Sequence[ReportItem]) -> str:
    """Return the Markdown table of integrations for the READMEs, from their declarations alone."""
    lines = ["| integration | supported versions | records |", "|---|---|---|"]
    for item in sorted(items, key=lambda item: item.name):
        supports = " or ".join(
            f"`{part.strip()}`" for part in item.supports.split("|") if part.strip()
        )
        lines.append(f"| `{item.name}` | {supports or 'any'} | {item.description} |")
    return "\n".join(lines) + "\n"
