"""Short tables of runs for terminals and notebooks; takes `RunView` objects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any

METRICS_MAX = 4
CELL_MAX_CHARS = 28


def short_duration(duration: timedelta | None) -> str:
    """Return "0.3s", "42s", "3m10s", "2h05m" or "3d04h"; "" for None."""
    if duration is None:
        return ""
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def table(runs: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """Return header and rows: name, status, started, duration and the commonest metrics."""
    counts: dict[str, int] = {}
    for each in runs:
        for name in each.metrics:
            counts[name] = counts.get(name, 0) + 1
    metrics = sorted(counts, key=lambda name: (-counts[name], name))[:METRICS_MAX]
    header = ["name", "status", "started (UTC)", "took", *metrics, "id"]
    rows = [
        [
            each.name,
            each.status,
            f"{each.started:%Y-%m-%d %H:%M}" if each.started else "",
            short_duration(each.duration),
            *(f"{each.metrics[m].last:.5g}" if m in each.metrics else "" for m in metrics),
            each.id[-12:],
        ]
        for each in runs
    ]
    return header, rows


def runs_text(runs: Sequence[Any], total: int) -> str:
    """Return the runs as a plain table."""
    if not runs:
        return "no runs"
    header, rows = table(runs)
    cut = [[_cut(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cut
    ]
    if total > len(runs):
        lines.append(f"… {total - len(runs):,} more")
    return "\n".join(lines)


def runs_html(runs: Sequence[Any], total: int) -> str:
    """Return the runs as an HTML table."""
    header, rows = table(runs)
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    more = f"<p>{total - len(runs):,} more</p>" if total > len(runs) else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def run_html(run: Any) -> str:
    """Return one run as an HTML table of its params and metrics."""
    lines = [
        ("status", run.status),
        ("started", f"{run.started:%Y-%m-%d %H:%M:%S} UTC" if run.started else ""),
        ("took", short_duration(run.duration)),
        ("tags", ", ".join(run.tags)),
        *((f"params.{name}", repr(value)) for name, value in run.params.items()),
        *((f"metrics.{name}", f"{m.last:.6g}") for name, m in run.metrics.items()),
    ]
    body = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in lines)
    return f"<b>{escape(run.name)}</b> <code>{escape(run.id)}</code><table>{body}</table>"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CELL_MAX_CHARS else line[: CELL_MAX_CHARS - 1] + "…"
