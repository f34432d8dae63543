"""The parts of ``epochlog show`` about things: data, models, files, relatives, surroundings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.cli import formats
from epochlog.cli.children import children_counts
from epochlog.cli.columns import Spec, cell_of, column_of
from epochlog.cli.highlights import highlights
from epochlog.cli.plotting import plot_lines
from epochlog.cli.screen import Screen
from epochlog.cli.tables import Cell, Column, Row, table_lines
from epochlog.query.artifacts import ArtifactView
from epochlog.query.run_view import RunView

CHILDREN_SHOWN, ARTIFACTS_SHOWN, NOTICES_SHOWN, TEXT_LINES = 10, 12, 8, 6
VARYING_SHOWN = 4
TRACEBACK_LINES = 8
DIGEST_CHARS = 12


def datasets_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the data sets that the run saw."""
    rows: list[Row] = []
    for each in run.datasets:
        sampled = "" if each.meta.get("complete", True) else "by sample"
        name = "" if each.name == each.role else formats.clean(each.name)
        digest = each.digest if full else each.digest[:DIGEST_CHARS]
        kind = formats.clean(str(each.schema.get("type") or each.format))
        rows.append(
            [
                each.role,
                name,
                _shape(each),
                kind,
                formats.size(each.size),
                Cell(digest, {"dim": True}),
                sampled,
            ]
        )
    columns = [
        Column(""),
        Column("", shrink_to=12),
        Column(""),
        Column("", shrink_to=8, keep=6),
        Column("", right=True, keep=7),
        Column("", keep=8),
        Column("", keep=5),
    ]
    return table_lines(columns, rows, screen, indent="  ")


def _shape(each: ArtifactView) -> str:
    shape = each.schema.get("shape") or []
    return " × ".join(f"{length:,}" if isinstance(length, int) else str(length) for length in shape)


def models_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the models that the run produced."""
    return _artifact_table(run.models, screen, full)


def artifacts_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return what else the run produced, and what it used besides data and code."""
    others = [each for each in run.artifacts if each.type != "model"]
    used = [each for each in run.inputs if each.type not in ("dataset", "code")]
    return _artifact_table([*others, *used], screen, full)


def _artifact_table(items: Sequence[ArtifactView], screen: Screen, full: bool) -> list[str]:
    shown = items if full else items[:ARTIFACTS_SHOWN]
    rows: list[Row] = [
        [
            formats.clean(each.name) + ("/" if each.files else ""),
            f"v{each.version}",
            "used"
            if each.direction == "in"
            else ""
            if each.type in ("file", "model")
            else each.type,
            formats.clean(each.format),
            formats.size(each.size),
            Cell("" if each.state == "live" else each.state, {"fg": "yellow"}),
            ", ".join(map(formats.clean, each.aliases)),
            Cell(formats.clean(each.serializer), {"dim": True}),
        ]
        for each in shown
    ]
    columns = [
        Column("", shrink_to=12),
        Column(""),
        Column("", keep=8),
        Column("", keep=7),
        Column("", right=True, keep=8),
        Column("", keep=9),
        Column("", shrink_to=6, keep=5),
        Column("", shrink_to=10, keep=4),
    ]
    lines = table_lines(columns, rows, screen, indent="  ")
    rest = len(items) - len(shown)
    return [*lines, f"  and {rest:,} more (--full)"] if rest > 0 else lines


def plots_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the plots, the last of each key, drawn with letters."""
    lines: list[str] = []
    for name in run.plots.keys():  # noqa: SIM118 - a list with keys()
        plot = run.plots[name]
        times = sum(each.key == name for each in run.plots)
        title = screen.style(formats.clean(name), bold=True)
        kind = "" if plot.kind in name else f"  {formats.clean(plot.kind)}"
        drawn = plot_lines(plot.kind, plot.data, screen, full=full)
        many = f"  (last of {times})" if times > 1 else ""
        if len(drawn) == 1:
            lines.append(f"  {title}{kind}{many}  {drawn[0].strip()}")
        else:
            lines += [f"  {title}{kind}{many}", *drawn]
    return lines


def children_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the nested runs with what differs between them; searches are sorted by rank."""
    below = run.children()
    rank = next((n for child in below for n in child.metrics if n.endswith(".rank")), "")
    if rank:
        below.sort(
            key=lambda each: each.metrics[rank].last if rank in each.metrics else float("inf")
        )
    shown = below if full else below[:CHILDREN_SHOWN]
    counts = children_counts(run._reader, [child.id for child in shown])
    specs = [
        Spec("", "status"),
        Spec("", "name"),
        Spec("", "duration", keep=5),
        Spec("", "children", keep=3),
    ]
    specs += [Spec("params", name, title=formats.clean(name)) for name in _varying(below)]
    specs += [Spec("metrics", rank, title="rank", keep=9)] if rank else []
    names = highlights([child for child in below if child.metrics], 3)
    specs += [Spec("metrics", n, title=formats.clean(n), keep=8 - i) for i, n in enumerate(names)]
    rows: list[Row] = [
        [cell_of(spec, child, counts.get(child.id, 0), screen) for spec in specs] for child in shown
    ]
    lines = table_lines([column_of(spec) for spec in specs], rows, screen, indent="  ")
    rest = len(below) - len(shown)
    return [*lines, f"  and {rest:,} more (--full)"] if rest > 0 else lines


def _varying(runs: Sequence[RunView]) -> list[str]:
    """Return the params that differ between runs, if there are not too many of them."""
    names = sorted({name for run in runs for name in run.params})
    found = [name for name in names if len({repr(run.params.get(name)) for run in runs}) > 1]
    return found[:VARYING_SHOWN]


def texts_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return logged texts, of long ones the beginning."""
    lines: list[str] = []
    for each in run.texts:
        at = "" if each.step is None else f" at step {formats.number(each.step)}"
        lines.append("  " + screen.style(formats.clean(each.key), bold=True) + at)
        body = formats.clean_lines(each.text).splitlines()
        lines += [f"    {line}" for line in (body if full else body[:TEXT_LINES])]
        if not full and len(body) > TEXT_LINES:
            lines.append(f"    … {len(body) - TEXT_LINES} more lines (--full)")
    return lines


def notices_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return what was skipped, failed or lost in recording."""
    colors = {"error": {"fg": "red"}, "warning": {"fg": "yellow"}}
    shown = run.notices if full else run.notices[-NOTICES_SHOWN:]
    lines = [
        f"  {screen.style(each.level, **colors.get(each.level, {}))} {formats.clean(each.source)}: "
        f"{formats.clean(each.text)}"
        for each in shown
    ]
    rest = len(run.notices) - len(shown)
    return [f"  {rest:,} earlier ones (--full)", *lines] if rest else lines


def environment_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return interpreter, machine and the packages that matter; with ``full`` everything."""
    if full:
        return _pairs(_flat(run.environment), screen)
    facts = run.environment
    python, machine, packages = (facts.get(n) or {} for n in ("python", "machine", "packages"))
    parts = [
        f"Python {python.get('version')}" if python else "",
        str((facts.get("platform") or {}).get("distribution", "")),
        str(machine.get("cpu", "")),
        formats.plural(machine["cpu_usable"], "core") if "cpu_usable" in machine else "",
        formats.size(machine.get("memory_bytes")),
    ]
    lines = ["  " + formats.clean(", ".join(part for part in parts if part))]
    main = [n for n in (_distribution(run.source), "numpy") if n and n in packages]
    if packages:
        known = [f"{name} {packages[name]}" for name in main]
        rest = f"{len(packages) - len(main)} more packages"
        lines.append(f"  {formats.clean(', '.join(known))}{' and ' if known else ''}{rest}")
    return [line for line in lines if line.strip()]


def _distribution(source: str) -> str:
    return {"sklearn": "scikit-learn"}.get(source, source)


def code_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return script, arguments, commit."""
    if full:
        from epochlog.query.compare import code_facts

        return _pairs(code_facts(run), screen)
    git = run.code.get("git") or {}
    lines = []
    if argv := run.code.get("argv"):
        lines.append("  " + formats.clean(" ".join(map(str, argv)).split("\n")[0]))
    if directory := run.code.get("working_directory"):
        lines.append(f"  in {formats.clean(str(directory))}")
    if git.get("commit"):
        dirty = (
            f", {formats.plural(int(git.get('changed') or 0), 'file')} changed"
            if git.get("dirty")
            else ""
        )
        lines.append(
            f"  git {git['commit'][:10]} on {formats.clean(str(git.get('branch')))}{dirty}"
        )
    width = screen.columns(10_000)
    return [formats.cut(line, width, screen.pick("…", "~")) for line in lines]


def traceback_lines(run: RunView, screen: Screen, full: bool) -> list[str]:
    """Return the end of the traceback that ended the run."""
    lines = formats.clean_lines(run.traceback).splitlines()
    shown = lines if full else lines[-TRACEBACK_LINES:]
    style = {"fg": "red"}
    cut = (
        [f"  … {len(lines) - len(shown)} lines before (--full)"] if len(shown) < len(lines) else []
    )
    return cut + ["  " + screen.style(line, **style) for line in shown]


def _pairs(facts: Mapping[str, Any], screen: Screen) -> list[str]:
    rows: list[Row] = [[formats.clean(name), formats.param(value)] for name, value in facts.items()]
    return table_lines(
        [Column(""), Column("")], rows, Screen(None, screen.color, screen.rich), indent="  "
    )


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    from epochlog.query.compare import flat

    return flat(data)
