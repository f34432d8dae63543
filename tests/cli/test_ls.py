"""``epochlog ls``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Call = Callable[..., Result]


def names(output: str) -> list[str]:
    """Return the second column of a table: the names."""
    return [line.split()[2] for line in output.splitlines()[1:]]


def test_newest_first_with_results(call: Call, filled: Path) -> None:
    """Runs at the top level come newest first with status, time, model and the best metrics."""
    found = call("ls")
    assert names(found.output) == ["search", "broken", "worse", "base"]
    header, search, broken, _, base = found.output.splitlines()
    assert header.split()[:5] == ["status", "name", "started", "took", "runs"]
    assert {"experiment", "model", "test/accuracy", "val/loss.best", "tags"} <= set(header.split())
    assert "✘ failed" in broken
    assert "  3  " in search
    assert base.rstrip().endswith("baseline, vision")
    assert "0.91" in base


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["params.lr < 0.01"], ["base"]),
        (["--where", 'metrics["test/accuracy"].last >= 0.5'], ["worse", "base"]),
        (["params.lr > 0", "-w", "metrics['val/loss'].min < 1"], ["base"]),
        (["--status", "failed", "--status", "lost"], ["broken"]),
        (["--tag", "vision", "--tag", "baseline"], ["base"]),
        (["--experiment", "second"], ["worse"]),
        (["--since", "1h", "-n", "2"], ["search", "broken"]),
        (["--since", "2020-01-01", "--experiment", "second"], ["worse"]),
        (["--order", "name"], ["base", "broken", "search", "worse"]),
        (["-o", "-metrics[\"test/accuracy\"].last", "-n", "1"], ["base"]),
        (["--children", "kind == 'candidate'", "-o", "name", "-c", "status,name"], ["candidate"] * 3),
    ],
)  # fmt: skip
def test_filters_and_orders(call: Call, filled: Path, args: list[str], expected: list[str]) -> None:
    """Filters combine, short forms included, and orders hold."""
    found = call("ls", *args)
    assert found.exit_code == 0, found.output
    assert names(found.stdout) == expected


def test_more_runs_are_mentioned(call: Call, filled: Path) -> None:
    """What the limit leaves out is counted on standard error; --all shows it."""
    assert "3 more" in call("ls", "-n", "1").stderr
    assert call("ls", "--all").stderr == ""


def test_columns_of_ones_own(call: Call, filled: Path) -> None:
    """Columns name fields, params, and statistics of metrics with their steps; globs stand for many."""
    found = call("ls", "base", "-c", "x")
    assert found.exit_code == 1
    found = call(
        "ls",
        "name == 'base'",
        "-c",
        'name,params.lr,metrics.val/loss.min,metrics["val/loss"].min.step,params.b*',
    )
    assert found.stdout.splitlines() == [
        "name  lr     val/loss.min  val/loss.min.step  batch_size",
        "base  0.001           0.5                 30          64".replace("          64", "  64"),
    ]


def test_unknown_column_names_near_ones(call: Call, filled: Path) -> None:
    """A mistyped column is an error that knows what was meant."""
    found = call("ls", "-c", "nmae")
    assert found.exit_code == 1
    assert "did you mean 'name'" in found.stderr


def test_tree_shows_what_is_inside(call: Call, filled: Path) -> None:
    """--tree lists nested runs below their parents, indented."""
    lines = call("ls", "name == 'search'", "--tree", "-c", "name,kind").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["name", "search", "└", "└", "└"]
    assert "candidate 0" in lines[2]


def test_nested_matches_are_mentioned(call: Call, filled: Path) -> None:
    """A filter that only nested runs match says so, instead of an empty list."""
    found = call("ls", "kind == 'candidate'")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "3 nested runs do: add --children" in found.stderr


def test_nothing_matches(call: Call, filled: Path) -> None:
    """An empty result is no error; the message goes to standard error."""
    found = call("ls", "params.lr > 100")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "no runs match" in found.stderr


def test_json_has_everything(call: Call, filled: Path) -> None:
    """JSON gives params and metrics with their types, steps and counts."""
    [base] = json.loads(call("ls", "name == 'base'", "--json").stdout)
    assert base["params"] == {
        "lr": 0.001,
        "batch_size": 64,
        "model_class": "Net",
        "layers": [64, 32],
    }
    assert base["metrics"]["val/loss"]["min"] == 0.5
    assert base["metrics"]["val/loss"]["min_step"] == 30
    assert base["tags"] == ["baseline", "vision"]
    assert base["started"].endswith("+00:00")
    [search] = json.loads(call("ls", "name == 'search'", "--json").stdout)
    assert search["children"] == 3


def test_a_terminal_is_never_overrun(
    terminal: Callable[..., tuple[str, int]], filled: Path
) -> None:
    """In a terminal no line is wider than it is, and statuses have colours."""
    import click

    for width in (60, 80, 120):
        output, code = terminal(width, "ls")
        assert code == 0
        lines = click.unstyle(output).splitlines()
        assert max(map(len, lines)) <= width
        assert all(
            any(name in line for line in lines) for name in ("search", "broken", "worse", "base")
        )
    assert "\x1b[32m✔ completed" in output


def test_no_color(terminal: Callable[..., tuple[str, int]], filled: Path) -> None:
    """NO_COLOR and a dumb terminal get no escape sequences."""
    assert "\x1b" not in terminal(80, "ls", NO_COLOR="1")[0]
    assert "\x1b" not in terminal(80, "ls", TERM="dumb")[0]


def test_a_pipe_gets_plain_whole_lines(
    shell: Callable[..., subprocess.CompletedProcess[str]], call: Call, filled: Path
) -> None:
    """Into a pipe go no colours, no tabs and no cut names, however narrow COLUMNS says it is."""
    from epochlog import start_run

    with start_run("a-name-" + "x" * 200):
        pass
    output = shell("ls", COLUMNS="40").stdout
    assert "x" * 200 in output
    assert "\x1b" not in output
    assert "\t" not in output
    assert "\x1b[" in shell("ls", FORCE_COLOR="1").stdout


def test_names_cannot_drive_the_terminal(call: Call, store: Path) -> None:
    """Control characters in names and tags are shown escaped."""
    from epochlog import flush, start_run

    with start_run("evil\x1b[2J\nname", tags=["a\rb"]):
        pass
    flush()
    found = call("ls")
    assert "evil\\x1b[2J\\nname" in found.output
    assert "\x1b" not in found.output
    assert "a\\rb" in found.output


def test_same_names_are_told_apart(call: Call, store: Path) -> None:
    """Where names repeat, the ends of ids are shown, and these find the runs."""
    from epochlog import flush, start_run

    ids = []
    for _ in range(2):
        with start_run("twin") as run:
            ids.append(run.id)
    flush()
    output = call("ls").output
    assert all(each[-8:] in output for each in ids)
    assert ids[0] in call("show", ids[0][-8:]).output
