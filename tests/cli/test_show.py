"""``epochlog show``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

import epochlog
from epochlog.cli.show import SECTIONS

Call = Callable[..., Result]


def section(output: str, name: str) -> list[str]:
    """Return the lines of one section, without indentation."""
    blocks = output.split("\n\n")
    [block] = [block for block in blocks if block.splitlines()[0] == name]
    return [line.strip() for line in block.splitlines()[1:]]


def test_header_tells_what_it_is(call: Call, filled: Path) -> None:
    """Name, status, time, tags, note and id come first."""
    lines = call("show", "base").output.splitlines()
    assert lines[0] == "base  ✔ completed"
    head = "\n".join(lines[:8])
    assert "experiment default" in head
    assert "tags baseline, vision" in head
    assert "  The *first* one." in head


def test_results_and_curves(call: Call, filled: Path) -> None:
    """Single points are results; curves have last, best with its step, bounds, points and a picture."""
    output = call("show", "base").output
    assert section(output, "results") == ["test/accuracy  0.91"]
    header, val, train = section(output, "metrics")
    assert header.split() == ["last", "best", "at", "step", "min", "max", "points", "curve"]
    assert val.split()[:7] == ["val/loss", "0.90111", "0.5", "30", "0.5", "1.5", "50"]
    assert train.endswith("█▃▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁")


def test_things_are_listed(call: Call, filled: Path) -> None:
    """Params, data sets, models, artifacts, plots, texts, hardware and notices have their sections."""
    output = call("show", "base").output
    assert "lr           0.001" in section(output, "params")
    assert section(output, "datasets")[0].startswith("train  tiny  2 × 2")
    assert section(output, "models")[0].startswith("model  v1  bytes  7 B")
    assert section(output, "artifacts")[0].startswith("report.html  v1")
    assert "12 of 15 right; rows: true, columns: predicted" in section(output, "plots")
    assert section(output, "texts") == ["summary", "two lines", "of text"]
    assert section(output, "system")[2].split() == ["process/memory", *["3.0", "MiB"] * 3]
    assert section(output, "notices") == ["warning budget: the data set was sampled"]


def test_hardware_in_windows_is_one_line_a_quantity(
    call: Call, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Extremes within windows are in their quantity's line; a total has its last value alone."""
    monkeypatch.setenv("EPOCHLOG_HARDWARE", "0")
    with epochlog.start_run("windows") as run:
        for hours, low, mean, high in ((0.1, 1, 20, 30), (0.5, 5, 40, 90)):
            values = {"machine/cpu_percent": mean, "total/cpu_hours": hours}
            run.log_system_metrics(
                values | {"machine/cpu_percent.min": low, "machine/cpu_percent.max": high}
            )
    epochlog.flush()
    lines = section(call("show", "windows").output, "system")

    assert [line.split() for line in lines[1:3]] == [
        ["total/cpu", "30m00s"],
        ["machine/cpu", "1", "%", "30", "%", "90", "%"],
    ]


def test_empty_sections_are_left_out(call: Call, filled: Path) -> None:
    """A run without artifacts, plots or children shows no such heading."""
    output = call("show", "worse").output
    for name in ("artifacts", "plots", "texts", "traceback"):
        assert f"\n{name}\n" not in output


def test_failure_shows_its_traceback(call: Call, filled: Path) -> None:
    """A failed run shows the end of its traceback, and nothing in it drives the terminal."""
    output = call("show", "broken").output
    assert "✘ failed" in output
    assert section(output, "traceback")[-1] == "ValueError: no such \\x1b[31mlayer"
    assert "\x1b" not in output


def test_children_are_sorted_by_rank(call: Call, filled: Path) -> None:
    """A search lists its candidates, the best first, with the params that differ."""
    header, *rows = section(call("show", "search").output, "3 candidates")
    assert header.split() == ["status", "name", "took", "C", "rank", "cv/accuracy.mean"]
    assert [row.split()[3] for row in rows] == ["1", "2", "0"]
    assert rows[0].split()[-3:] == ["10", "1", "0.9"]
    child = call("show", "candidate 1").output
    assert "part of search (search), number 1" in child


def test_last_and_ids_find_runs(call: Call, filled: Path) -> None:
    """``last``, ``last~2``, an id, its beginning and its end mean a run."""
    runs = json.loads(call("ls", "--json").stdout)
    first = [
        call("show", ref).output.split()[0]
        for ref in ("last", "last~2", runs[3]["id"], runs[3]["id"][-8:])
    ]
    assert first == ["search", "worse", "base", "base"]
    found = call("show", "last~99")
    assert found.exit_code == 3
    assert "has only 4 runs" in found.stderr


@pytest.mark.parametrize("name", list(SECTIONS))
@pytest.mark.parametrize("full", [False, True])
def test_each_section_alone(call: Call, filled: Path, name: str, full: bool) -> None:
    """--section shows that part without the header, short or in full."""
    for ref in ("base", "broken", "search"):
        found = call("show", ref, "--section", name, *(["--full"] if full else []))
        assert found.exit_code == 0, found.output
        assert "experiment default" not in found.output


def test_json_is_complete(call: Call, filled: Path) -> None:
    """JSON holds every section; --section picks some."""
    record = json.loads(call("show", "base", "--json").stdout)
    assert record["datasets"][0]["schema"]["shape"] == [2, 2]
    assert record["plots"][0]["data"]["importance"] == {"gain": [3.0, 1.0]}
    assert record["environment"]["python"]["version"]
    assert set(json.loads(call("show", "base", "--json", "-s", "params").stdout)) == {"params"}


def test_nan_is_shown(call: Call, filled: Path) -> None:
    """A curve with NaN says how many, and its picture has a gap."""
    header, _, train = section(call("show", "worse").output, "metrics")
    assert header.split()[-1] == "NaN"
    assert train.split() == ["train/loss", "nan", "0.9", "0", "0.9", "0.9", "2", "▄×", "1"]


def test_long_lists_are_cut_and_said_so(call: Call, store: Path) -> None:
    """Many params are cut with a count; --full shows all."""
    from epochlog import flush, start_run

    with start_run("wide") as run:
        run.log_params({f"p{i:03}": i for i in range(60)})
    flush()
    assert section(call("show", "wide").output, "params")[-1] == "and 36 more (--full)"
    assert len(section(call("show", "wide", "--full").output, "params")) == 60


def test_terminals_of_any_width(terminal: Callable[..., tuple[str, int]], filled: Path) -> None:
    """Tables fit the terminal; numbers are never cut."""
    for width in (60, 80, 120):
        output, code = terminal(
            width, "show", "base", "-s", "metrics", "-s", "params", "-s", "models"
        )
        assert code == 0
        assert max(len(line) for line in click.unstyle(output).splitlines()) <= width
        assert "0.90111" in output
